"""The fixed wording of the papers, in English and French, and days in words."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec

from handrail.files import convert, parse, read_bytes
from handrail.terms import InputError, did_you_mean

Language = Literal["en", "fr"]
LANGUAGES: tuple[str, ...] = get_args(Language)
FILE = Path(__file__).parent / "words.yaml"
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_BEFORE_SIGN = re.compile(r" (?=[:;?!»])")


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in both languages."""

    en: str
    fr: str


@cache
def words() -> dict[str, Word]:
    """All fixed wording by its key.

    Raises:
        InputError: if the file is broken.
    """
    return convert(parse(read_bytes(FILE), FILE.name), dict[str, Word], FILE.name)


def known_language(given: str) -> Language:
    """``given``, if it is a language of the papers; raises InputError with those that are."""
    if given in LANGUAGES:
        return cast(Language, given)
    raise InputError(f"{given!r} is not a language of the papers", hint=did_you_mean(given, LANGUAGES))


class Voice:
    """Speaks one language.

    Args:
        language: ``en`` or ``fr``.
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **filled: object) -> str:
        """A sentence, filled in."""
        return _spaced(getattr(words()[key], self.language), self.language).format(**filled)

    def own(self, text: str) -> str:
        """A word of the vocabulary, with the signs of this language."""
        return _spaced(text, self.language)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in words()

    def day(self, given: str) -> str:
        """A day, month or year in words.

        >>> Voice("fr").day("2026-11-24"), Voice("en").day("2026-11"), Voice("en").day("2026")
        ('24 novembre 2026', 'November 2026', '2026')
        """
        parts = given.split("-")
        months = _MONTHS[self.language].split()
        if len(parts) == 3:
            day = date.fromisoformat(given)
            number = "1er" if day.day == 1 and self.language == "fr" else str(day.day)
            return f"{number} {months[day.month - 1]} {day.year}"
        if len(parts) == 2:
            return f"{months[int(parts[1]) - 1]} {parts[0]}"
        return given

    def listed(self, items: list[str]) -> str:
        """``a, b and c``."""
        if len(items) < 2:
            return "".join(items)
        return self("and").join((", ".join(items[:-1]), items[-1]))


def _spaced(text: str, language: Language) -> str:
    """French signs keep the space before them on the same line."""
    text = text.replace("'", "’")
    if language == "en":
        return text
    return _BEFORE_SIGN.sub("\u00a0", text).replace("« ", "«\u00a0")
