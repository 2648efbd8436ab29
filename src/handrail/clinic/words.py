"""Words that people give: what is taken as an id, a name or a reason."""

from __future__ import annotations

import re
import unicodedata

from handrail.terms import InputError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def plain(given: object, what: str, *, longest: int = 128) -> str:
    """A line of text without control characters, trimmed.

    Raises:
        InputError: if it is empty, too long, or no such text. It is not repeated in the message.
    """
    text = " ".join(given.split()) if isinstance(given, str) else ""
    if not text:
        raise InputError(f"{what} is missing", where=what)
    if len(text) > longest:
        raise InputError(f"{what} is longer than {longest} characters", where=what)
    # Format signs (bidi overrides, zero-width) could make one name look like another.
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") for sign in text):
        raise InputError(f"{what} has a sign that cannot be shown", where=what)
    return text


def an_id(given: object, what: str) -> str:
    """An id: letters, digits, dots, hyphens and underscores, at most 64.

    Raises:
        InputError: if it is none.
    """
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise InputError(
            f"the {what} is not an id", where=what, hint="Letters, digits, dots, hyphens, underscores; at most 64"
        )
    return given
