"""Asks the questionnaire at a terminal, one question at a time."""

from __future__ import annotations

from handrail.cli import show
from handrail.intake.answers import left
from handrail.intake.questionnaire import NO, UNKNOWN, WHERE, YES, Asked, Questionnaire
from handrail.safety.questions import parents, questions_file, word

BACK, HELP, QUIT = "back", "help", "quit"
_KEYS = {
    "en": {"y": YES, "yes": YES, "n": NO, "no": NO, "d": UNKNOWN, "b": BACK, "?": HELP, "q": QUIT},
    "fr": {"o": YES, "oui": YES, "n": NO, "non": NO, "s": UNKNOWN, "r": BACK, "?": HELP, "q": QUIT},
}
_WORDS = {
    "en": {
        "keys": "y = yes, n = no, d = don't know, b = back, ? = help, q = stop",
        "of": "{} of {}",
        "before": "answered so far: {}",
        "no_help": "There is no more to say about this question.",
        "first": "This is the first question.",
        "site": "Numbers, with spaces between them; d = don't know, b = back, q = stop",
        "again": "Not understood.",
    },
    "fr": {
        "keys": "o = oui, n = non, s = je ne sais pas, r = retour, ? = aide, q = arrêter",
        "of": "{} sur {}",
        "before": "réponse donnée: {}",
        "no_help": "Il n'y a rien de plus à dire sur cette question.",
        "first": "C'est la première question.",
        "site": "Numéros, séparés par des espaces; s = je ne sais pas, r = retour, q = arrêter",
        "again": "Pas compris.",
    },
}


class Interview:
    """One run through a questionnaire; ``given`` holds the answers, those of an earlier run too."""

    def __init__(self, asked: Questionnaire, given: dict[str, tuple[str, ...]]) -> None:
        self.asked, self.given = asked, given
        self.words, self.keys = _WORDS[asked.language], _KEYS["en"] | _KEYS[asked.language]

    def run(self) -> Asked | None:
        """Asks until all is answered, somebody stops, or an emergency is answered with yes: then that question."""
        show.out(self.words["keys"])
        current = self._next()
        while current is not None:
            said = self._ask(current)
            if said == QUIT:
                return None
            if said == BACK:
                current = self._previous(current)
                continue
            self._put(current, said)
            if said == YES and current.emergency:
                return current
            if said == YES and current.sites and not self._where(current):
                return None
            # A "back" at "where" takes the answer away again: then the same question comes next.
            current = self._next()
        return None

    def _next(self) -> Asked | None:
        return next(iter(left(self.asked.questions, self.given)), None)

    def _previous(self, current: Asked) -> Asked:
        asked = self.asked.open(self.given)
        place = asked.index(current)
        if place == 0:
            show.out(self.words["first"])
            return current
        return asked[place - 1]

    def _put(self, asked: Asked, said: str) -> None:
        """Keeps an answer; what was said under an earlier yes goes with it."""
        link = asked.question.id
        if said != YES:
            for below in [other for other in self.given if _stands_under(other.removesuffix(WHERE), link)]:
                del self.given[below]
            self.given.pop(link + WHERE, None)
        self.given[link] = (said,)

    def _ask(self, asked: Asked) -> str:
        question, language = asked.question, self.asked.language
        is_open = self.asked.open(self.given)
        show.out()
        place = self.words["of"].format(is_open.index(asked) + 1, len(is_open))
        before = self.given.get(question.id)
        if before:
            place += f" ({self.words['before'].format(word(before[0], language))})"
        show.out(show.coloured(place, "2"))
        show.labelled([("", question.text(language))], 0)
        while True:
            said = self.keys.get(_line())
            if said == HELP:
                text = question.help.of(language) if question.help else self.words["no_help"]
                show.labelled([("", text)], 2)
            elif said is None:
                show.out(f"{self.words['again']} {self.words['keys']}")
            else:
                return said

    def _where(self, asked: Asked) -> bool:
        """Asks the site; whether to go on."""
        language, link = self.asked.language, asked.question.id
        show.out(word("where", language))
        for number, site in enumerate(asked.sites, 1):
            show.out(f"  {number} {questions_file().sites[site].of(language)}")
        while True:
            typed = _line()
            said = self.keys.get(typed)
            numbers = typed.replace(",", " ").split()
            if said == QUIT:
                return False
            if said == BACK:
                del self.given[link]
                return True
            if said == UNKNOWN:
                self.given[link + WHERE] = (UNKNOWN,)
                return True
            if numbers and all(n.isascii() and n.isdigit() and 1 <= int(n) <= len(asked.sites) for n in numbers):
                self.given[link + WHERE] = tuple(dict.fromkeys(asked.sites[int(n) - 1] for n in numbers))
                return True
            show.out(f"{self.words['again']} {self.words['site']}")


def _stands_under(link: str, above: str) -> bool:
    at = parents().get(link)
    while at is not None and at != above:
        at = parents().get(at)
    return at is not None


def _line() -> str:
    """What was typed; the end of the input, or Ctrl-C, stops, so that answers can still be kept."""
    try:
        return input("> ").strip().casefold()
    except (EOFError, KeyboardInterrupt):
        return "q"
