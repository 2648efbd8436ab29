"""The one error that bad input raises, and the suggestion that goes with it."""

from __future__ import annotations

from collections.abc import Iterable


class InputError(ValueError):
    """Input that cannot be understood: one line that says what, where and what would be right.

    The command line ends with exit code 2 on it, the service with a 4xx answer.

    Args:
        message: what is wrong, without a final stop.
        where: the file and field, or the option, if there is one.
        hint: what would be right.
    """

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        self.message, self.where, self.hint = message, where, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        line = f"{self.where}: {self.message}" if self.where else self.message
        return f"{line}. {self.hint}" if self.hint else line


def did_you_mean(given: object, known: Iterable[str], *, listing: int = 8) -> str:
    """A suggestion for a word that is not known, or the words that are.

    >>> did_you_mean("chiropracter", ["chiropractor", "physician"])
    'Did you mean chiropractor?'
    """
    words = list(known)
    from rapidfuzz import fuzz, process  # only a mistake pays for the import

    best = process.extract(str(given), words, scorer=fuzz.WRatio, processor=str.casefold, limit=3, score_cutoff=70)
    if best:
        top = best[0][1]
        near = [word for word, score, _ in best if score >= top - 5]
        return f"Did you mean {' or '.join(near)}?"
    shown = ", ".join(words[:listing])
    return f"Known: {shown}{', ...' if len(words) > listing else ''}"
