"""Finds days, months and years in a question: "on 2020-06-01", "in March 2026", "l'an dernier", "5 years ago"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from handrail.terms.errors import InputError
from handrail.terms.synonyms import Word, expand, synonyms

_ISO = re.compile(r"(?<![\w/-])((?:19|20|21)[0-9]{2})[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?(?![\w/-])")
_SHORT = re.compile(r"(?<![\w/.-])([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]((?:19|20|21)[0-9]{2})(?![\w/-])")
_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}")
_DAY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|e)?")
_NUMBERS = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_NUMBERS_FR = ["", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
_OPEN = frozenset(
    ("before", "after", "since", "until", "till", "between", "avant", "apres", "depuis", "jusqu", "entre", "prior")
)
_IN = frozenset(("in", "en", "since", "depuis", "last", "next", "of"))

#: Phrase, its unit, and how many of them from today.
_RELATIVE: tuple[tuple[str, str, int], ...] = (
    ("today|now|nowadays|currently|maintenant|actuellement|présentement", "day", 0),
    ("right now", "day", 0),
    ("at the moment", "day", 0),
    ("as of today|now", "day", 0),
    ("these days", "day", 0),
    ("aujourd hui", "day", 0),
    ("yesterday|hier", "day", -1),
    ("tomorrow|demain", "day", 1),
    ("this month", "month", 0),
    ("ce mois ci", "month", 0),
    ("last|previous month", "month", -1),
    ("le mois dernier|passé", "month", -1),
    ("next month", "month", 1),
    ("le mois prochain", "month", 1),
    ("this year", "year", 0),
    ("cette année", "year", 0),
    ("last|previous year", "year", -1),
    ("l an dernier|passé", "year", -1),
    ("l année dernière|passée", "year", -1),
    ("next year", "year", 1),
    ("l an prochain", "year", 1),
    ("l année prochaine", "year", 1),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A day in the words ``first`` to ``last`` (not included).

    It must be asked back if there is more than one option, or if it is ``open`` ("since 2019").
    """

    options: tuple[str, ...]
    first: int
    last: int
    open: bool = False


@cache
def _relative() -> dict[tuple[str, ...], tuple[str, int]]:
    return {words: (unit, step) for phrase, unit, step in _RELATIVE for words in expand(phrase)}


@cache
def _months() -> dict[str, int]:
    return {
        words[0]: number
        for names in synonyms().months.values()
        for number, name in enumerate(names, start=1)
        for words in expand(name)
    }


def _iso(year: int, month: int, day: int | None, raw: str) -> str:
    try:
        return date(year, month, day or 1).isoformat()[: 10 if day else 7]
    except ValueError:
        raise InputError(f"{raw!r} is not a day", hint="Write it as YYYY-MM-DD, YYYY-MM or YYYY") from None


