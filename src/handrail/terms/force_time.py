"""Published figures of force and time by technique: data, in ``force_time.yaml``, each with its source."""

from __future__ import annotations

from functools import cache

import msgspec

from handrail.terms.vocabulary import read_yaml


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where figures were found, how much of it was read, and whether the figures themselves were seen."""

    title: str
    url: str
    scope: str
    text_seen: bool


class Thrust(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A thrust: peak in N; duration, and the rise to the peak where it was published, in ms."""

    id: str
    region: str | None
    name: str
    peak: float
    duration: float
    where: str
    source: str
    peak_sd: float | None = None
    rise: float | None = None
    #: The peak was put in relation to something (which was not seen).
    normalised: bool = False
    preload: float | None = None
    preload_duration: float | None = None
    valley: float | None = None


class Oscillation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A force that comes and goes: N and Hz."""

    id: str
    region: str
    name: str
    low: float
    high: float
    frequency: float
    frequency_sd: float
    where: str
    source: str


class Peak(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A peak of force in N, without its time."""

    id: str
    technique: str
    region: str | None
    name: str
    peak: float
    where: str
    source: str
    peak_sd: float | None = None


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The least and the most over many studies of mobilization."""

    studies: int
    peak: tuple[float, float]
    frequency: tuple[float, float]
    bout_seconds: tuple[float, float]
    source: str


class ForceTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file, whole."""

    sources: dict[str, Source]
    thrusts: tuple[Thrust, ...]
    whole: Thrust
    on_table: Thrust
    oscillation: Oscillation
    peaks: tuple[Peak, ...]
    review: Review


@cache
def force_time() -> ForceTime:
    """The figures.

    Raises:
        msgspec.ValidationError: if the file is broken.
    """
    made = msgspec.convert(read_yaml("force_time.yaml"), ForceTime)
    for name in used(made):
        if name not in made.sources:
            raise msgspec.ValidationError(f"{name} is no source of force_time.yaml")
    return made


def used(data: ForceTime) -> list[str]:
    """The sources that the figures name, in the order of the file."""
    thrusts = [one.source for one in (*data.thrusts, data.whole, data.on_table)]
    peaks = [one.source for one in data.peaks]
    return list(dict.fromkeys([*thrusts, data.oscillation.source, *peaks, data.review.source]))
