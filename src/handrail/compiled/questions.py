"""The questions of a batch: what its techniques and regions, as written, ask."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from handrail.compiled.columns import Coded, meant
from handrail.compiled.lines import FROM_DIAGNOSES, names, regions_for
from handrail.compiled.records import CANDIDATES, NO_PLANE
from handrail.compiled.tables import Planes, Several, candidate_lists
from handrail.terms import REGIONS, TECHNIQUES

_REGIONS = tuple(REGIONS)
_TECHNIQUES = tuple(TECHNIQUES)


class Asked(NamedTuple):
    """What a technique's text asks: candidates, or a reason why it asks nothing."""

    techniques: tuple[str, ...] = ()
    reason: str = ""


class Where(NamedTuple):
    """What a text of regions asks: regions in their order, or to read them from the diagnoses, or nothing."""

    regions: tuple[str, ...] = ()
    by_diagnosis: bool = False
    reason: str = ""


@lru_cache(maxsize=4096)
def asked(text: str | None) -> Asked:
    """The candidates in a text.

    >>> asked("mobilization|thrust_spine").techniques
    ('mobilization', 'thrust_spine')
    """
    found = names(text)
    if not found:
        return Asked(reason="no_technique")
    return Asked(found) if all(name in TECHNIQUES for name in found) else Asked(reason="unknown_technique")


@lru_cache(maxsize=4096)
def where(text: str | None) -> Where:
    """The regions in a text.

    >>> where("lumbar|cervical").regions
    ('lumbar', 'cervical')
    """
    if text is not None and text.strip() == FROM_DIAGNOSES:
        return Where(by_diagnosis=True)
    found = names(text)
    return Where(found) if all(name in REGIONS for name in found) else Where(reason="unknown_region")


class Questions(NamedTuple):
    """The questions of a batch, numbered.

    Args:
        maps: for the techniques' and the regions' dictionary.
        arrays: as ``kernel.Batch`` has them, from ``questions`` to ``bad_day``.
        several: whether some question has several candidates.
        by_diagnosis: whether some question's regions are read from the diagnoses.
    """

    maps: tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]
    arrays: tuple[Any, ...]
    several: bool
    by_diagnosis: bool

    @classmethod
    def of(cls, technique: Coded, regions: Coded, planes: Planes) -> Questions:
        """The questions of two columns. Where they share their indices (a procedure), one map is enough."""
        what: dict[Asked, int] = {}
        at: dict[Where, int] = {}
        first = _map(technique, what, asked)
        second = _map(regions, at, where)
        if technique.place == regions.place and len(first) == len(second):
            both = first.astype(np.int64) * len(at) + second
            pairs, numbers = np.unique(both, return_inverse=True)
            maps = (numbers.astype(np.uint16), second[:1])
            listed = [(int(pair) // len(at), int(pair) % len(at)) for pair in pairs]
            table = np.arange(len(listed), dtype=np.uint16).reshape(-1, 1)
        else:
            maps = (first, second)
            listed = [(one, other) for one in range(len(what)) for other in range(len(at))]
            table = np.arange(len(listed), dtype=np.uint16).reshape(len(what), len(at))
        techniques, places = list(what), list(at)
        return cls(maps, *_numbered(table, [(techniques[one], places[other]) for one, other in listed], planes))


def _map(column: Coded, numbers: dict[Any, int], meaning: Any) -> npt.NDArray[np.uint16]:
    def number(text: str | None) -> int:
        return numbers.setdefault(meaning(text), len(numbers))

    return meant(column.dictionary, number(None), number)


def _numbered(
    table: npt.NDArray[np.uint16], questions: list[tuple[Asked, Where]], planes: Planes
) -> tuple[tuple[Any, ...], bool, bool]:
    size = len(questions) + 2
    no_day, bad_day = size - 2, size - 1
    plane = np.zeros(size, np.uint32)
    plain = np.ones(size, np.bool_)
    count = np.zeros(size, np.int32)
    techniques = np.zeros((size, CANDIDATES), np.int32)
    candidates = np.full((size, CANDIDATES), NO_PLANE, np.int32)
    by_diagnosis = np.zeros(size, np.bool_)
    lists = np.zeros(size, np.int32)
    read_planes = np.full((len(_TECHNIQUES), 1 << len(_REGIONS)), NO_PLANE, np.int32)
    for number, (what, at) in enumerate(questions):
        parts = regions_for(what.techniques, at.regions)
        if reason := what.reason or at.reason or ("" if parts else "region_of_another_technique"):
            plane[number] = planes.plane(reason)
            continue
        assert parts is not None  # noqa: S101  (the reason says so)
        count[number] = len(what.techniques)
        by_diagnosis[number] = at.by_diagnosis
        for k, (name, own) in enumerate(zip(what.techniques, parts, strict=True)):
            techniques[number, k] = _TECHNIQUES.index(name)
            if at.by_diagnosis:
                _read_from_diagnoses(name, read_planes, planes)
            elif own is not None:
                candidates[number, k] = planes.plane(Several((name,), (own,)))
        if len(what.techniques) > 1:
            lists[number] = candidate_lists().index(what.techniques)
        # Where no diagnosis says anything, none names a region.
        plane[number] = planes.plane(Several(what.techniques, tuple(parts), at.by_diagnosis))
        plain[number] = len(what.techniques) == 1 and not at.by_diagnosis
    plane[no_day] = planes.plane("no_day")
    plane[bad_day] = planes.plane("bad_day")
    reach = np.array([_bits(TECHNIQUES[name].regions) for name in _TECHNIQUES], np.int64)
    candidates_ = (count, techniques, candidates, by_diagnosis, read_planes, reach, lists)
    return (table, plane, plain, *candidates_, no_day, bad_day), bool((count > 1).any()), bool(by_diagnosis.any())


def _read_from_diagnoses(technique: str, read_planes: npt.NDArray[np.int32], planes: Planes) -> None:
    number = _TECHNIQUES.index(technique)
    reach = _bits(TECHNIQUES[technique].regions)
    if read_planes[number, 0] != NO_PLANE:
        return
    for mask in range(1 << len(_REGIONS)):
        if mask & ~reach == 0:
            named = tuple(region for bit, region in enumerate(_REGIONS) if mask >> bit & 1)
            read_planes[number, mask] = planes.plane(Several((technique,), (named,)))


def _bits(regions: tuple[str, ...]) -> int:
    return sum(1 << _REGIONS.index(region) for region in regions)
