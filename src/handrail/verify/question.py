"""What a property asks the solver."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

from handrail.verify.model import SymbolicCase
from handrail.verify.shown import Counterexample
from handrail.verify.world import World


class Asked(NamedTuple):
    """Formulas that are true together only of a counterexample."""

    formulas: list[Any]
    #: What the solver may choose.
    cases: tuple[SymbolicCase, ...]
    #: The counterexample that a model is.
    show: Callable[[Any], Counterexample]
    #: A day on which to show it, if it is about a day.
    day: int | None = None


class Question(NamedTuple):
    """A question to the solver; those of one key are the same question and are asked once."""

    key: Hashable
    cells: int
    ask: Callable[[], Asked]


class Property(NamedTuple):
    """Something that must be so.

    Args:
        name: for ``--property``.
        says: what, in a sentence.
        formula: the same, in signs; free variables are meant for all.
        questions: what to ask the solver.
    """

    name: str
    says: str
    formula: str
    questions: Callable[[World], Iterator[Question]]
