"""What the generator draws from: ``figures.yaml``, typed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import yaml

Shares = dict[str, float]
Sources = tuple[str, ...]


class _Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Source(_Typed, frozen=True):
    """Where figures were read. ``read`` says what of it was, and what was filled in."""

    title: str
    read: str
    url: str | None = None


class Elsewhere(_Typed, frozen=True):
    """People by place, for places without counts of providers, and people where providers were counted."""

    source: Sources
    people_where_counted: int
    people: dict[str, int]


class Billed(_Typed, frozen=True):
    """A visit bills one of ``first``, and up to ``most_further`` of ``further``, each by its share."""

    source: Sources
    first: Shares
    further: Shares
    most_further: int


class Like(_Typed, frozen=True):
    """Counts that are a share of another profession's."""

    profession: str
    share: float


class Profession(_Typed, frozen=True):
    """Providers of a profession: how many where, and what they bill."""

    source: Sources
    volume: float
    taxonomies: Shares
    provider_type: str | None
    credentials: str
    billed: Billed
    modifiers: dict[str, str]
    diagnoses: Shares
    counts: dict[str, int] = {}
    counts_like: Like | None = None


class Units(_Typed, frozen=True):
    """Shares of numbers of units, for procedures that are billed by time."""

    source: Sources
    timed: tuple[str, ...]
    shares: dict[int, float]


class Amounts(_Typed, frozen=True):
    """Dollars for a unit of a procedure, in the middle; ``spread`` is the width of the lognormal around it."""

    source: Sources
    spread: float
    dollars: Shares
    units: Units


class Seldom(_Typed, frozen=True):
    """Diagnoses that are seldom there: in this share of visits."""

    share: float
    codes: Shares


class Diagnoses(_Typed, frozen=True):
    """Diagnoses of visits, by groups that professions name."""

    source: Sources
    most: int
    regions_treated: Shares
    limb_treated: str
    groups: dict[str, Shares]
    seldom: Seldom


class PlantedFigures(_Typed, frozen=True):
    """What planted violations bill."""

    source: Sources
    procedures: tuple[str, ...]


class Figures(_Typed, frozen=True):
    """All of ``figures.yaml``."""

    sources: dict[str, Source]
    elsewhere: Elsewhere
    professions: dict[str, Profession]
    amounts: Amounts
    diagnoses: Diagnoses
    planted: PlantedFigures

    def counts(self, profession: str) -> dict[str, float]:
        """Providers of a profession by place. Places without a count have as many a head as the counted ones."""
        about = self.professions[profession]
        if about.counts_like:
            share = about.counts_like.share
            return {place: share * n for place, n in self.counts(about.counts_like.profession).items()}
        a_head = sum(about.counts.values()) / self.elsewhere.people_where_counted
        return {**about.counts, **{place: a_head * n for place, n in self.elsewhere.people.items()}}


@cache
def figures() -> Figures:
    """The shipped figures."""
    text = Path(__file__).with_name("figures.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Figures)
