"""The roster: who works here, with which credentials, what the clinic offers, what expires, who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from handrail.clinic.models import CredentialRow, PractitionerRow, ServiceRow
from handrail.clinic.store import Store
from handrail.clinic.words import an_id, plain
from handrail.decide import Case, Credential, Decision, decide
from handrail.law import has
from handrail.terms import REGIONS, TECHNIQUES, InputError, Leaning, Verdict, known

#: Days ahead that are looked at for what expires.
SOON = 90


@dataclass(frozen=True, slots=True)
class Held:
    """A credential as the roster keeps it: what ``decide`` needs, and the number on the register."""

    credential: Credential
    number: str | None = None

    def __post_init__(self) -> None:
        held = self.credential
        if held.profession == "unlicensed_person":
            raise InputError("unlicensed_person is no credential", where="profession")
        if held.jurisdiction is None:
            raise InputError("the credential's place is missing", where="jurisdiction", hint="Such as US-WA")
        if held.status is None:
            raise InputError("the status is missing", where="status", hint="If it was not looked up: unknown")
        for what in ("register_class", "compact"):
            if getattr(held, what) is not None:
                plain(getattr(held, what), what, longest=64 if what == "register_class" else 100)
        for one in (*held.endorsements, *held.training):
            an_id(one, "endorsement or training subject")
        if self.number is not None:
            object.__setattr__(self, "number", plain(self.number, "number", longest=64))

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from a practitioner's others: the profession and the place."""
        assert self.credential.jurisdiction is not None  # noqa: S101  (checked when it was made)
        return self.credential.profession, self.credential.jurisdiction

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {**self.credential.as_dict(), "number": self.number}


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who works at the clinic.

    Raises:
        InputError: for an id, a name or an NPI that is none.
    """

    id: str
    name: str
    npi: str | None = None
    active: bool = True
    held: tuple[Held, ...] = field(default=())

    def __post_init__(self) -> None:
        an_id(self.id, "practitioner_id")
        object.__setattr__(self, "name", plain(self.name, "name", longest=200))
        if self.npi is not None:
            object.__setattr__(self, "npi", npi(self.npi))
        if len({held.key for held in self.held}) < len(self.held):
            raise InputError("two credentials of the same profession and place", where="profession")

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """What ``decide`` asks for."""
        return tuple(held.credential for held in self.held)

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "id": self.id,
            "name": self.name,
            "npi": self.npi,
            "active": self.active,
            "credentials": [held.as_dict() for held in self.held],
        }


class Service(NamedTuple):
    """What the clinic offers: a technique on regions; none named are all that the technique has."""

    id: str
    name: str
    technique: str
    regions: tuple[str, ...] = ()

    def check(self) -> Service:
        """Itself, tidied; raises InputError for what is not known."""
        known("technique", self.technique, TECHNIQUES)
        for region in self.regions:
            known("region", region, REGIONS)
            if region not in TECHNIQUES[self.technique].regions:
                raise InputError(f"{self.technique} has no region {region}", where="regions")
        return self._replace(
            id=an_id(self.id, "service"),
            name=plain(self.name, "name", longest=200),
            regions=tuple(dict.fromkeys(self.regions)),
        )

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {**self._asdict(), "regions": list(self.regions)}


class Expiry(NamedTuple):
    """A credential that ends, has ended, or is not active."""

    practitioner: Practitioner
    held: Held
    #: Until it ends; below 0: since it ended; None if no end is known.
    days: int | None

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        who = self.practitioner
        return {"practitioner": who.id, "name": who.name, **self.held.as_dict(), "days": self.days}


class Cell(NamedTuple):
    """Who may do what here: a practitioner and a technique or service."""

    verdict: Verdict | None
    leaning: Leaning | None
    needs: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain data; the verdict is null for somebody without credentials."""
        return {
            "verdict": self.verdict.value if self.verdict else None,
            "leaning": self.leaning.value if self.leaning else None,
            "needs": list(self.needs),
        }


class Grid(NamedTuple):
    """Who may do what here on a day, without any client in mind."""

    jurisdiction: str
    on: date
    columns: tuple[Service, ...]
    rows: tuple[tuple[Practitioner, tuple[Cell, ...]], ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "jurisdiction": self.jurisdiction,
            "on": self.on.isoformat(),
            "columns": [column.as_dict() for column in self.columns],
            "rows": [
                {"practitioner": who.id, "name": who.name, "cells": [cell.as_dict() for cell in cells]}
                for who, cells in self.rows
            ],
        }


