"""What a client's record, or answers, say: FHIR resources and questionnaires turned into findings.

``fhir.py`` reads the resources, ``screen.py`` turns them into a client with findings, ``stream.py`` goes through
files and folders of them; ``questionnaire.py`` and ``answers.py`` are the questions before treatment.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from handrail.intake.fhir import Document, read
from handrail.intake.found import Evidence, Screening, SetAside, Unrecognised
from handrail.intake.questionnaire import questionnaire
from handrail.intake.screen import screen

if TYPE_CHECKING:
    from handrail.intake.answers import Answers, of_response
    from handrail.intake.questionnaire import Questionnaire
    from handrail.intake.questionnaire_fhir import to_fhir

_LATE = {
    "Answers": "answers",
    "of_response": "answers",
    "Questionnaire": "questionnaire",
    "to_fhir": "questionnaire_fhir",
}

__all__ = [
    "Answers",
    "Document",
    "Evidence",
    "Questionnaire",
    "Screening",
    "SetAside",
    "Unrecognised",
    "of_response",
    "questionnaire",
    "read",
    "screen",
    "to_fhir",
]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"handrail.intake.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
