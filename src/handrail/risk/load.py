"""Loads the published harms and joins them with what was read from them."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import cache
from pathlib import Path

from handrail.files import convert, parse, read_bytes
from handrail.risk.model import (
    EstimateRead,
    EventRisk,
    Listed,
    Mark,
    MarkText,
    Reviewed,
    ReviewedFile,
    Risks,
)
from handrail.risk.numbers import read
from handrail.safety import KNOWLEDGE, AdverseEvent, Estimate, adverse_events_file
from handrail.terms import REGIONS, TECHNIQUES, InputError, known

REVIEWED = Path(__file__).parent / "estimates.yaml"


@cache
def reviewed_file() -> ReviewedFile:
    """What was read from each estimate; raises InputError, naming file and field, if it is broken."""
    return convert(parse(read_bytes(REVIEWED), REVIEWED.name), ReviewedFile, REVIEWED.name)


@cache
def _all() -> tuple[EventRisk, ...]:
    return join(adverse_events_file().adverse_events, reviewed_file().estimates)


def join(events: tuple[AdverseEvent, ...], reviewed: tuple[Reviewed, ...]) -> tuple[EventRisk, ...]:
    """Each estimate with what was read from it.

    An estimate that nobody has reviewed, or whose text has changed since, is listed and not drawn.

    Raises:
        InputError: for a review of an estimate that does not exist, or whose numbers are not those in its words.
    """
    found: dict[tuple[str, str, int], Reviewed] = {}
    for row in reviewed:
        key = (row.event, row.study, row.year)
        if key in found:
            raise InputError("is there twice", where=f"{REVIEWED.name}: {_named(row)}")
        found[key] = row
    risks = []
    for event in events:
        estimates = tuple(
            _read(estimate, found.pop((event.id, estimate.study, estimate.year), None))
            for estimate in event.estimates
        )
        risks.append(EventRisk(event=event, estimates=estimates))
    for row in found.values():
        raise InputError("no such estimate is in adverse_events.yaml", where=f"{REVIEWED.name}: {_named(row)}")
    return tuple(risks)


def risks(technique: str, regions: tuple[str, ...] | list[str] | str | None = None) -> Risks:
    """The published harms of a technique.

    Args:
        technique: a technique's id.
        regions: regions that it has; none or empty for all of them.

    Raises:
        InputError: for a technique or region that is not one.

    >>> risks("thrust_spine", "cervical").events[0].event.id
    'transient_soreness'
    """
    known("technique", technique, TECHNIQUES)
    asked = (regions,) if isinstance(regions, str) else tuple(dict.fromkeys(regions or ()))
    has = TECHNIQUES[technique].regions
    for region in asked:
        known("region", region, REGIONS)
        if region not in has:
            raise InputError(f"{technique} has no region {region}", hint=f"Its regions: {', '.join(has)}")
    events = tuple(risk for risk in _all() if risk.event.concerns(technique, asked or has))
    compiled = str(adverse_events_file().meta.get("compiled", ""))
    return Risks(technique=technique, regions=asked, events=events, compiled=compiled)


@cache
def digest() -> str:
    """A hash of the two files: the same hash gives the same risks."""
    total = hashlib.sha256()
    for path in (KNOWLEDGE / "adverse_events.yaml", REVIEWED):
        total.update(path.name.encode() + b"\0" + read_bytes(path) + b"\0")
    return total.hexdigest()[:16]


def _read(estimate: Estimate, reviewed: Reviewed | None) -> EstimateRead:
    unread = Listed(text=estimate.value, why="not_reviewed", note=None)
    if reviewed is None:
        return EstimateRead(estimate=estimate, marks=(), listed=(unread,))
    said = " ".join(f"{estimate.value} | {estimate.denominator}".split())
    phrases = [*(mark.read for mark in reviewed.marks), *(part.read for part in reviewed.listed)]
    if any(" ".join(phrase.split()) not in said for phrase in phrases):
        return EstimateRead(estimate=estimate, marks=(), listed=(unread,))
    return EstimateRead(
        estimate=estimate,
        marks=tuple(_mark(mark, reviewed) for mark in reviewed.marks),
        listed=tuple(Listed(text=part.read, why=part.why, note=part.note) for part in reviewed.listed),
    )


def _mark(mark: MarkText, reviewed: Reviewed) -> Mark:
    where = f"{REVIEWED.name}: {_named(reviewed)}: {mark.what}"
    for part in (mark.number, mark.out_of):
        if part is not None and part not in mark.read:
            raise InputError(f"{part!r} does not stand in the words it was read from", where=where)
    try:
        reading = read(mark.number, mark.out_of, limit=mark.limit)
        given = tuple(Fraction(end) if end is not None else None for end in (mark.at, mark.low, mark.high))
    except (ValueError, ZeroDivisionError) as error:
        message = error.message if isinstance(error, InputError) else "at, low or high is not a number"
        raise InputError(message, where=where) from None
    if reading[1:] != given:
        raise InputError(f"at, low and high are not what {mark.number!r} says", where=where)
    return Mark(
        what=mark.what,
        kind=reading.kind,
        at=reading.at,
        low=reading.low,
        high=reading.high,
        per=mark.per,
        read=mark.read,
        number=f"{mark.number} per {mark.out_of}" if mark.out_of else mark.number,
        comparison=mark.comparison,
    )


def _named(row: Reviewed) -> str:
    return f"{row.event}, {row.study} {row.year}"
