"""Published harms as pictures: each study's own figure, with its range, its denominator and its source.

No figure is averaged, converted or made up; what cannot be drawn is listed with the reason.
"""

from handrail.risk.load import digest, reviewed_file, risks
from handrail.risk.model import EstimateRead, EventRisk, Listed, Mark, Risks
from handrail.risk.numbers import Reading, read

__all__ = [
    "EstimateRead",
    "EventRisk",
    "Listed",
    "Mark",
    "Reading",
    "Risks",
    "digest",
    "read",
    "reviewed_file",
    "risks",
]
