"""Text for cards: escaped for Markdown, on one line, cut where the specification sets a limit."""

from __future__ import annotations

import re

#: A summary has fewer signs than this.
SUMMARY = 140
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~&!])")


def plain(text: str) -> str:
    """Text on one line, without signs that cannot be printed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def escaped(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> escaped("a *b* <i>")
    'a \\*b\\* \\<i\\>'
    """
    return _SIGNS.sub(r"\\\1", plain(text))


def short(text: str, limit: int = SUMMARY) -> str:
    """Text of fewer signs than a limit, cut at a word.

    >>> short("one two three", 10)
    'one two …'
    """
    text = plain(text)
    if len(text) < limit:
        return text
    return text[: limit - 2].rsplit(" ", 1)[0].rstrip(",;: ") + " …"
