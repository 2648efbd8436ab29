"""What the kernel looks things up in: planes of law, made from ``base`` when a question first needs them.

A plane answers one question (a technique, with regions or none) for every place, period and profession. An entry
of a plane also names the regions that decide, because those are the ones on which a diagnosis counts.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from handrail.compiled.base import PLACES_OF_WORK, Base
from handrail.compiled.lines import regions_for
from handrail.compiled.records import CANDIDATES, LEFT_OUT, NOT_PLAIN, READ
from handrail.compiled.words import REASON, UNJUDGED
from handrail.terms import REGIONS, TECHNIQUES

#: Not judged, and why, for the rows and columns of a plane that stand for no value and for an unknown one.
NO_PLACE, UNKNOWN_PLACE = "no_place", "unknown_place"
NO_PROFESSION, UNKNOWN_PROFESSION = "no_profession", "unknown_profession"
_MOST_REGIONS = max(len(about.regions) for about in TECHNIQUES.values())
_MOST_CONTEXTS = READ


class Several(NamedTuple):
    """Candidates of technique, mostly one, each with the regions asked in the order asked.

    No region: the question names none. None instead of regions: the candidate is left out. ``by_diagnosis``: as
    long as no diagnosis names a region.
    """

    techniques: tuple[str, ...]
    regions: tuple[tuple[str, ...] | None, ...]
    by_diagnosis: bool = False


@cache
def candidate_lists() -> tuple[tuple[str, ...], ...]:
    """Every list of several techniques; the kernel names one by its number."""
    names = tuple(TECHNIQUES)
    return tuple(some for size in range(2, len(names) + 1) for some in permutations(names, size))


def unjudged(reason: str) -> int:
    """The entry of a line that is not judged."""
    return UNJUDGED | REASON[reason] << 3


class Planes:
    """Planes and contexts, which grow. Arrays that were handed out stay as they are."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.places = len(base.jurisdictions)
        self.periods_of_places = base.standing.shape[0]
        days = sorted(set(base.changes.tolist()) - {np.iinfo(np.int32).min})
        #: The first day of the table of epochs lies before every change, its last on the last one.
        self.first_epoch_day = (days[0] if days else 0) - 1
        last = days[-1] if days else 0
        every = np.arange(self.first_epoch_day, last + 1)
        self.epochs = np.searchsorted(np.array(days), every, side="right").astype(np.uint16)
        self.periods = self._periods(days)
        self._planes: dict[Several | str, int] = {}
        self.contexts: dict[tuple[int, ...], int] = {}
        self.planes = np.empty((0, self.periods_of_places + 2, len(base.professions) + 2), np.uint32)
        self.read = np.zeros((0, 1 << len(REGIONS)), np.uint32)
        self.sayings = np.empty(self.planes.shape, np.int32)
        self.plane_work = np.empty((0, _MOST_REGIONS), np.int16)
        self.context_work = np.empty((0, _MOST_REGIONS), np.int16)

    def _periods(self, days: list[int]) -> npt.NDArray[np.uint16]:
        """[place, epoch]: the row of a plane; behind the places one for none and one for an unknown one."""
        base, epochs = self.base, len(days) + 1
        found = np.empty((self.places + 2, epochs), np.uint16)
        starts = np.array([np.iinfo(np.int32).min, *days])
        for place in range(self.places):
            first, last = base.first_period[place], base.first_period[place + 1]
            found[place] = first + np.searchsorted(base.changes[first:last], starts, side="right") - 1
        found[self.places] = self.periods_of_places
        found[self.places + 1] = self.periods_of_places + 1
        return found

    def plane(self, question: Several | str) -> int:
        """The number of the plane of a question, or of a reason for which nothing can be judged."""
        if question not in self._planes:
            if isinstance(question, Several) and question.by_diagnosis:
                return self._read_from_diagnoses(question)
            made, said, work = self._made(question)
            row = np.full((1, _MOST_REGIONS), -1, np.int16)
            row[0, : len(work)] = work
            self.planes = np.concatenate([self.planes, made[None]])
            self.sayings = np.concatenate([self.sayings, said[None]])
            self.plane_work = np.concatenate([self.plane_work, row])
            self._planes[question] = len(self.planes) - 1
        return self._planes[question]

    def _read_from_diagnoses(self, question: Several) -> int:
        """A plane whose entries only say where to go on: by the regions that the diagnoses of a row name."""
        techniques, none = question.techniques, question._replace(by_diagnosis=False)
        number = len(self.read)
        base = self.planes[self.plane(none)].copy()
        base[:-2, :-2] = np.uint32((READ + number) << 21)
        self.planes = np.concatenate([self.planes, base[None]])
        self.sayings = np.concatenate([self.sayings, np.zeros((1, *base.shape), np.int32)])
        self.plane_work = np.concatenate([self.plane_work, np.full((1, _MOST_REGIONS), -1, np.int16)])
        self._planes[question] = plane = len(self.planes) - 1
        ways = np.zeros((1, 1 << len(REGIONS)), np.uint32)
        for mask in range(ways.shape[1]):
            had = {region for name in techniques for region in TECHNIQUES[name].regions}
            named = tuple(region for bit, region in enumerate(REGIONS) if mask >> bit & 1 and region in had)
            parts = regions_for(techniques, named)
            assert parts is not None  # noqa: S101  (some technique has each)
            # Backwards is a way too: the sum wraps round.
            ways[0, mask] = (self.plane(Several(techniques, tuple(parts))) - plane) * base.size % (1 << 32)
        self.read = np.concatenate([self.read, ways])
        return plane

    def _made(self, question: Several | str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32], list[int]]:
        plane = np.empty(self.planes.shape[1:], np.uint32)
        said = np.zeros(plane.shape, np.int32)
        work: list[int] = []
        if isinstance(question, str):
            plane[:] = unjudged(question)
        elif len(question.techniques) == 1:
            (technique,), (asked,), _ = question
            assert asked is not None  # noqa: S101  (one technique is never left out)
            work = [PLACES_OF_WORK.index((technique, at)) for at in asked or TECHNIQUES[technique].regions]
            plane[:-2, :-2] = self._law(work, named=bool(asked))
        else:
            plane[:], said[:] = self._put_together(question)
        plane[:, -2] = unjudged(NO_PROFESSION)
        plane[:, -1] = unjudged(UNKNOWN_PROFESSION)
        plane[-2] = unjudged(NO_PLACE)
        plane[-1] = unjudged(UNKNOWN_PLACE)
        said[-2:] = 0
        said[:, -2:] = 0
        return plane, said, work

    def _put_together(self, question: Several) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]:
        """Candidates answered alike give that answer; others leave it undetermined, leaning if all lean so."""
        digits = np.zeros(self.planes.shape[1:], np.int32)
        entries = []
        for place, (technique, regions) in enumerate(zip(*question[:2], strict=True)):
            if regions is None:
                digits |= np.int32(LEFT_OUT << 3 * place)
                continue
            entry = self.planes[self.plane(Several((technique,), (regions,)))]
            entries.append(entry)
            digits |= (entry & 7).astype(np.int32) << np.int32(3 * place)
        standings = np.stack([(entry & 7).astype(np.int64) for entry in entries])
        leanings = np.clip(standings, 2, 4)
        alike = (standings == standings[0]).all(axis=0)
        leaning = np.where((leanings == leanings[0]).all(axis=0), leanings[0], 3)
        ambiguous = leaning.astype(np.uint32) | np.uint32(REASON["technique_ambiguous"] << 3)
        number = candidate_lists().index(question.techniques)
        said = (digits | np.int32(number << 3 * CANDIDATES)) + np.int32(1)
        return np.where(alike, entries[0], ambiguous).astype(np.uint32) | np.uint32(NOT_PLAIN << 21), said

    def _law(self, work: list[int], *, named: bool) -> npt.NDArray[np.uint32]:
        """The worst of the regions that decide: those named, else those on which something speaks, else all."""
        base = self.base
        standing = base.standing[..., work].astype(np.int16)
        decides = np.ones(standing.shape, np.bool_)
        if not named:
            speaks = base.speaks[..., work]
            decides = speaks | ~speaks.any(axis=-1, keepdims=True)
        # Of regions that stand alike the first gives the reason, as decide's stable order has it.
        first = np.argmax(np.where(decides, standing, -1), axis=-1)[..., None]

        def taken(field: npt.NDArray[np.generic]) -> npt.NDArray[np.uint32]:
            chosen = np.take_along_axis(field[..., work], first, axis=-1)[..., 0]
            return chosen.astype(np.uint32)

        entry: npt.NDArray[np.uint32] = (
            taken(base.standing) | taken(base.reason) << np.uint32(3) | taken(base.rule) << np.uint32(8)
        )
        masks = (decides << np.arange(len(work))).sum(axis=-1)
        for mask in np.unique(masks):
            context = self._context(tuple(place for at, place in enumerate(work) if mask >> at & 1))
            entry[masks == mask] |= np.uint32(context << 21)
        return entry

    def _context(self, work: tuple[int, ...]) -> int:
        if work not in self.contexts:
            assert len(self.contexts) < _MOST_CONTEXTS  # noqa: S101  (all orders of all regions are fewer)
            row = np.full((1, _MOST_REGIONS), -1, np.int16)
            row[0, : len(work)] = work
            self.context_work = np.concatenate([self.context_work, row])
            self.contexts[work] = len(self.contexts)
        return self.contexts[work]
