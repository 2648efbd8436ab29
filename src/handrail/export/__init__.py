"""The law and the clinical knowledge in formats that other engines read and run.

``tables.py`` flattens the knowledge; every format is made from these tables, and answers as ``decide`` does.
``cedar``, ``dmn``, ``rego`` and ``sql`` each have a ``request``, which turns a case into what the engine is asked.
"""

from handrail.export import cedar, dmn, rego, sql
from handrail.export.case import Flat, Result, flat
from handrail.export.model import ANY, RANKS
from handrail.export.plain import answer
from handrail.export.schema import TABLES
from handrail.export.tables import Tables
from handrail.export.write import FORMATS, made, write

__all__ = [
    "ANY",
    "FORMATS",
    "RANKS",
    "TABLES",
    "Flat",
    "Result",
    "Tables",
    "answer",
    "cedar",
    "dmn",
    "flat",
    "made",
    "rego",
    "sql",
    "write",
]
