"""Providers: how many of which profession where, their NPIs, and how much each bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from handrail.audit.synthetic.figures import Figures

#: How unlike providers of a profession are in how much they bill: the width of a lognormal.
_UNLIKE = 0.8
#: Numbers between 1,000,000,00 and 1,999,999,99 (the last digit checks), and a step that visits each once.
_NUMBERS, _STEP = 10**8, 61_803_399
_PREFIX_SUM = 24


@dataclass
class People:
    """Providers, sorted by place and profession.

    Args:
        places, professions: what the numbers stand for.
        place, profession, taxonomy: of each, as numbers.
        npi: of each; 0: none.
        seats: a provider's number as often as is its share of all lines.
    """

    places: list[str]
    professions: list[str]
    taxonomies: list[str]
    place: Any
    profession: Any
    taxonomy: Any
    npi: Any
    seats: Any

    def __len__(self) -> int:
        return len(self.place)


def people(figures: Figures, number: int, rng: np.random.Generator, places: list[str], names: list[str]) -> People:
    """So many providers, or as many as there are.

    Args:
        figures: what to draw from.
        number: how many.
        rng: the source of chance.
        places: where; each has an NPI where the counts are United States' ones.
        names: professions.
    """
    weights = np.array([[figures.counts(name).get(place, 0.0) for name in names] for place in places])
    number = int(min(max(number, 1), weights.sum()))
    counts = rng.multinomial(number, weights.reshape(-1) / weights.sum())
    cell = np.repeat(np.arange(weights.size), counts)
    place, profession = cell // len(names), cell % len(names)
    taxonomies, taxonomy = _taxonomies(figures, names, profession, rng)
    volume = np.array([figures.professions[name].volume for name in names])[profession]
    share = volume * rng.lognormal(0.0, _UNLIKE, number)
    seats = np.repeat(np.arange(number), np.maximum(1, np.rint(8 * share / share.mean()).astype(np.int64)))
    abroad = np.array([name in figures.elsewhere.people for name in places])[place]
    npi = np.where(abroad, 0, npis(number, int(rng.integers(_NUMBERS))))
    return People(
        places,
        names,
        taxonomies,
        place.astype(np.int16),
        profession.astype(np.int16),
        taxonomy,
        npi,
        seats.astype(np.int32),
    )


def _taxonomies(
    figures: Figures, names: list[str], profession: Any, rng: np.random.Generator
) -> tuple[list[str], Any]:
    listed: list[str] = []
    found = np.zeros(len(profession), np.int16)
    for number, name in enumerate(names):
        shares = figures.professions[name].taxonomies
        these = np.flatnonzero(profession == number)
        weights = np.array(list(shares.values()))
        found[these] = len(listed) + rng.choice(len(shares), size=len(these), p=weights / weights.sum())
        listed += shares
    return listed, found


def npis(number: int, start: int) -> Any:
    """So many different National Provider Identifiers with the right check digit.

    >>> from handrail.audit.npi import right
    >>> bool(right(npis(1000, 7)).all()), len(set(npis(1000, 7).tolist()))
    (True, 1000)
    """
    stems = _NUMBERS + (start + np.arange(number, dtype=np.int64) * _STEP) % _NUMBERS
    total = np.full(number, _PREFIX_SUM, np.int64)
    rest = stems.copy()
    for at in range(9):
        digit = rest % 10
        rest //= 10
        if at % 2 == 0:
            digit = digit * 2
            digit -= 9 * (digit > 9)
        total += digit
    return stems * 10 + (-total) % 10
