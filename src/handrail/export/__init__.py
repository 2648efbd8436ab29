"""The law and the clinical knowledge in formats that other engines read and run."""

from handrail.export.model import RANKS
from handrail.export.tables import Tables

__all__ = ["RANKS", "Tables"]