def _shift(today: date, unit: str, step: int) -> str | None:
    try:
        if unit == "day":
            return (today + timedelta(days=step)).isoformat()
        months = today.year * 12 + today.month - 1 + (step if unit == "month" else 12 * step)
        return date(months // 12, months % 12 + 1, 1).isoformat()[: 7 if unit == "month" else 4]
    except (ValueError, OverflowError):
        return None


def _at(words: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    """The words between two positions in the text, as (first, last), last not included."""
    inside = [index for index, word in enumerate(words) if start < word.end and word.start < end]
    return inside[0], inside[-1] + 1


def _numeric(text: str, words: Sequence[Word]) -> list[Found]:
    found = []
    for match in _ISO.finditer(text):
        year, month, day = match.groups()
        value = _iso(int(year), int(month), int(day) if day else None, match[0])
        found.append(Found((value,), *_at(words, *match.span())))
    for match in _SHORT.finditer(text):
        one, two, year = (int(part) for part in match.groups())
        orders = {(one, two), (two, one)} if one <= 12 and two <= 12 else {(max(one, two), min(one, two))}
        values = sorted({_iso(year, month, day, match[0]) for day, month in orders})
        found.append(Found(tuple(values), *_at(words, *match.span())))
    return found


def _number(text: str) -> int | None:
    if re.fullmatch("[0-9]{1,3}", text):
        return int(text)
    if text in ("a", "an"):
        return 1
    for names in (_NUMBERS, _NUMBERS_FR):
        if text in names[1:]:
            return names.index(text)
    return None


def _ago(texts: Sequence[str], at: int, today: date) -> tuple[str, int] | None:
    """ "5 years ago" or "il y a 5 ans" at a word: the value and its length in words."""
    units = {"year": "year", "years": "year", "an": "year", "ans": "year", "annees": "year"}
    units |= {"month": "month", "months": "month", "mois": "month"}
    french = list(texts[at : at + 3]) == ["il", "y", "a"]
    start = at + 3 if french else at
    if len(texts) < start + 2 or (number := _number(texts[start])) is None or texts[start + 1] not in units:
        return None
    if not french and list(texts[start + 2 : start + 3]) != ["ago"]:
        return None
    value = _shift(today, units[texts[start + 1]], -number)
    return None if value is None else (value, start + (2 if french else 3) - at)


def _named(words: Sequence[Word], at: int, today: date) -> Found | None:
    """A date in words that begins at a word."""
    texts = [word.text for word in words]
    months = _months()

    def day(index: int) -> int | None:
        match = _DAY.fullmatch(texts[index]) if index < len(texts) else None
        return int(match[1]) if match and 1 <= int(match[1]) <= 31 else None

    def year(index: int) -> int | None:
        return int(texts[index]) if index < len(texts) and _YEAR.fullmatch(texts[index]) else None

    def of(index: int) -> int:
        return index + (index < len(texts) and texts[index] in ("of", "de"))

    first, month_at = day(at), of(at + 1)
    if first and month_at < len(texts) and texts[month_at] in months:  # 1 June 2020
        last = of(month_at + 1)
        if in_year := year(last):
            raw = " ".join(texts[at : last + 1])
            return Found((_iso(in_year, months[texts[month_at]], first, raw),), at, last + 1)
    if texts[at] in months:
        month = months[texts[at]]
        if (on := day(at + 1)) and (in_year := year(at + 2)):  # June 1, 2020
            return Found((_iso(in_year, month, on, " ".join(texts[at : at + 3])),), at, at + 3)
        if in_year := year(of(at + 1)):  # June 2020
            return Found((f"{in_year}-{month:02}",), at, of(at + 1) + 1)
        if at and texts[at - 1] in _IN and (texts[at] not in ("may", "mar") or words[at].raw[0].isupper()):
            return Found((f"{today.year - 1}-{month:02}", f"{today.year}-{month:02}"), at, at + 1)
    if in_year := year(at):
        return Found((texts[at],), at, at + 1)
    return None


def find_days(text: str, words: Sequence[Word], today: date) -> list[Found]:
    """The days, months and years that a text names, in its order.

    Args:
        text: the question.
        words: its words, as :func:`handrail.terms.synonyms.split` gives them.
        today: the day that "last year" counts from.

    Raises:
        InputError: for a date that does not exist, such as 2021-02-30.
    """
    found = _numeric(text, words)
    taken = {index for each in found for index in range(each.first, each.last)}
    texts = [word.text for word in words]
    at = 0
    while at < len(words):
        each: Found | None = None
        if at not in taken:
            for length in (4, 3, 2, 1):
                step = _relative().get(tuple(texts[at : at + length])) if at + length <= len(texts) else None
                if step and (value := _shift(today, *step)):
                    each = Found((value,), at, at + length)
                    break
            else:
                ago = _ago(texts, at, today)
                each = Found((ago[0],), at, at + ago[1]) if ago else _named(words, at, today)
        if each and not taken & set(range(each.first, each.last)):
            found.append(each)
        at = max(at + 1, each.last if each else 0)
    for index, each in enumerate(found):
        if each.first and texts[each.first - 1] in _OPEN:
            found[index] = Found(each.options, each.first - 1, each.last, open=True)
    return sorted(found, key=lambda each: each.first)
