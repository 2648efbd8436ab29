"""Layouts of claim files, known by name and found by their columns. They are data, in ``layouts.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from handrail.files import convert, one_line, parse, read_bytes
from handrail.terms import InputError, did_you_mean

#: What a column can hold, with what is meant by it.
ROLES: dict[str, str] = {
    "claim": "the claim's number",
    "line": "the line's number within the claim",
    "npi": "the NPI of who did it",
    "taxonomy": "that provider's NUCC taxonomy code",
    "provider_type": "that provider's type or specialty, by name",
    "credentials": "the letters after the provider's name",
    "profession": "the provider's profession, by Handrail's id",
    "state": "where it was done: a code or name of a state, province or territory",
    "procedure": "the procedure's code, CPT or HCPCS",
    "modifiers": "its modifiers, in one or several columns",
    "service_from": "the first day of service",
    "service_to": "the last day of service",
    "year": "the year of service, where no day is given",
    "dx": "diagnoses in ICD-10-CM, up to twelve columns",
    "other_dx": "anything there: the line has diagnoses of another code system",
    "amount": "the amount, in dollars",
    "units": "the number of units",
    "kind": "the kind of row; only charges are judged",
}
#: Roles that can take several columns.
MANY = ("dx", "modifiers")
MOST_DIAGNOSES = 12


class Beside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that lies beside the claims and tells what a key in them means."""

    file: str
    key: str
    value: str


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a known kind of file holds claims.

    Args:
        title: what it is called.
        source: where its columns were read.
        signature: columns that tell it from others.
        columns: the column, or columns, of each role.
        lines: how many lines one row holds.
        year: whether its days are a whole year, given beside the file or in its name.
        amount_per_unit: whether the amount is that of one unit.
        diagnoses: the code system of its diagnoses, or ``none``.
        charges: the kind of row that is a charge.
        beside: files that tell what a column's keys mean, by role.
        reader: what reads it, where it is no table.
    """

    title: str
    source: str
    signature: tuple[str, ...]
    columns: dict[str, str | tuple[str, ...]]
    lines: int = 1
    year: bool = False
    amount_per_unit: bool = False
    diagnoses: Literal["ICD-10-CM", "ICD-9-CM", "SNOMED CT", "none"] = "ICD-10-CM"
    charges: str | None = None
    beside: dict[str, Beside] = {}
    reader: Literal["table", "x12", "fhir"] = "table"

    def names(self, role: str) -> tuple[str, ...]:
        """The columns of a role."""
        found = self.columns.get(role, ())
        return (found,) if isinstance(found, str) else found


@cache
def layouts() -> dict[str, Layout]:
    """The known layouts by name."""
    path = Path(__file__).with_name("layouts.yaml")
    return convert(parse(read_bytes(path), path.name), dict[str, Layout], path.name)


def find(
    given: Iterable[str], name: str | None, mapped: Mapping[str, str]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The layout of a file with these columns, and the column, or columns, of each role.

    Args:
        given: the file's columns.
        name: the layout's name, if the user says it.
        mapped: columns by role that the user gives; several are separated by commas.

    Returns:
        The layout's name, and columns as the file writes them, by role. A name may hold ``{n}``.

    Raises:
        InputError: for an unknown layout, role or column, saying what was seen and what is missing.
    """
    seen = {column.strip().casefold(): column for column in given}
    user = {role: _columns(role, text, seen) for role, text in mapped.items()}
    if name is not None and name not in layouts():
        raise InputError(f"{name!r} is not a known layout", hint=did_you_mean(name, layouts()))
    chosen = name or _recognise(seen) or ("plain" if user else None)
    if chosen is None:
        raise _unknown(seen)
    layout = layouts()[chosen]
    if name and not user:
        absent = [column for column in layout.signature if column.casefold() not in seen]
        if absent:
            raise _absent(name, absent, seen)
    found: dict[str, tuple[str, ...]] = {}
    for role in ROLES:
        there = tuple(
            seen.get(column.casefold(), column)
            for column in layout.names(role)
            if column.replace("{n}", "1").casefold() in seen
        )
        if role in user or there:
            found[role] = user.get(role, there)
    return chosen, found


def _columns(role: str, text: str, seen: Mapping[str, str]) -> tuple[str, ...]:
    if role not in ROLES:
        raise InputError(f"{role!r} is nothing that a column can be mapped to", hint=did_you_mean(role, ROLES))
    names = [name.strip() for name in text.split(",")]
    if len(names) > 1 and role not in MANY:
        raise InputError(f"{role} takes one column, not {len(names)}")
    if len(names) > MOST_DIAGNOSES:
        raise InputError(f"{role} takes at most {MOST_DIAGNOSES} columns, not {len(names)}")
    for name in names:
        if name.casefold() not in seen:
            raise InputError(f"has no column {one_line(name)!r}", hint=did_you_mean(name, seen.values()))
    return tuple(seen[name.casefold()] for name in names)


def _recognise(seen: Mapping[str, str]) -> str | None:
    """The layout whose signature is there; of several, the one with the longest."""
    fits = [
        (len(layout.signature), name)
        for name, layout in layouts().items()
        if layout.signature and all(column.casefold() in seen for column in layout.signature)
    ]
    return max(fits)[1] if fits else None


def _absent(name: str, absent: list[str], seen: Mapping[str, str]) -> InputError:
    hints = [did_you_mean(column, seen.values()) for column in absent]
    hint = next((text for text in hints if text.startswith("Did")), _seen(seen))
    return InputError(f"is not of the layout {name}: lacks {', '.join(absent)}", hint=hint)


def _unknown(seen: Mapping[str, str]) -> InputError:
    """Says what was seen, and what the nearest layout lacks."""
    tables = {name: layout for name, layout in layouts().items() if layout.signature}
    absent = {
        name: [column for column in layout.signature if column.casefold() not in seen]
        for name, layout in tables.items()
    }
    near = min(absent, key=lambda name: len(absent[name]) / len(tables[name].signature))
    message = f"is of no known layout; nearest is {near}, which lacks {', '.join(absent[near])}"
    hint = next(
        (text for column in absent[near] if (text := did_you_mean(column, seen.values())).startswith("Did")), ""
    )
    layout = tables[near]
    role = next((role for role in layout.columns if absent[near][0] in layout.names(role)), absent[near][0])
    return InputError(message, hint=f"{hint} {_seen(seen)}. Use --map {role}=COLUMN".strip())


def _seen(seen: Mapping[str, str]) -> str:
    names = [one_line(name, 40) for name in seen.values()]
    return (
        f"Columns seen: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
        if names
        else "No columns seen"
    )
