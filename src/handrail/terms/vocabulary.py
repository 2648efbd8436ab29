"""Techniques, regions, professions and steps, read from ``vocabulary.yaml``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from handrail.terms.errors import InputError, did_you_mean


class Technique(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of manual treatment, told apart by speed, amplitude and range."""

    name: str
    name_fr: str
    plain: str
    plain_fr: str
    act: str
    speed: str
    amplitude: str
    range: str
    tissue: str
    can_resist: bool
    pop: str
    regions: tuple[str, ...]


class Region(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the body that law and safety tell apart."""

    name: str
    name_fr: str
    formal: str


class Profession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A profession, or the lack of one (``unlicensed_person``)."""

    name: str
    name_fr: str


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is done before a technique."""

    name: str
    name_fr: str
    plain: str


class _Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    techniques: dict[str, Technique]
    regions: dict[str, Region]
    sites: dict[str, tuple[str, ...]]
    professions: dict[str, Profession]
    steps: dict[str, Step]
    steps_before: dict[str, tuple[str, ...]]
    full_register_classes: tuple[str, ...]


def read_yaml(name: str) -> Any:
    """One of this room's own data files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (Path(__file__).parent / name).open(encoding="utf-8") as file:
        return yaml.load(file, Loader=loader)  # noqa: S506  (a safe loader either way)


#: SHA-256 of the vocabulary, in hex: which steps come first, and what a site touches, change decisions.
DIGEST = hashlib.sha256((Path(__file__).parent / "vocabulary.yaml").read_bytes()).hexdigest()

_vocabulary = msgspec.convert(read_yaml("vocabulary.yaml"), _Vocabulary)

TECHNIQUES: dict[str, Technique] = _vocabulary.techniques
REGIONS: dict[str, Region] = _vocabulary.regions
SITES: dict[str, tuple[str, ...]] = _vocabulary.sites
PROFESSIONS: dict[str, Profession] = _vocabulary.professions
STEPS: dict[str, Step] = _vocabulary.steps
STEPS_BEFORE: dict[str, tuple[str, ...]] = _vocabulary.steps_before
FULL_REGISTER_CLASSES: tuple[str, ...] = _vocabulary.full_register_classes


def known(what: str, given: str, ids: Iterable[str]) -> str:
    """``given`` if it is one of ``ids``.

    Raises:
        InputError: naming what it is and the nearest id, if it is not.
    """
    ids = list(ids)
    if given in ids:
        return given
    raise InputError(f"{given!r} is not a known {what}", hint=did_you_mean(given, ids))
