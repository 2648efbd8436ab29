"""The case: who would do what, where on the body, in which place, on which day, to which client."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from handrail.law import has, jurisdictions
from handrail.safety import contraindications, known_finding
from handrail.terms import PROFESSIONS, REGIONS, SITES, STEPS, TECHNIQUES, InputError, did_you_mean, known

#: What a licence's status can be. Everything but ``active`` and ``unknown`` stops its holder.
STATUSES = ("active", "inactive", "expired", "lapsed", "suspended", "revoked", "surrendered", "unknown")

#: No age is higher: a larger number is a year or a slip.
OLDEST = 130

Words = Iterable[str]


def _ids(given: Words | str, what: str) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InputError(f"{what} must be a list, not the text {given!r}", hint=f"Write [{given!r}]")
    return tuple(dict.fromkeys(given))


def parse_day(given: date | str, what: str = "day") -> date:
    """A day, from a date or from ``YYYY-MM-DD``; raises InputError if it is none."""
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        if not isinstance(given, str) or len(given) != 10:
            raise ValueError
        return date.fromisoformat(given)
    except ValueError:
        raise InputError(f"{given!r} is not a {what}", hint="Write it as YYYY-MM-DD") from None


class Period(NamedTuple):
    """The day or days that a case is about: a day, or a whole month or year.

    >>> Period.of("2020-02").last
    datetime.date(2020, 2, 29)
    """

    first: date
    last: date
    text: str

    @staticmethod
    def of(given: date | str | Period | None) -> Period:
        """A period from a date, ``YYYY-MM-DD``, ``YYYY-MM``, ``YYYY``, a period, or None (today, local time).

        Raises:
            InputError: if it is none of these.
        """
        if given is None:
            given = date.today()  # noqa: DTZ011  (the user's own day is meant)
        return given if isinstance(given, Period) else _period(given)

    @staticmethod
    def between(first: date, last: date) -> Period:
        """All days from a first to a last one, both included, as a claim line has them.

        Raises:
            InputError: if the last lies before the first.
        """
        if last < first:
            raise InputError(f"a period ends ({last}) before it begins ({first})")
        return _period(first) if first == last else Period(first, last, f"{first} to {last}")


@lru_cache(maxsize=4096)
def _period(given: date | str) -> Period:
    if isinstance(given, datetime):
        given = given.date()  # a time of day is easily given for its day
    if isinstance(given, date):
        return Period(given, given, given.isoformat())
    try:
        digits = isinstance(given, str) and given.isascii() and given.replace("-", "").isdigit()
        parts = [int(part) for part in given.split("-")] if digits else []
        match [len(part) for part in given.split("-")] if digits else []:
            case [4]:
                return Period(date(parts[0], 1, 1), date(parts[0], 12, 31), given)
            case [4, 2]:
                last = monthrange(parts[0], parts[1])[1]
                return Period(date(parts[0], parts[1], 1), date(parts[0], parts[1], last), given)
            case [4, 2, 2]:
                day = date(parts[0], parts[1], parts[2])
                return Period(day, day, given)
    except (ValueError, IndexError):
        pass
    raise InputError(f"{given!r} is not a day", hint="Write it as YYYY-MM-DD, YYYY-MM or YYYY")


@dataclass(frozen=True, slots=True)
class Credential:
    """What a practitioner holds. What is not given is assumed (valid, of this place, full register) and said.

    Args:
        profession: a profession's id; ``unlicensed_person`` is one.
        jurisdiction: the ISO 3166-2 code of the place that issued it.
        register_class: such as ``full`` or ``provisional``.
        status: one of STATUSES.
        valid_from, valid_to: first and last day, both included; a date or ``YYYY-MM-DD``.
        compact: the compact under which a credential of another place is used, if any.
        endorsements: ids of endorsements, rosters, attestations, authorizations and certifications held.
        training: hours by subject id.

    Raises:
        InputError: for a profession, status, date or number of hours that is not one.
    """

    profession: str
    jurisdiction: str | None = None
    register_class: str | None = None
    status: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    compact: str | None = None
    endorsements: tuple[str, ...] = ()
    training: Mapping[str, float] = field(default_factory=dict)
    #: Whether only the profession is given.
    bare: bool = field(init=False, repr=False, compare=False)

    if TYPE_CHECKING:  # what may be given is wider than what is kept

        def __init__(
            self,
            profession: str,
            jurisdiction: str | None = None,
            register_class: str | None = None,
            status: str | None = None,
            valid_from: date | str | None = None,
            valid_to: date | str | None = None,
            compact: str | None = None,
            endorsements: Iterable[str] = (),
            training: Mapping[str, float] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        known("profession", self.profession, PROFESSIONS)
        if self.jurisdiction is not None and not has(self.jurisdiction):
            raise InputError(
                f"{self.jurisdiction!r}, the credential's place, is not a jurisdiction that Handrail knows",
                hint=did_you_mean(self.jurisdiction, jurisdictions()),
            )
        if self.status is not None:
            known("status of a licence", self.status, STATUSES)
        for name in ("valid_from", "valid_to"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, parse_day(given))
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise InputError(f"a credential ends ({self.valid_to}) before it begins ({self.valid_from})")
        object.__setattr__(self, "endorsements", _ids(self.endorsements, "endorsements"))
        if not isinstance(self.training, Mapping):
            raise InputError("training must be hours by subject", hint='Write {"subject": 40}')
        for subject, hours in self.training.items():
            if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 <= hours < 1e6:
                raise InputError(f"training in {subject}: {hours!r} is not a number of hours")
        given = (self.jurisdiction, self.register_class, self.status, self.valid_from, self.valid_to, self.compact)
        only = not (any(given) or self.endorsements or self.training)
        object.__setattr__(self, "bare", only)

    def as_dict(self) -> dict[str, Any]:
        """The credential as plain data."""
        return {
            "profession": self.profession,
            "jurisdiction": self.jurisdiction,
            "register_class": self.register_class,
            "status": self.status,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "compact": self.compact,
            "endorsements": list(self.endorsements),
            "training": dict(self.training),
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found about the client.

    Args:
        id: the id of a contraindication or a red flag.
        site: where it sits: a region, or ``head``, ``chest``, ``abdomen``, ``pelvis``. None: not known.
        match: ``broad`` if it comes from a code that also covers other things.

    Raises:
        InputError: for an id or a site that is not known.
    """

    id: str
    site: str | None = None
    match: Literal["exact", "broad"] = "exact"

    def __post_init__(self) -> None:
        known_finding(self.id)
        known("match", self.match, ("exact", "broad"))
        if self.site is None:
            return
        known("site", self.site, (*REGIONS, *SITES))
        row = contraindications().get(self.id)
        if row is not None and not any(row.covers(site) for site in SITES.get(self.site, (self.site,))):
            raise InputError(
                f"{self.id} cannot sit at {self.site}", hint=f"It is listed for: {', '.join(row.regions)}"
            )

    @classmethod
    def of(cls, given: Finding | str) -> Finding:
        """A finding, also from ``acute_fracture`` or ``acute_fracture@extremity``."""
        if isinstance(given, Finding):
            return given
        if not isinstance(given, str):
            raise InputError(f"{given!r} is not a finding", hint="Write its id, or id@site")
        name, at, site = given.partition("@")
        return cls(name.strip(), site.strip() if at else None)

    def __str__(self) -> str:
        return f"{self.id}@{self.site}" if self.site else self.id


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a visit, or of a record.

    Args:
        findings: what was found; ids, ``id@site``, or Finding.
        steps: ids of the steps done; None for a record (a claim line), which does not tell.
        unscreened: ids of contraindications and red flags that could not be screened ("don't know").
        age: in years, if it is known. Alone it asks; only where a source bars an age does it count as a finding.

    Raises:
        InputError: for an id that is not known, or an age that is none.
    """

    findings: tuple[Finding, ...] = ()
    steps: tuple[str, ...] | None = ()
    unscreened: tuple[str, ...] = ()
    age: float | None = None

    def __post_init__(self) -> None:
        if self.age is not None and (
            isinstance(self.age, bool) or not isinstance(self.age, int | float) or not 0 <= self.age <= OLDEST
        ):
            raise InputError(f"{self.age!r} is not an age", hint=f"Give it in years, from 0 to {OLDEST}")
        if isinstance(self.findings, str):
            raise InputError("findings must be a list", hint=f"Write [{self.findings!r}]")
        object.__setattr__(self, "findings", tuple(dict.fromkeys(Finding.of(f) for f in self.findings)))
        object.__setattr__(self, "unscreened", _ids(self.unscreened, "unscreened"))
        for finding in self.unscreened:
            known_finding(finding)
        if self.steps is not None:
            object.__setattr__(self, "steps", _ids(self.steps, "steps"))
            for step in self.steps:
                _known_step(step)


def _known_step(step: str) -> None:
    if step in STEPS:
        return
    from handrail.safety import step_items

    item = next((item for item in step_items() if item.id == step), None)
    if item is not None:
        is_test = item.category.endswith("_test")
        limits = f"; it cannot clear anybody ({item.known_limits})" if is_test and item.known_limits else ""
        raise InputError(f"{step!r} is one item of a step, not a step{limits}", hint=f"Known: {', '.join(STEPS)}")
    raise InputError(f"{step!r} is not a known step", hint=did_you_mean(step, STEPS))


@dataclass(frozen=True, slots=True)
class Case:
    """A question, whole. Without a client it is about the profession, with one about the visit.

    Args:
        jurisdiction: ISO 3166-2 code, such as ``US-FL``.
        technique: ``soft_tissue``, ``mobilization``, ``thrust_spine`` or ``thrust_extremity``.
        credentials: at least one.
        region: a region that the technique has, several of them, or None.
        on: a date, ``YYYY-MM-DD``, ``YYYY-MM``, ``YYYY``, a Period, or None for today (local time).
        client: the client, if the question is about a visit.
        met: ids of needs that somebody confirms to be met.

    Raises:
        InputError: for anything that is not known, with a suggestion.
    """

    jurisdiction: str
    technique: str
    credentials: tuple[Credential, ...]
    region: str | tuple[str, ...] | None = None
    on: date | str | Period | None = None
    client: Client | None = None
    met: tuple[str, ...] = ()

    if TYPE_CHECKING:

        def __init__(
            self,
            jurisdiction: str,
            technique: str,
            credentials: Iterable[Credential],
            region: str | Iterable[str] | None = None,
            on: date | str | Period | None = None,
            client: Client | None = None,
            met: Iterable[str] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        known("technique", self.technique, TECHNIQUES)
        if isinstance(self.credentials, str | Credential):
            raise InputError("credentials must be a list", hint='Write [Credential("chiropractor")]')
        credentials = tuple(self.credentials)
        for held in credentials:
            if not isinstance(held, Credential):
                raise InputError(f"{held!r} is not a Credential", hint=f"Write Credential({held!r})")
        if self.client is not None and not isinstance(self.client, Client):
            raise InputError("client must be a Client", hint="Write Client(findings=[...], steps=[...])")
        if not credentials:
            raise InputError("a case names at least one credential", hint="unlicensed_person is one")
        object.__setattr__(self, "credentials", credentials)
        object.__setattr__(self, "met", _ids(self.met, "met"))
        if self.region is not None and not isinstance(self.region, str):
            object.__setattr__(self, "region", tuple(dict.fromkeys(self.region)) or None)
        for region in self.asked_regions:
            known("region", region, REGIONS)
            if region not in TECHNIQUES[self.technique].regions:
                raise InputError(
                    f"{self.technique} has no region {region}",
                    hint=f"Its regions: {', '.join(TECHNIQUES[self.technique].regions)}",
                )

    @property
    def asked_regions(self) -> tuple[str, ...]:
        """The regions named in the question; empty if none was."""
        if self.region is None:
            return ()
        return (self.region,) if isinstance(self.region, str) else self.region

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions to look at: those asked, or all that the technique has."""
        return self.asked_regions or TECHNIQUES[self.technique].regions

    def as_dict(self) -> dict[str, Any]:
        """The case as understood, as plain data."""
        client = self.client
        return {
            "jurisdiction": self.jurisdiction,
            "technique": self.technique,
            "region": self.region if not isinstance(self.region, tuple) else list(self.region),
            "credentials": [held.as_dict() for held in self.credentials],
            "client": None
            if client is None
            else {
                "findings": [
                    {"id": found.id, "site": found.site, "match": found.match} for found in client.findings
                ],
                "steps": None if client.steps is None else list(client.steps),
                "unscreened": list(client.unscreened),
                "age": client.age,
            },
            "met": list(self.met),
        }