class Roster:
    """The roster of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def place(self) -> str:
        """Where the clinic is; raises InputError if nobody said."""
        place = self.store.get("jurisdiction")
        if place is None:
            raise InputError("nobody said where the clinic is", hint="`handrail clinic init --in PLACE`")
        return place

    def settle(self, jurisdiction: str) -> None:
        """Says where the clinic is."""
        if not has(jurisdiction):
            raise InputError("that is not a jurisdiction that Handrail knows", where="jurisdiction")
        self.store.set("jurisdiction", jurisdiction)

    def all(self) -> list[Practitioner]:
        """Everybody on it, by name; those who left too."""
        with self.store.read() as session:
            rows = session.scalars(select(PractitionerRow).order_by(PractitionerRow.name, PractitionerRow.id))
            return [read(row) for row in rows]

    def get(self, practitioner: str) -> Practitioner:
        """One of them; raises InputError, with a suggestion, if there is none of that id."""
        with self.store.read() as session:
            row = session.get(PractitionerRow, practitioner) if practitioner else None
            if row is not None:
                return read(row)
            ids = list(session.scalars(select(PractitionerRow.id)))
        known("practitioner", practitioner, ids)
        raise AssertionError("a known id has a row")

    def put(self, practitioner: Practitioner) -> None:
        """Adds or replaces one."""
        with self.store.write() as session:
            write(session, practitioner)

    def remove(self, practitioner: str) -> None:
        """Takes one off, with all credentials. Log entries keep the id."""
        self.get(practitioner)
        with self.store.write() as session:
            session.execute(delete(PractitionerRow).where(PractitionerRow.id == practitioner))

    def services(self) -> list[Service]:
        """What the clinic offers, by name."""
        with self.store.read() as session:
            rows = session.scalars(select(ServiceRow).order_by(ServiceRow.name, ServiceRow.id))
            return [Service(row.id, row.name, row.technique, tuple(row.regions)) for row in rows]

    def service(self, id: str) -> Service:  # noqa: A002
        """A service by its id; the id of a technique stands for that technique on any region.

        Raises:
            InputError: if there is neither.
        """
        services = {service.id: service for service in self.services()}
        if id in services:
            return services[id]
        if id not in TECHNIQUES:
            known("service", id, [*services, *TECHNIQUES])
        return Service(id, TECHNIQUES[id].name, id)

    def put_service(self, service: Service) -> Service:
        """Adds or replaces a service."""
        service = service.check()
        if service.id in TECHNIQUES:
            raise InputError("a service may not have the id of a technique", where="id")
        with self.store.write() as session:
            row = ServiceRow(**{**service._asdict(), "regions": list(service.regions)})
            session.merge(row)
        return service

    def remove_service(self, id: str) -> None:  # noqa: A002
        """Takes a service off."""
        with self.store.write() as session:
            row = session.get(ServiceRow, id)
            if row is None:
                raise InputError("there is no such service", where="service")
            session.delete(row)

    def expiring(self, on: date, within: int = SOON) -> list[Expiry]:
        """Credentials of those who work here that end within days, have ended, or are not active; worst first.

        Those without an end date come last: nobody knows when they end.
        """
        found = []
        for who in self.all():
            for held in who.held if who.active else ():
                end = held.credential.valid_to
                days = (end - on).days if end else None
                if days is None or days <= within or held.credential.status != "active":
                    found.append(Expiry(who, held, days))
        return sorted(
            found,
            key=lambda e: (e.held.credential.status == "active", e.days is None, e.days or 0, e.practitioner.id),
        )

    def grid(self, on: date) -> Grid:
        """Who may do what here on a day: every technique, then every service."""
        place = self.place
        columns = (*(Service(name, about.name, name) for name, about in TECHNIQUES.items()), *self.services())
        active = (who for who in self.all() if who.active)
        rows = [(who, tuple(_cell(who, column, place, on) for column in columns)) for who in active]
        return Grid(place, on, columns, tuple(rows))


def _cell(who: Practitioner, service: Service, place: str, on: date) -> Cell:
    if not who.held:
        return Cell(None, None, ())
    decision: Decision = decide(Case(place, service.technique, who.credentials, service.regions or None, on))
    return Cell(decision.verdict, decision.leaning, tuple(need.id for need in decision.needs))


def npi(given: str) -> str:
    """A National Provider Identifier with its check digit.

    Raises:
        InputError: if it is none.

    >>> npi("1234567893")
    '1234567893'
    """
    from stdnum import luhn

    digits = given.strip()
    right = len(digits) == 10 and digits.isascii() and digits.isdigit() and digits[0] in "12"
    if not right or not luhn.is_valid(f"80840{digits}"):
        raise InputError("that is no NPI: ten digits, the last a check digit", where="npi")
    return digits


def read(row: PractitionerRow) -> Practitioner:
    """A practitioner as a row says it."""
    return Practitioner(row.id, row.name, row.npi, row.active, tuple(_held(one) for one in row.credentials))


def _held(row: CredentialRow) -> Held:
    credential = Credential(
        row.profession,
        jurisdiction=row.jurisdiction,
        register_class=row.register_class,
        status=row.status,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        compact=row.compact,
        endorsements=tuple(row.endorsements),
        training=row.training,
    )
    return Held(credential, row.number)


def write(session: Session, who: Practitioner) -> None:
    """Writes a practitioner, replacing the credentials kept so far."""
    row = session.get(PractitionerRow, who.id)
    if row is None:
        row = PractitionerRow(id=who.id)
        session.add(row)
    row.name, row.npi, row.active = who.name, who.npi, who.active
    row.credentials.clear()
    session.flush()  # the old ones go first: the new ones may have the same profession and place
    row.credentials.extend(CredentialRow(**_columns(held)) for held in who.held)
    session.flush()


def _columns(held: Held) -> Mapping[str, Any]:
    data = held.as_dict()
    return {**data, "valid_from": held.credential.valid_from, "valid_to": held.credential.valid_to}


def by_id(practitioners: Iterable[Practitioner]) -> dict[str, Practitioner]:
    """Practitioners by their ids."""
    return {who.id: who for who in practitioners}
