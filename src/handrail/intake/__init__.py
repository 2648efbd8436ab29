"""What a client's record, or answers, say: FHIR resources and questionnaires turned into findings.

``fhir.py`` reads the resources, ``screen.py`` turns them into a client with findings, ``stream.py`` goes through
files and folders of them.
"""

from handrail.intake.fhir import Document, read
from handrail.intake.found import Evidence, Screening, SetAside, Unrecognised
from handrail.intake.screen import screen

__all__ = ["Document", "Evidence", "Screening", "SetAside", "Unrecognised", "read", "screen"]
