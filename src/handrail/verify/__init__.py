"""Proofs over the whole law: what must never happen, proved by a solver or refuted with a command to run.

The model is made from the exported tables alone, not from the evaluators' code.
"""

from handrail.verify.model import SymbolicCase
from handrail.verify.question import Property
from handrail.verify.run import PROPERTIES, Report, Result, verify
from handrail.verify.shown import Counterexample

__all__ = ["PROPERTIES", "Counterexample", "Property", "Report", "Result", "SymbolicCase", "verify"]
