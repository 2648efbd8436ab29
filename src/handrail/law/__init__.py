"""The law of each jurisdiction: one dated, cited YAML file per state, province or territory.

The files are in ``jurisdictions/``; ``model.py`` is their format, ``load.py`` reads and checks them.
"""

from handrail.law.load import Law, has, jurisdictions, load, load_file, schema
from handrail.law.model import (
    HELD,
    Basis,
    Condition,
    ConditionClass,
    ConditionType,
    Effect,
    LawFile,
    Prerequisite,
    Profession,
    Regulated,
    RequirementKind,
    ReservedAct,
    Rule,
    Term,
    day_after,
)

__all__ = [
    "HELD",
    "Basis",
    "Condition",
    "ConditionClass",
    "ConditionType",
    "Effect",
    "Law",
    "LawFile",
    "Prerequisite",
    "Profession",
    "Regulated",
    "RequirementKind",
    "ReservedAct",
    "Rule",
    "Term",
    "day_after",
    "has",
    "jurisdictions",
    "load",
    "load_file",
    "schema",
]
