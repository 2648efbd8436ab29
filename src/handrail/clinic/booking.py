"""The booking check: may this practitioner do this service to this client then, and if not, who here may?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from handrail.clinic.roster import Practitioner, Roster, Service
from handrail.clinic.store import Store
from handrail.decide import Case, Client, Credential, Decision, Finding, decide
from handrail.safety import Match
from handrail.terms import InputError, Leaning, Verdict, standing

#: Codes that a request may bring.
MOST_CODES = 200


class Read(NamedTuple):
    """What the codes given say."""

    findings: tuple[Finding, ...]
    #: Codes of which nothing is known here: they were not judged, and are not taken for harmless.
    unrecognised: tuple[str, ...]


class ByCredential(NamedTuple):
    """What one credential by itself would get, and what stops it."""

    profession: str
    jurisdiction: str | None
    number: str | None
    verdict: Verdict
    leaning: Leaning | None
    stopped: tuple[str, ...]


class Other(NamedTuple):
    """Somebody else on the roster who may do it then, on this client."""

    practitioner: Practitioner
    verdict: Verdict
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """The answer to a booking system.

    Attributes:
        practitioner, service: who and what was asked about.
        decision: decide's own, for the best of the practitioner's credentials.
        credentials: what each credential by itself gets.
        others: who else may, permitted first.
        unrecognised: codes of which nothing is known here.
    """

    practitioner: Practitioner
    service: Service
    decision: Decision
    credentials: tuple[ByCredential, ...]
    others: tuple[Other, ...]
    unrecognised: tuple[str, ...]

    @property
    def may(self) -> bool:
        """Whether the booking may stand as far as is known: permitted, or conditional on what is listed."""
        return self.decision.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL)

    @property
    def why(self) -> tuple[str, ...]:
        """What decides, in words: the reasons that are as bad as the decision."""
        decision = self.decision
        worst = standing(decision.verdict, decision.leaning)
        return tuple(dict.fromkeys(r.text for r in decision.reasons if standing(r.verdict, r.leaning) == worst))

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "may": self.may,
            "verdict": self.decision.verdict.value,
            "leaning": self.decision.leaning.value if self.decision.leaning else None,
            "why": list(self.why),
            "needs": [need._asdict() for need in self.decision.needs],
            "practitioner": {"id": self.practitioner.id, "name": self.practitioner.name},
            "service": self.service.as_dict(),
            "on": self.decision.on,
            "credentials": [
                {
                    **one._asdict(),
                    "verdict": one.verdict.value,
                    "leaning": one.leaning.value if one.leaning else None,
                    "stopped": list(one.stopped),
                }
                for one in self.credentials
            ],
            "others": [
                {
                    "id": other.practitioner.id,
                    "name": other.practitioner.name,
                    "verdict": other.verdict.value,
                    "needs": list(other.needs),
                }
                for other in self.others
            ],
            "unrecognised": list(self.unrecognised),
            "knowledge": self.decision.knowledge,
            "decision": self.decision.as_dict(),
        }


def check(
    store: Store,
    practitioner: str,
    service: str,
    time: str | date | datetime,
    codes: Iterable[str] | None = None,
    *,
    steps: Iterable[str] | None = None,
    age: float | None = None,
    met: Iterable[str] = (),
) -> Check:
    """Whether a booking may stand.

    Args:
        store: the clinic's.
        practitioner: id on the roster.
        service: id of a service, or of a technique.
        time: when; of a time only its day, as the clinic's clock shows it, counts.
        codes: what is known of the client: findings (``id`` or ``id@site``), ICD-10-CM and SNOMED CT codes, names
            of medicines. None: no client is in mind.
        steps: what was done already at the visit. None: not known, as when booking; they are then listed as what
            comes first, and judge nothing.
        age: the client's, in years.
        met: needs that somebody confirms to be met.

    Raises:
        InputError: for an id, a time or a code that is none. The codes are not repeated in the message.
    """
    roster = Roster(store)
    place = roster.place
    on = day_of(time)
    asked = roster.service(service)
    read = read_codes(codes or ())
    client = None
    if codes is not None or steps is not None or age is not None:
        client = Client(read.findings, None if steps is None else tuple(steps), age=age)
    everyone = roster.all()
    who = next((one for one in everyone if one.id == practitioner), None) or roster.get(practitioner)

    def decided(credentials: tuple[Credential, ...]) -> Decision:
        return decide(Case(place, asked.technique, credentials, asked.regions or None, on, client, tuple(met)))

    if not who.active:
        raise InputError("this practitioner no longer works here", where="practitioner")
    if not who.held:
        raise InputError("this practitioner has no credential on the roster", where="practitioner")
    by_credential = []
    for held in who.held:
        one = decided((held.credential,))
        stopped = (r.text for r in one.reasons if r.gate == "licence" and r.verdict is not Verdict.PERMITTED)
        named = (held.credential.profession, held.credential.jurisdiction, held.number)
        by_credential.append(ByCredential(*named, one.verdict, one.leaning, tuple(stopped)))
    others = []
    for other in everyone:
        if other.id == who.id or not other.active or not other.held:
            continue
        # What was confirmed of the one practitioner does not hold of another.
        theirs = decide(Case(place, asked.technique, other.credentials, asked.regions or None, on, client))
        if theirs.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL):
            others.append(Other(other, theirs.verdict, tuple(need.id for need in theirs.needs)))
    others.sort(key=lambda o: (standing(o.verdict), len(o.needs), o.practitioner.name))
    return Check(who, asked, decided(who.credentials), tuple(by_credential), tuple(others), read.unrecognised)


def day_of(time: str | date | datetime) -> date:
    """The day of a time as the clinic's clock shows it: an offset that is given does not move it.

    >>> day_of("2026-12-01T23:30:00-08:00")
    datetime.date(2026, 12, 1)
    """
    if isinstance(time, datetime):
        return time.date()
    if isinstance(time, date):
        return time
    try:
        return datetime.fromisoformat(time).date()
    except (ValueError, TypeError):
        raise InputError("that is not a time", where="time", hint="Write 2026-12-01T09:30 or 2026-12-01") from None


def read_codes(codes: Iterable[str]) -> Read:
    """What codes say: our own findings as they are, others by what the clinical files know of them."""
    from handrail.safety import contraindications, look_up, red_flags, strongest

    findings: list[Finding] = []
    matches: list[Match] = []
    unrecognised = []
    given = list(codes)
    if len(given) > MOST_CODES:
        raise InputError(f"there are more than {MOST_CODES} codes", where="codes")
    for number, code in enumerate(given):
        where = f"codes[{number}]"
        if not isinstance(code, str) or not code.strip() or len(code) > 100:
            raise InputError("that is not a code", where=where)
        id_ = code.partition("@")[0].strip()
        if id_ in contraindications() or id_ in red_flags():
            try:
                findings.append(Finding.of(code))
            except InputError:
                raise InputError("this finding cannot sit there", where=where) from None
            continue
        try:
            read = look_up(code)
        except InputError:
            raise InputError(
                "that is no finding, no code and no medicine that is known",
                where=where,
                hint="Findings: `handrail safety list`; codes: ICD-10-CM or SNOMED CT",
            ) from None
        if not any(coded.known for coded in read):
            unrecognised.append(code.strip())
        matches.extend(match for coded in read for match in coded.matches)
    findings.extend(Finding(m.finding, m.site, m.match) for m in strongest(matches))
    return Read(tuple(dict.fromkeys(findings)), tuple(dict.fromkeys(unrecognised)))
