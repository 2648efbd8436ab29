"""Law and safety as dense tables, and one kernel that judges columns of claim lines.

The answers are those of ``decide``; ``docs/compiled.md`` says how the tables look. What is heavy (numpy, numba,
pyarrow: the extra ``audit``) is imported when first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handrail.compiled.extra import require
from handrail.compiled.lines import cases
from handrail.compiled.words import NOT_JUDGED, REASONS, VERDICTS

if TYPE_CHECKING:
    from handrail.terms.billing import Codes

__all__ = ["NOT_JUDGED", "REASONS", "VERDICTS", "cases", "digest", "judge", "warm"]


def judge(lines: Any, *, codes: Codes | None = None) -> Any:
    """Judges claim lines, each as ``decide`` judges a record.

    Args:
        lines: a pyarrow.RecordBatch with ``jurisdiction``, ``profession``, ``technique``, ``regions`` (texts,
            best as dictionaries), ``service_from`` and perhaps ``service_to`` (dates), and up to twelve diagnoses
            ``dx1`` to ``dx12`` (ICD-10-CM as written). Other columns are let be.
        codes: maps of codes whose ``regions`` say which region a diagnosis names; None: the shipped ones.

    Returns:
        A pyarrow.RecordBatch of the same length and order: ``verdict``, ``leaning``, ``rule``, ``reason`` (a key
        of REASONS) and ``candidates``, all dictionaries of texts.

    Raises:
        InputError: if a column is missing or of a type that is none of these, or the extra ``audit`` is not
        installed.
    """
    require()
    from handrail.compiled.judging import judge_of

    return judge_of(codes).judge(lines)


def warm() -> None:
    """Loads the tables and the kernel, which are kept on disk, so that the first batch does not wait for them.

    Raises:
        InputError: if the extra ``audit`` is not installed.
    """
    require()
    from handrail.compiled.first_use import warm as warm_

    warm_()


def digest() -> str:
    """SHA-256 of the knowledge in the tables (law, clinical files, vocabulary, semantics), in hex.

    Raises:
        InputError: if the extra ``audit`` is not installed.
    """
    require()
    from handrail.decide import digest as digest_

    return digest_()
