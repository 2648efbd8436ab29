"""What people say, and what it may mean: the phrases of ``synonyms.yaml`` and a lookup over them.

A phrase is found by its words without capitals, accents and punctuation. What a phrase means in its place (is
"OR" Oregon, is "my friend" the hands or the body) is for the reader in the room above; this module only knows the
words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import NamedTuple

import msgspec

from handrail.terms.places import PLACES
from handrail.terms.vocabulary import PROFESSIONS, REGIONS, TECHNIQUES, read_yaml

_WORD = re.compile(r"(?<!\w)(?:[^\W\d_]\.-?)+[^\W\d_]\b\.?|[^\W_]+")
#: Shorter words are never taken for misspelled ones: too many real words lie one letter away.
SHORTEST_CORRECTED = 6
_LIKE = 0.8
#: Kinds of phrase whose last word may take a plural -s.
_PLURAL = frozenset(
    {"profession", "unclear_profession", "other_profession", "region", "other_region", "animal", "health"}
)
#: Kinds of phrase whose words a misspelling may have meant.
_CORRECTED = frozenset(
    {"profession", "unclear_profession", "technique", "region", "place", "city", "unclear_place"}
)


class Word(NamedTuple):
    """A word of a text: folded, as written, and where it stands."""

    text: str
    raw: str
    start: int
    end: int


class Sense(NamedTuple):
    """What a phrase means.

    Args:
        what: the kind, such as ``profession``, ``technique``, ``region``, ``place`` or ``health``.
        id: of that kind; for a technique also ``thrust``, ``adjustment``, ``manipulation``, ``manual_therapy``,
            ``massage_therapy`` and ``stretch``, which the words around them decide.
        language: ``en``, ``fr``, or empty if it is both.
        region: the region that a technique's phrase names, or empty.
        tag: what sets the phrase apart within its kind (``formal``, ``people``, ``marker``, ``setting``,
            ``dotted``, ``code``).
    """

    what: str
    id: str
    language: str = ""
    region: str = ""
    tag: str = ""


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    en: tuple[str, ...] = ()
    fr: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    formal: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()
    initials_after_article: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class Says(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence that is said back, in both languages."""

    en: str
    fr: str


class _Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    en: str
    fr: str
    both: str = ""


class Synonyms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of ``synonyms.yaml``."""

    professions: dict[str, _Words]
    unclear_professions: dict[str, _Words]
    other_professions: _Words
    techniques: dict[str, _Words]
    other_techniques: _Words
    regions: dict[str, _Words]
    other_regions: _Words
    places: dict[str, tuple[str, ...]]
    cities: dict[str, tuple[str, ...]]
    unclear_places: dict[str, tuple[str, ...]]
    elsewhere: tuple[str, ...]
    countries: dict[str, tuple[str, ...]]
    common_codes: str
    word_codes: str
    markers: dict[str, str]
    animals: _Words
    health: _Words
    pain: tuple[str, ...]
    beside: dict[str, tuple[str, ...]]
    who: _Words
    other_questions: dict[str, tuple[str, ...]]
    ignored_phrases: tuple[str, ...]
    function_words: _Language
    ignored_words: _Language
    ordinary_words: str
    months: dict[str, tuple[str, ...]]
    says: dict[str, Says]


@cache
def synonyms() -> Synonyms:
    """The content of ``synonyms.yaml``, read when first asked for."""
    return msgspec.convert(read_yaml("synonyms.yaml"), Synonyms)


def fold(text: str) -> str:
    """Text without capitals and accents.

    >>> fold("Massothérapeute à Montréal, bœuf")
    'massotherapeute a montreal, boeuf'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("œ", "oe")


def split(text: str) -> list[Word]:
    """The words of a text; dotted initials are one word.

    >>> [word.text for word in split("L'épaule, in Washington D.C.")]
    ['l', 'epaule', 'in', 'washington', 'dc']
    """
    return [
        Word(fold(found[0].replace(".", "").replace("-", "")), found[0], found.start(), found.end())
        for found in _WORD.finditer(text)
    ]


@cache
def _choice(text: str) -> tuple[str, ...]:
    return tuple(word.text for word in split(text))


