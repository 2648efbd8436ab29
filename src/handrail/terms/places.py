"""The jurisdictions by code and by name. What their law says is in the law room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from handrail.terms.errors import InputError, did_you_mean
from handrail.terms.vocabulary import read_yaml


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A state, province or territory."""

    name: str
    name_fr: str
    also: tuple[str, ...] = ()


@cache
def _places() -> dict[str, Place]:
    return msgspec.convert(read_yaml("places.yaml"), dict[str, Place])


class _Places(Mapping[str, Place]):
    """Read when first looked at: a question that gives a code never needs the names."""

    def __getitem__(self, code: str) -> Place:
        return _places()[code]

    def __iter__(self) -> Iterator[str]:
        return iter(_places())

    def __len__(self) -> int:
        return len(_places())


PLACES: Mapping[str, Place] = _Places()


@cache
def tiles() -> dict[str, tuple[int, int]]:
    """Where each place stands on a map of tiles: column and row, both from 1."""
    return msgspec.convert(read_yaml("tiles.yaml"), dict[str, tuple[int, int]])


def find_place(given: str) -> str:
    """The ISO 3166-2 code of a place that is given by code or by name.

    Raises:
        InputError: with the nearest names, if there is none, or more than one.

    >>> find_place("us-fl"), find_place("Ontario"), find_place("NL")
    ('US-FL', 'CA-ON', 'CA-NL')
    """
    if (code := given.strip().upper()) in PLACES:
        return code
    word = given.strip().casefold()
    for code, place in PLACES.items():
        names = (code, code[3:], place.name, place.name_fr, *place.also)
        if word in (name.casefold() for name in names):
            return code
    shown = [f"{code} ({place.name})" for code, place in PLACES.items()]
    raise InputError(f"{given!r} is not a jurisdiction that Handrail knows", hint=did_you_mean(given, shown))
