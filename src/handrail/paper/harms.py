"""Published harms for a paper: each estimate in its own words, with its denominator, study, year and source."""

from __future__ import annotations

from typing import NamedTuple

from handrail.decide import Decision
from handrail.paper.sources import Sources
from handrail.risk import risks
from handrail.safety import AdverseEvent, Estimate

SEVERITIES = ("minor", "moderate", "serious", "catastrophic")


class EstimateLine(NamedTuple):
    """An estimate as it stands on paper."""

    estimate: Estimate
    ref: int


class HarmLines(NamedTuple):
    """A harm with its estimates."""

    event: AdverseEvent
    estimates: tuple[EstimateLine, ...]
    onset_ref: int | None
    refs: tuple[int, ...]


class SeverityGroup(NamedTuple):
    """The harms of one severity: those with a published number, and those without."""

    severity: str
    counted: tuple[HarmLines, ...]
    uncounted: tuple[HarmLines, ...]


def groups(decision: Decision, sources: Sources, severities: tuple[str, ...] = SEVERITIES) -> list[SeverityGroup]:
    """The published harms of what is asked, by severity; severities without any are left out."""
    found = risks(decision.case.technique, decision.case.asked_regions).events
    grouped = []
    for severity in severities:
        events = [risk.event for risk in found if risk.event.severity == severity]
        if events:
            counted = tuple(_lines(event, sources) for event in events if event.estimates)
            uncounted = tuple(_lines(event, sources) for event in events if not event.estimates)
            grouped.append(SeverityGroup(severity, counted, uncounted))
    return grouped


def _lines(event: AdverseEvent, sources: Sources) -> HarmLines:
    # In the order in which they are named on the page.
    refs = (sources.add(event.source.title, event.source.url, event.text_seen),) if event.source else ()
    onset = event.onset_source
    onset_ref = sources.add(onset.title, onset.url) if onset else None
    estimates = tuple(
        EstimateLine(one, sources.add(one.source.title, one.source.url, one.text_seen)) for one in event.estimates
    )
    return HarmLines(event, estimates, onset_ref, refs)
