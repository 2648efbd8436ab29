"""What was asked, as far as it was understood. Nothing here knows the law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from handrail.ask._reading import Reading, Span
from handrail.terms.errors import InputError
from handrail.terms.places import PLACES
from handrail.terms.synonyms import synonyms
from handrail.terms.vocabulary import PROFESSIONS, REGIONS, TECHNIQUES

Language = Literal["en", "fr"]
Kind = Literal["may", "who"]


@dataclass(frozen=True, slots=True)
class Heard:
    """Words of the question that were understood.

    Args:
        what: ``profession``, ``technique``, ``region``, ``jurisdiction``, ``country`` or ``day``.
        id: the id that the words were taken for.
        words: as they were written.
    """

    what: str
    id: str
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to ask back, because the words may mean more than one thing.

    Args:
        what: what is unclear: ``technique``, ``profession``, ``jurisdiction`` or ``day``.
        options: the ids it may be, at least one.
        prompt: the question to ask, in the language of the question.
    """

    what: str
    options: tuple[str, ...]
    prompt: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question in plain words, understood.

    Args:
        text: as it was written.
        language: the language to answer in.
        kind: ``may`` (may these professions do it?) or ``who`` (which professions may do it?).
        jurisdictions: ISO 3166-2 codes in the order named; empty if none was named.
        country: ``US`` or ``CA``, if a country was named and no jurisdiction.
        professions: ids in the order named.
        technique: an id, or None while a choice of technique is open.
        regions: ids in the order of the body; empty if none was named.
        on: ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; None if no day was named.
        heard: which words were taken for what, in the order written.
        not_understood: words that were left over.
        choices: what must be asked back; the question can only be answered once this is empty.
        notes: how the words were taken, in the language of the question.
        health: whether it speaks of a body's health or age, which the answer does not weigh.
    """

    text: str
    language: Language
    kind: Kind
    jurisdictions: tuple[str, ...] = ()
    country: str | None = None
    professions: tuple[str, ...] = ()
    technique: str | None = None
    regions: tuple[str, ...] = ()
    on: str | None = None
    heard: tuple[Heard, ...] = ()
    not_understood: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    health: bool = False


#: The professions that a refusal lists.
_LISTED = ("massage_therapist", "chiropractor", "physical_therapist", "osteopathic_physician")


@dataclass
class Draft:
    """A question while it is put together, and what is said back about it, in its language."""

    reading: Reading
    language: Language
    answers: Mapping[str, str]
    heard: list[tuple[int, Heard]] = field(default_factory=list)
    choices: dict[str, Choice] = field(default_factory=dict)
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    left: list[tuple[int, str]] = field(default_factory=list)
    health: bool = False

    def say(self, key: str, words: str = "", names: str = "") -> str:
        """A sentence of ``synonyms.yaml``, the user's words in quotation marks."""
        french = self.language == "fr"
        quoted = (f"«\u00a0{words}\u00a0»" if french else f"“{words}”") if words else ""
        said = synonyms().says[key]
        return (said.fr if french else said.en).format(words=quoted, names=names)

    def name(self, id_: str) -> str:
        """The name of a technique, region, profession or place; the id itself if it has none."""
        for group in (TECHNIQUES, REGIONS, PROFESSIONS, PLACES):
            if id_ in group:
                return group[id_].name_fr if self.language == "fr" else group[id_].name
        return id_

    def listed(self, words: Iterable[str], last: str = "or") -> str:
        """Words in a row: "a, b or c"."""
        *first, end = words
        joint = {"or": ("or", "ou"), "and": ("and", "et")}[last][self.language == "fr"]
        return f"{', '.join(first)} {joint} {end}" if first else end

    def hear(self, what: str, id_: str, span: Span) -> None:
        """Notes which words were taken for what."""
        self.heard.append((span.first, Heard(what, id_, span.raw)))

    def note(self, key: str, words: str = "", names: str = "") -> None:
        """Adds a note, once."""
        line = self.say(key, words, names)
        if line not in self.notes:
            self.notes.append(line)

    def leave(self, span: Span) -> None:
        """Leaves words over."""
        self.left.append((span.first, span.raw))

    def ask(self, what: str, options: Iterable[str], prompt: str) -> str | None:
        """The answer given to a question asked back; None if there is none, and the question is put."""
        options = tuple(dict.fromkeys(options))
        answer = self.answers.get(what)
        if answer in options:
            self.answered.add(what)
            return answer
        if answer is not None:
            self.refused[what] = options
        elif what in self.choices:
            before = self.choices[what]
            options = tuple(dict.fromkeys((*before.options, *options)))
            self.choices[what] = Choice(what, options, f"{before.prompt} {prompt}")
        else:
            self.choices[what] = Choice(what, options, prompt)
        return None

    def check_answers(self) -> None:
        """Refuses an answer that is none of the options; raises InputError."""
        for what, options in self.refused.items():
            if what not in self.answered:
                self.refuse("bad_answer", self.answers[what], hint=self.say("choices", names=", ".join(options)))

    def refuse(self, key: str, words: str = "", *, names: str = "", hint: str | None = None) -> NoReturn:
        """Raises InputError with a sentence and a hint, an example if none is given."""
        raise InputError(self.say(key, words, names), hint=self.say("example") if hint is None else hint)

    def covered(self) -> str:
        """A hint that lists professions whose law Handrail holds."""
        return self.say("it_knows", names=", ".join(self.name(id_) for id_ in _LISTED))
