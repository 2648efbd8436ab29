"""Texts in cells of a CSV that a spreadsheet may open."""

from __future__ import annotations

#: A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what it would.

    >>> guarded("=1+1"), guarded("M54.5")
    ("'=1+1", 'M54.5')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
