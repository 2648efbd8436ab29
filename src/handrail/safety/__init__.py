"""Clinical knowledge: what forbids a technique on this client, and what must come before it.

The files are in ``knowledge/``; ``model.py`` is their format.
"""

from handrail.safety.load import (
    CATEGORIES,
    contraindications,
    contraindications_file,
    digest,
    items_of,
    known_finding,
    red_flags,
    step_items,
)
from handrail.safety.model import Contraindication, ProcessCondition, RedFlag, StepItem

__all__ = [
    "CATEGORIES",
    "Contraindication",
    "ProcessCondition",
    "RedFlag",
    "StepItem",
    "contraindications",
    "contraindications_file",
    "digest",
    "items_of",
    "known_finding",
    "red_flags",
    "step_items",
]