def expand(phrase: str) -> Iterator[tuple[str, ...]]:
    """Every form of a phrase that is written with alternatives, as folded words.

    >>> list(expand("low|lower back"))
    [('low', 'back'), ('lower', 'back')]
    >>> list(expand("joint| glide"))
    [('joint', 'glide'), ('glide',)]
    """
    slots = [[_choice(choice) for choice in slot.split("|")] for slot in phrase.split()]
    for choice in product(*slots):
        words = tuple(word for part in choice for word in part)
        if words:
            yield words


@dataclass
class Lexicon:
    """All phrases by their words.

    ``initials`` are two-letter titles (DO, PT); those in ``after_article`` count only after an article ("a PA").
    ``clashes`` lists phrases that were given two meanings; the first one holds, and a test wants none.
    """

    phrases: dict[tuple[str, ...], Sense] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    initials: dict[str, str] = field(default_factory=dict)
    after_article: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    clashes: list[str] = field(default_factory=list)
    function_words: dict[str, frozenset[str]] = field(default_factory=dict)
    markers: dict[str, frozenset[str]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    targets: tuple[str, ...] = ()
    place_only: frozenset[str] = frozenset()

    def add(self, phrases: Iterable[str], sense: Sense) -> None:
        """Adds phrases under one meaning."""
        for given in phrases:
            phrase, _, region = given.partition(" @")
            for words in expand(phrase):
                self._put(words, sense._replace(region=region))
                if sense.what in _PLURAL and len(words[-1]) > 2 and words[-1][-1] not in "sxz":
                    self._put((*words[:-1], words[-1] + "s"), sense._replace(region=region), soft=True)

    def _put(self, words: tuple[str, ...], sense: Sense, soft: bool = False) -> None:
        there = self.phrases.get(words)
        if there is None:
            self.phrases[words] = sense
            self.longest[words[0]] = max(self.longest.get(words[0], 0), len(words))
        elif there[:2] == sense[:2]:
            if there.language != sense.language:
                self.phrases[words] = there._replace(language="")
        elif not soft:
            self.clashes.append(f"{' '.join(words)}: {there.what} {there.id}, {sense.what} {sense.id}")

    def matches(self, words: Sequence[str], start: int) -> Iterator[tuple[int, Sense]]:
        """The phrases that begin at a word, longest first: their length in words and their meaning."""
        for length in range(min(self.longest.get(words[start], 0), len(words) - start), 0, -1):
            sense = self.phrases.get(tuple(words[start : start + length]))
            if sense is not None:
                yield length, sense

    def correct(self, word: str) -> str | None:
        """The known word that a misspelled one most probably means; None if there is none, or more than one.

        >>> lexicon().correct("chiropractar"), lexicon().correct("france"), lexicon().correct("messages")
        ('chiropractor', None, None)
        """
        if len(word) < SHORTEST_CORRECTED or len(word) > 30 or word in self.known or not word.isalpha():
            return None
        from rapidfuzz.distance import OSA  # only a word that is not known pays for the import

        near: dict[str, int] = {}
        for target in self.targets:
            if target[0] == word[0] and abs(len(target) - len(word)) <= 2:
                distance = OSA.distance(word, target, score_cutoff=2)
                if distance <= 2 and 1 - distance / max(len(word), len(target)) >= _LIKE:
                    near[target] = distance
        best = [target for target in near if near[target] == min(near.values())]
        if len(best) > 1:
            meanings = {sense[:2] if (sense := self.phrases.get((target,))) else target for target in best}
            if len(meanings) > 1:
                return None
        return min(best) if best else None


def _places(lexicon: Lexicon, data: Synonyms) -> None:
    lexicon.codes = {code[3:].casefold(): code for code in PLACES}
    lexicon.codes["qc"] = "CA-QC"
    for code, place in PLACES.items():
        for language, names in (("en", (place.name, *place.also)), ("fr", (place.name_fr,))):
            for name in names:
                words = split(name)
                if len(words) == 1 and words[0].text in lexicon.codes:
                    continue  # a code is read by its place in the question
                tag = "dotted" if name.endswith(".") and len(words) == 1 else ""
                lexicon.add([name], Sense("place", code, language, tag=tag))
    for code, names in data.places.items():
        lexicon.add(names, Sense("place", code))
    for code, names in data.cities.items():
        for name in names:
            lexicon.add([name], Sense("city", code))
    for name in data.unclear_places:
        lexicon.add([name], Sense("unclear_place", name))
    lexicon.add(data.elsewhere, Sense("elsewhere", ""))
    for code, names in data.countries.items():
        lexicon.add(names, Sense("country", code))


@cache
def lexicon() -> Lexicon:
    """All phrases, built once."""
    data, made = synonyms(), Lexicon()
    made.add(data.ignored_phrases, Sense("ignored", ""))
    for id_, words in data.professions.items():
        tag = "marker" if id_ == "unlicensed_person" else ""
        made.add(words.en, Sense("profession", id_, "en", tag=tag))
        made.add(words.fr, Sense("profession", id_, "fr", tag=tag))
        made.add(words.people, Sense("profession", id_, tag="people"))
        made.add(words.setting, Sense("profession", id_, tag="setting"))
        made.initials |= dict.fromkeys(words.initials, id_)
        made.after_article |= dict.fromkeys(words.initials_after_article, id_)
    groups = (
        ("unclear_profession", data.unclear_professions),
        ("technique", data.techniques),
        ("region", data.regions),
        ("other_profession", {"": data.other_professions}),
        ("other_technique", {"": data.other_techniques}),
        ("other_region", {"": data.other_regions}),
        ("animal", {"": data.animals}),
        ("health", {"": data.health}),
        ("who", {"": data.who}),
    )
    for what, group in groups:
        for id_, words in group.items():
            made.add(words.en, Sense(what, id_, "en"))
            made.add(words.fr, Sense(what, id_, "fr"))
            made.add(words.formal, Sense(what, id_, tag="formal"))
    made.add(data.pain, Sense("pain", ""))
    for what, lists in (("beside", data.beside), ("other_question", data.other_questions)):
        for id_, phrases in lists.items():
            made.add(phrases, Sense(what, id_))
    _places(made, data)
    # The vocabulary's own names last: what people say has been given its meaning above.
    for id_, profession in PROFESSIONS.items():
        for name in (profession.name, profession.name_fr):
            made._put(tuple(word.text for word in split(name)), Sense("profession", id_), soft=True)
    for id_, region in REGIONS.items():
        for name in (region.name, region.name_fr, region.formal):
            made._put(tuple(word.text for word in split(name)), Sense("region", id_), soft=True)
    for id_, technique in TECHNIQUES.items():
        for name in (technique.name, technique.name_fr):
            made._put(tuple(word.text for word in split(name)), Sense("technique", id_), soft=True)
    _words(made, data)
    return made


def _words(made: Lexicon, data: Synonyms) -> None:
    made.markers = {name: frozenset(words.split()) for name, words in data.markers.items()}
    both = {word.text for word in split(data.function_words.both)}
    texts = {"en": data.function_words.en, "fr": data.function_words.fr}
    own = {language: {word.text for word in split(text)} for language, text in texts.items()}
    made.function_words = {
        "en": frozenset(own["en"] - own["fr"] - both),
        "fr": frozenset(own["fr"] - own["en"] - both),
    }
    ignored = {word.text for text in (data.ignored_words.en, data.ignored_words.fr) for word in split(text)}
    made.silent = frozenset(own["en"] | own["fr"] | both | ignored)
    months = {
        word.text for names in data.months.values() for name in names for word in split(name.replace("|", " "))
    }
    ordinary = {word.text for word in split(data.ordinary_words)}
    made.known = made.silent | months | ordinary | {word for phrase in made.phrases for word in phrase}
    kinds: dict[str, set[str]] = {}
    for phrase, sense in made.phrases.items():
        if sense.what in _CORRECTED and sense.tag != "people":
            for word in phrase:
                if len(word) >= SHORTEST_CORRECTED and word not in made.silent:
                    kinds.setdefault(word, set()).add(sense.what)
    made.targets = tuple(sorted(kinds))
    made.place_only = frozenset(word for word, what in kinds.items() if what <= {"place", "city", "unclear_place"})
