"""Reads a text into the phrases it is made of: which words mean what, where they stand, and what is left over.

Words that mean different things in different positions are settled here: two-letter codes of places ("OR", "ME"),
two-letter titles ("DO", "PT") and misspellings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from handrail.ask._days import Found, find_days
from handrail.terms.synonyms import Sense, Word, lexicon, split, synonyms

#: Initials that are words when written small; they need an article then ("a do").
_WORDS_TOO = frozenset(("do", "at", "ot", "np"))
#: A misspelled place of this length is one wherever it stands.
_SURE = 9
_TOWNS = frozenset(("city", "unclear_place", "elsewhere"))
_SPINE = frozenset(("cervical", "thoracic", "lumbar", "sacral"))
_PLACES = _TOWNS | {"place", "unclear_code"}


@dataclass(frozen=True, slots=True)
class Span:
    """The words ``first`` to ``last`` (not included) and what they mean; ``raw`` as written."""

    first: int
    last: int
    sense: Sense
    raw: str


@dataclass
class Reading:
    """A text, read: its words, phrases, days, words left over, and misspellings as (written, read) pairs."""

    text: str
    words: list[Word]
    days: list[Found]
    spans: list[Span] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    corrected: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts = [word.text for word in self.words]
        self.shouting = not any(sign.islower() for sign in self.text)
        self.taken = {index for day in self.days for index in range(day.first, day.last)}

    def of(self, *what: str) -> list[Span]:
        """The phrases of these kinds."""
        return [span for span in self.spans if span.sense.what in what]

    def raw(self, first: int, last: int) -> str:
        """The words from first to last (not included), as written."""
        return " ".join(self.text[self.words[first].start : self.words[last - 1].end].split())

    def gap(self, index: int) -> str:
        """What is written between a word and the one before it."""
        before = self.words[index - 1].end if index else 0
        after = self.words[index].start if index < len(self.words) else len(self.text)
        return self.text[before:after]

    def before(self, index: int) -> int:
        """The nearest word before, past determiners; -1 if there is none."""
        index -= 1
        while index >= 0 and self.texts[index] in lexicon().markers["determiner"]:
            index -= 1
        return index

    def capitalised(self, index: int) -> bool:
        """Whether a word has a capital that means something."""
        return not self.shouting and self.words[index].raw[0].isupper()


def read(text: str, today: date) -> Reading:
    """The reading of a text.

    Raises:
        InputError: for a date that does not exist.
    """
    words = split(text)
    reading = Reading(text, words, find_days(text, words, today))
    _scan(reading)
    corrections = {}
    for index in reading.left:
        written = reading.texts[index]
        target = lexicon().correct(written)
        if target in lexicon().place_only and len(written) < _SURE:
            placed = index > 0 and reading.texts[index - 1] in lexicon().markers["place"]
            target = target if placed or reading.capitalised(index) else None
        if target:
            corrections[index] = target
            reading.corrected.append((words[index].raw, target))
    if corrections:
        for index, target in corrections.items():
            reading.words[index] = words[index]._replace(text=target)
            reading.texts[index] = target
        reading.spans, reading.left = [], []
        _scan(reading)
    return reading


def _scan(reading: Reading) -> None:
    book, texts = lexicon(), reading.texts
    at = 0
    while at < len(texts):
        if at in reading.taken:
            at += 1
            continue
        for length, sense in book.matches(texts, at):
            if reading.taken.isdisjoint(range(at, at + length)) and _stands(reading, at, sense):
                break
        else:
            length, short = 1, _short(reading, at)
            if short is None:
                if texts[at] not in book.silent:
                    reading.left.append(at)
                at += 1
                continue
            sense = short
        reading.spans.append(Span(at, at + length, sense, reading.raw(at, at + length)))
        at += length


def _stands(reading: Reading, at: int, sense: Sense) -> bool:
    """Whether a phrase may be read here: abbreviations such as "Miss." only where a place stands."""
    if sense.tag != "dotted":
        return True
    return reading.capitalised(at) and _placed(reading, at)


def _placed(reading: Reading, at: int) -> bool:
    """Whether a place would stand here: after "in", after a town and its comma, in brackets."""
    if at == 0:
        return False
    gap, before = reading.gap(at), reading.words[at - 1]
    if "(" in gap:
        return True
    last = reading.spans[-1] if reading.spans and reading.spans[-1].last == at else None
    if last and last.sense.what in _TOWNS:
        return True
    if "," in gap or "/" in gap:
        town = at - 1 in reading.left and reading.capitalised(at - 1)
        title = last is not None and last.sense.what in ("profession", "unclear_profession")
        ends = at + 1 == len(reading.words) or not reading.gap(at + 1).isspace()
        return town or (ends and (not title or at + 1 == len(reading.words)))
    if before.text in lexicon().markers["place"] or before.raw in ("à", "À"):
        return not set(gap) & set(".;:?!")
    if before.text in lexicon().markers["and"] and at >= 2:
        return any(span.last == at - 1 and span.sense.what in _PLACES for span in reading.spans)
    return False


def _short(reading: Reading, at: int) -> Sense | None:
    """The meaning of a two-letter code or title here, if it has one."""
    book, word = lexicon(), reading.words[at]
    if word.text == "us" and ("." in word.raw or (word.raw == "US" and not reading.shouting)):
        return Sense("country", "US")
    code, title = book.codes.get(word.text), book.initials.get(word.text)
    after_article = book.after_article.get(word.text)
    article = at > 0 and reading.texts[at - 1] in lexicon().markers["article"]
    if code and (title or after_article):
        follows = next(iter(book.matches(reading.texts, at + 1)), None) if at + 1 < len(reading.texts) else None
        adjective = follows is not None and follows[1].what == "profession"
        if _placed(reading, at) or (adjective and word.raw.isupper()):
            return _code(reading, at, code)
    if title and _titled(reading, at, article):
        tag = "people" if word.text == "pt" and word.raw.islower() else ""
        return Sense("profession", title, tag=tag)
    if after_article and article:
        return Sense("profession", after_article)
    return _code(reading, at, code) if code else None


def _titled(reading: Reading, at: int, article: bool) -> bool:
    word = reading.words[at]
    if "." in word.raw or article:
        return True
    if word.text in _WORDS_TOO:
        return word.raw.isupper() and not reading.shouting
    return True


def _code(reading: Reading, at: int, code: str) -> Sense | None:
    word, sense = reading.words[at], Sense("place", code, tag="code")
    capitals = word.raw.isupper() and not reading.shouting
    placed, ends = _placed(reading, at), at + 1 == len(reading.words)
    data = synonyms()
    if word.text in data.word_codes.split():
        town = at > 0 and any(span.last == at and span.sense.what in _TOWNS for span in reading.spans)
        stops = ends or not reading.gap(at + 1).isspace()
        if placed and (capitals or (town and (stops or word.text not in lexicon().silent))):
            unclear = word.text == "la" and reading.texts[at - 1] in lexicon().markers["place"]
            return Sense("unclear_code", word.text) if unclear else sense
        asked = at > 0 and reading.texts[at - 1] in ("in", "within") and stops
        return Sense("unclear_code", word.text) if asked else None
    if word.text in data.common_codes.split():
        return sense if placed else None
    loose = capitals and (at == 0 or reading.texts[at - 1] != "the")
    return sense if loose or placed or ends else None


def beside(reading: Reading, span: Span) -> str | None:
    """How a profession stands beside the hands (``before``, ``after``, ``except``, ``office``), or None."""
    marks: Sequence[Span] = reading.of("beside")
    lead = reading.before(span.first)
    for mark in marks:
        if mark.last - 1 == lead and mark.sense.id in ("before", "except"):
            return mark.sense.id
        if mark.first == span.last and mark.sense.id in ("after", "office"):
            return mark.sense.id
    return None


def is_client(reading: Reading, span: Span) -> bool:
    """Whether "my friend" is the body, not the hands: my friend's neck, crack my friend."""
    after = span.last
    if after < len(reading.texts) and reading.texts[after] == "s" and not reading.gap(after).isspace():
        return True
    if any(each.first == after for each in reading.of("region")):
        return True
    lead = reading.before(span.first)
    either = {reading.texts[index] for index in (lead, after) if 0 <= index < len(reading.texts)} & {"or", "ou"}
    others = any(each.sense.tag != "people" for each in reading.of("profession", "unclear_profession"))
    if others:
        return not either
    techniques = reading.of("technique")
    led = lead >= 0 and reading.texts[lead] in lexicon().markers["by"]
    if not techniques or techniques[0].first > span.first or led:
        return False
    direct = any(each.last - 1 == lead for each in techniques)
    return direct or (lead >= 0 and reading.texts[lead] in lexicon().markers["of"]) or span.raw == "pt"


