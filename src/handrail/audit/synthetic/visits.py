"""Visits to draw from: what one claim bills, and for which diagnoses.

A few hundred visits of each profession are drawn from the figures; claims then choose among them, so that each is
judged once and not once for every claim.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from handrail.audit.synthetic.figures import Figures, Profession
from handrail.terms.billing import FROM_DIAGNOSES, Procedure, shipped

#: Visits of each profession to choose from.
VISITS = 400
#: Diagnoses of a visit, at most: four regions treated and two more.
MOST_DIAGNOSES = 6
#: Billing codes that count regions count up to this many; a line points at four diagnoses.
_MOST_REGIONS = 4


class Line(NamedTuple):
    """A line of a visit."""

    procedure: str
    modifiers: str
    units: int


class Visit(NamedTuple):
    """What one claim bills. ``violates``: it is there to be planted, its first line in violation."""

    profession: str
    lines: tuple[Line, ...]
    diagnoses: tuple[str, ...]
    violates: bool = False


def visits_of(figures: Figures, rng: np.random.Generator, *, coded: bool, professions: list[str]) -> list[Visit]:
    """Visits of each profession, the ordinary ones and those to be planted.

    Args:
        figures: what to draw from.
        rng: the source of chance.
        coded: whether the claims have diagnoses.
        professions: whose visits.
    """
    made: list[Visit] = []
    for name in professions:
        maker = _Maker(figures, name, rng, coded)
        made += (maker.ordinary() for _ in range(VISITS))
        made += maker.violations()
    return made


def procedures_of(figures: Figures, rng: np.random.Generator, professions: list[str]) -> list[Visit]:
    """One visit for each procedure that a profession bills, and for each to be planted: no diagnoses."""
    made: list[Visit] = []
    for name in professions:
        billed = figures.professions[name].billed
        maker = _Maker(figures, name, rng, False)
        made += (Visit(name, (Line(code, "", 1),), ()) for code in (*billed.first, *billed.further))
        made += (visit for visit in maker.violations() if len(visit.lines) == 1)
    return list(dict.fromkeys(made))


class _Maker:
    def __init__(self, figures: Figures, name: str, rng: np.random.Generator, coded: bool) -> None:
        self.figures, self.name, self.rng, self.coded = figures, name, rng, coded
        self.about: Profession = figures.professions[name]

    def ordinary(self) -> Visit:
        billed = self.about.billed
        first, further = self._one(billed.first), int(self.rng.integers(0, billed.most_further + 1))
        codes = list(dict.fromkeys([first, *(self._one(billed.further) for _ in range(further))]))
        return Visit(self.name, tuple(map(self._line, codes)), self._diagnoses(codes, self._seldom()))

    def violations(self) -> list[Visit]:
        """Every procedure to be planted, alone and beside an ordinary one, with and without a seldom diagnosis."""
        seldom = ["", *self.figures.diagnoses.seldom.codes] if self.coded else [""]
        beside = self._one(self.about.billed.first)
        made = []
        for code in self.figures.planted.procedures:
            for diagnosis in seldom:
                found = self._diagnoses([code], (diagnosis,) if diagnosis else ())
                for codes in ([code], [code, beside] if beside != code else [code]):
                    lines = tuple(map(self._line, codes))
                    made.append(Visit(self.name, lines, found, violates=True))
        return made

    def _line(self, code: str) -> Line:
        units = self.figures.amounts.units
        number = int(self._one({str(n): share for n, share in units.shares.items()})) if code in units.timed else 1
        return Line(code, self.about.modifiers.get(code, ""), number)

    def _seldom(self) -> tuple[str, ...]:
        seldom = self.figures.diagnoses.seldom
        return (self._one(seldom.codes),) if self.rng.random() < seldom.share else ()

    def _diagnoses(self, codes: list[str], also: tuple[str, ...]) -> tuple[str, ...]:
        if not self.coded:
            return ()
        about = self.figures.diagnoses
        found = [code for row in map(shipped().procedure, codes) if row for code in self._treated(row)]
        many = int(self.rng.integers(1, about.most + 1)) - len(also)
        found += [self._one(about.groups[self._one(self.about.diagnoses)]) for _ in range(many)]
        return tuple(dict.fromkeys([*found, *also]))[:MOST_DIAGNOSES]

    def _treated(self, row: Procedure) -> list[str]:
        """M99.0x for the regions that a code counts, or for a limb."""
        about = self.figures.diagnoses
        if row.region == "extremity":
            return [about.limb_treated]
        if row.region != FROM_DIAGNOSES or row.region_count is None:
            return []
        most = min(row.region_count.max, _MOST_REGIONS)
        number = int(self.rng.integers(min(row.region_count.min, most), most + 1))
        names = list(about.regions_treated)
        shares = _normal(list(about.regions_treated.values()))
        chosen = self.rng.choice(len(names), size=number, replace=False, p=shares)
        return [names[n] for n in sorted(chosen)]

    def _one(self, shares: dict[str, float]) -> str:
        names = list(shares)
        return names[int(self.rng.choice(len(names), p=_normal(list(shares.values()))))]


def _normal(shares: list[float]) -> Any:
    found = np.array(shares, np.float64)
    return found / found.sum()
