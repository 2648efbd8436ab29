"""Clinical knowledge: what forbids a technique on this client, what must come before it, and what codes mean.

The files are in ``knowledge/``; ``model.py`` and ``code_files.py`` are their format. What a decision without codes
never needs is loaded when first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from handrail.safety.load import (
    CATEGORIES,
    KNOWLEDGE,
    contraindications,
    contraindications_file,
    digest,
    items_of,
    known_finding,
    prerequisites_file,
    red_flags,
    step_items,
)
from handrail.safety.model import Contraindication, ProcessCondition, RedFlag, Source, StepItem
from handrail.safety.questions import Question, finding_name, questions

if TYPE_CHECKING:
    from handrail.safety.codes import (
        Coded,
        Facts,
        Match,
        body_site,
        icd10cm,
        is_procedure,
        look_up,
        medicine,
        snomed,
        strongest,
    )
    from handrail.safety.evidence import (
        AdverseEvent,
        AdverseEvents,
        Estimate,
        TrainingFigure,
        adverse_events,
        adverse_events_file,
        compare,
        lint,
        training,
    )
    from handrail.safety.icd import description, icd_site, icd_sites, is_valid

_LATE = {
    **dict.fromkeys(
        "Coded Facts Match body_site icd10cm is_procedure look_up medicine snomed strongest".split(), "codes"
    ),
    **dict.fromkeys(
        (
            "AdverseEvent AdverseEvents Estimate TrainingFigure adverse_events adverse_events_file compare lint "
            "training"
        ).split(),
        "evidence",
    ),
    **dict.fromkeys("description icd_site icd_sites is_valid".split(), "icd"),
}

__all__ = [
    "CATEGORIES",
    "KNOWLEDGE",
    "AdverseEvent",
    "AdverseEvents",
    "Coded",
    "Contraindication",
    "Estimate",
    "Facts",
    "Match",
    "ProcessCondition",
    "Question",
    "RedFlag",
    "Source",
    "StepItem",
    "TrainingFigure",
    "adverse_events",
    "adverse_events_file",
    "body_site",
    "compare",
    "contraindications",
    "contraindications_file",
    "description",
    "digest",
    "finding_name",
    "icd10cm",
    "icd_site",
    "icd_sites",
    "is_procedure",
    "is_valid",
    "items_of",
    "known_finding",
    "lint",
    "look_up",
    "medicine",
    "prerequisites_file",
    "questions",
    "red_flags",
    "snomed",
    "step_items",
    "strongest",
    "training",
]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"handrail.safety.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