def negated(reading: Reading, span: Span) -> bool:
    """Whether a technique is ruled out: "without cracking"."""
    lead = reading.before(span.first)
    return lead >= 0 and reading.texts[lead] in lexicon().markers["not"]


def language_of(reading: Reading) -> Literal["en", "fr"]:
    """French if more of the words that only French has are there; words of the field count half."""
    own = lexicon().function_words
    french = 2 * sum(text in own["fr"] for text in reading.texts) + 2 * sum(
        word.raw in ("à", "À") for word in reading.words
    )
    english = 2 * sum(text in own["en"] for text in reading.texts)
    french += sum(span.sense.language == "fr" for span in reading.spans)
    english += sum(span.sense.language == "en" for span in reading.spans)
    return "fr" if french > english else "en"


def body_parts(reading: Reading) -> list[Span]:
    """The body parts that are meant: those that only hurt count if there are no others."""
    pains, spans = reading.of("pain"), reading.of("region")
    strong = [
        span
        for span in spans
        if not any(pain.first == span.last or pain.last - 1 == reading.before(span.first) for pain in pains)
    ]
    in_technique = any(span.sense.region for span in reading.of("technique"))
    spans = strong or ([] if in_technique else spans)
    precise = {span.sense.id for span in spans} & _SPINE
    covered = {tag for tag in ("", "formal") if precise - {"cervical"} or (precise and tag)}
    return [span for span in spans if span.sense.id != "spine" or span.sense.tag not in covered]


def spoken(reading: Reading) -> list[Span]:
    """The techniques asked about: not "massage therapy" where it names the profession, not "without cracking"."""
    spans = reading.of("technique")
    others = [span for span in spans if span.sense.id != "massage_therapy"]
    spans = others or spans
    return [span for span in spans if not negated(reading, span)] or spans
