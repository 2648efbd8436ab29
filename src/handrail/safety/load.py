"""Loads the clinical knowledge, each file when it is first asked for."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TypeVar

from handrail.files import convert, parse, read_bytes
from handrail.safety.model import (
    Contraindication,
    Contraindications,
    Prerequisites,
    RedFlag,
    RedFlags,
    StepItem,
)
from handrail.terms import InputError, did_you_mean

KNOWLEDGE = Path(__file__).parent / "knowledge"
#: Every file that an answer can rest on.
FILES = (
    "adverse_events.yaml",
    "contraindications.yaml",
    "icd_sites.yaml",
    "medications.yaml",
    "prerequisites.yaml",
    "questions.yaml",
    "red_flags.yaml",
    "snomed.yaml",
    "training.yaml",
)

#: Which items of prerequisites.yaml belong to which step of the process gate.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "history": ("history",),
    "examination": ("examination", "neurological", "vascular_test", "stability_test"),
    "diagnosis": ("differential_diagnosis", "reasoning"),
    "contraindication_screen": (),  # its content is the contraindications and red flags themselves
    "consent": ("informed_consent",),
}

T = TypeVar("T")


def _read(name: str, kind: type[T]) -> T:
    return convert(parse(read_bytes(KNOWLEDGE / name), name), kind, name)


@cache
def contraindications_file() -> Contraindications:
    """The file of contraindications, whole."""
    return _read("contraindications.yaml", Contraindications)


@cache
def contraindications() -> dict[str, Contraindication]:
    """Contraindications by id; those about consent, examination and training among them, as ProcessCondition."""
    file = contraindications_file()
    return {row.id: row for row in (*file.contraindications, *file.process_conditions)}


@cache
def red_flags() -> dict[str, RedFlag]:
    """Red flags by id."""
    return {flag.id: flag for flag in _read("red_flags.yaml", RedFlags).red_flags}


@cache
def prerequisites_file() -> Prerequisites:
    """The file of what must come first, whole."""
    return _read("prerequisites.yaml", Prerequisites)


def step_items() -> tuple[StepItem, ...]:
    """What the steps before a technique contain."""
    return prerequisites_file().prerequisites


def items_of(step: str, technique: str, regions: tuple[str, ...]) -> list[StepItem]:
    """What a step contains for a technique on any of some regions."""
    return [
        item
        for item in step_items()
        if item.category in CATEGORIES.get(step, ())
        and technique in item.techniques
        and (item.regions == "all" or any(region in item.regions for region in regions))
    ]


def known_finding(finding: str) -> str:
    """``finding``, if it is the id of a contraindication or a red flag.

    Raises:
        InputError: with the nearest ids, if it is not.
    """
    if finding in contraindications() or finding in red_flags():
        return finding
    ids = sorted({*contraindications(), *red_flags()})
    raise InputError(f"{finding!r} is not a known finding", hint=did_you_mean(finding, ids))


@cache
def digest() -> str:
    """SHA-256 over the bytes of the clinical files, in hex."""
    total = hashlib.sha256()
    for name in FILES:
        total.update(name.encode() + b"\0" + read_bytes(KNOWLEDGE / name) + b"\0")
    return total.hexdigest()
