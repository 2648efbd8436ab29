"""Published harms as pictures: each study's own figure, with its range, its denominator and its source.

No figure is averaged, converted or made up; what cannot be drawn is listed with the reason.
"""

from handrail.risk.load import digest, events_file, reviewed_file, risks
from handrail.risk.model import AdverseEvent, Estimate, EstimateRead, EventRisk, Listed, Mark, Risks, Source
from handrail.risk.numbers import Reading, read

__all__ = [
    "AdverseEvent",
    "Estimate",
    "EstimateRead",
    "EventRisk",
    "Listed",
    "Mark",
    "Reading",
    "Risks",
    "Source",
    "digest",
    "events_file",
    "read",
    "reviewed_file",
    "risks",
]
