"""Whom a record is about: one client, and what is about somebody else."""

from __future__ import annotations

import re
from typing import NamedTuple

from handrail.intake.fhir import Item
from handrail.intake.fhir_model import Reference
from handrail.terms import InputError

_HISTORY = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}$")
_ABSOLUTE = ("http://", "https://")


class Person(NamedTuple):
    """The client of a record: the Patient, if there is one, and the references that mean this client."""

    item: Item | None
    names: frozenset[str]

    def is_about(self, reference: Reference | None) -> bool | None:
        """Whether a reference means this client; None if it names nobody."""
        if reference is None or not reference.reference:
            return None
        given = _HISTORY.sub("", reference.reference)
        if "?" in given or given.startswith("#"):  # a search, or a contained Patient: it names nobody here
            return None
        if given in self.names:
            return True
        absolute = self.item is not None and (self.item.full_url or "").startswith(_ABSOLUTE)
        if given.startswith(_ABSOLUTE) and not absolute:  # nothing says on which server the Patient is
            return "/".join(given.rsplit("/", 2)[-2:]) in self.names
        return False


def person(items: list[Item], patient: str | None, where: str) -> Person:
    """Whom the items are about.

    Args:
        items: the resources of a record.
        patient: the id of the one meant, if somebody says.
        where: the record's name, for messages.

    Raises:
        InputError: if there are several, or not the one asked for.
    """
    patients = [item for item in items if item.kind == "Patient"]
    wanted = patient.removeprefix("Patient/") if patient else None
    if wanted:
        chosen = [item for item in patients if wanted in (item.resource.id, item.full_url)]
        if patients and not chosen:
            raise InputError("has no Patient with that id", where=where, hint="--patient takes the id of one")
        if not chosen:
            if not any(_names_of(wanted, None) & _subjects([item]) for item in items):
                raise InputError("has nothing about a Patient with that id", where=where)
            return Person(None, _names_of(wanted, None))
        patients = chosen
    if len(patients) > 1:
        raise InputError(
            f"has {len(patients)} Patients ({patients[0].path}, {patients[1].path}, ...)",
            where=where,
            hint="Say whom you mean: --patient ID",
        )
    if patients:
        item = patients[0]
        names = _names_of(item.resource.id, item.full_url)
        if names or not _subjects(items):
            return Person(item, names)
        if len(_subjects(items)) == 1:
            return Person(item, _subjects(items))
        raise InputError("has neither an id nor a fullUrl: nothing can be about it", where=f"{where}: {item.path}")
    named = _subjects(items)
    if len(named) > 1:
        raise InputError(
            f"has no Patient, and speaks of {len(named)} different ones",
            where=where,
            hint="Say whom you mean: --patient ID",
        )
    return Person(None, named)


def _names_of(id_: str | None, full_url: str | None) -> frozenset[str]:
    names = {f"Patient/{id_}", f"urn:uuid:{id_}"} if id_ else set()
    if full_url:
        names.add(_HISTORY.sub("", full_url))
    return frozenset(names)


def _subjects(items: list[Item]) -> frozenset[str]:
    return frozenset(
        _HISTORY.sub("", item.resource.subject.reference)
        for item in items
        if item.kind not in ("Patient", "Medication") and item.resource.subject and item.resource.subject.reference
    )
