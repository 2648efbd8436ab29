"""Names of ids in the reader's language, as the rooms below have them."""

from __future__ import annotations

import unicodedata

from handrail.ask import place_name
from handrail.decide import Decision, Reason
from handrail.terms import PLACES, PROFESSIONS, REGIONS, STEPS, TECHNIQUES, Leaning, Verdict

STANDS = ("permitted", "conditional", "yes", "none", "no", "prohibited", "urgent")


def stand(verdict: Verdict | str, leaning: Leaning | str | None) -> str:
    """How an answer stands, in one word: the verdict, or the leaning of one that is undetermined."""
    return str(Leaning(leaning).value if leaning else Verdict(verdict).value)


def sure(reason: Reason) -> str:
    """How sure a reason is: the key of a sentence (``sure_...``)."""
    if reason.gate != "scope" or not reason.rule:
        return "inferred" if reason.explicit is False and reason.text_seen else "none"
    if reason.basis == "secondary":
        return "secondary"
    if not reason.text_seen:
        return "unread" if reason.basis else "none"
    return reason.basis or "none"


class Words:
    """Names in one language; an id without a name stays as it is."""

    def __init__(self, language: str) -> None:
        self.language = "fr" if language == "fr" else "en"

    def place(self, code: str) -> str:
        """A place's name."""
        return place_name(code, self.language) if code in PLACES else code  # type: ignore[arg-type]

    def profession(self, id_: str) -> str:
        """A profession's name."""
        about = PROFESSIONS.get(id_)
        return id_.replace("_", " ") if about is None else about.name_fr if self.language == "fr" else about.name

    def technique(self, id_: str) -> str:
        """A technique's name."""
        about = TECHNIQUES.get(id_)
        return id_ if about is None else about.name_fr if self.language == "fr" else about.name

    def plain(self, id_: str) -> str:
        """A technique in plain words."""
        about = TECHNIQUES[id_]
        return about.plain_fr if self.language == "fr" else about.plain

    def region(self, id_: str) -> str:
        """A region's everyday name."""
        about = REGIONS.get(id_)
        return id_ if about is None else about.name_fr if self.language == "fr" else about.name

    def step(self, id_: str) -> str:
        """A step's name."""
        about = STEPS.get(id_)
        return id_.replace("_", " ") if about is None else about.name_fr if self.language == "fr" else about.name

    def places(self) -> list[tuple[str, str]]:
        """All places, by name."""
        return sorted(((code, self.place(code)) for code in PLACES), key=lambda pair: plain(pair[1]))

    @staticmethod
    def professions() -> list[str]:
        """Ids of all professions."""
        return list(PROFESSIONS)

    @staticmethod
    def techniques() -> list[str]:
        """Ids of all techniques."""
        return list(TECHNIQUES)

    @staticmethod
    def stand_of(decision: Decision) -> str:
        """How a decision stands."""
        return stand(decision.verdict, decision.leaning)


def plain(name: str) -> str:
    """A name as it is put in order: accents stand with their letters."""
    return unicodedata.normalize("NFD", name).casefold()
