"""What was not read and what is not known, most wanted first."""

from __future__ import annotations

from typing import NamedTuple

from handrail.law.load import jurisdictions, load
from handrail.law.model import Effect

#: Who people ask about, most first; the rest follow.
WANTED_PROFESSIONS = (
    "massage_therapist",
    "physical_therapist",
    "chiropractor",
    "osteopathic_physician",
    "physician",
    "naturopathic_doctor",
)
#: A wrong answer about a thrust to the spine does the most harm.
WANTED_TECHNIQUES = ("thrust_spine", "thrust_extremity", "mobilization", "soft_tissue")


class Gap(NamedTuple):
    """A cell of the law that somebody should read."""

    rule: str
    jurisdiction: str
    profession: str
    technique: str
    #: ``unread`` (reported, the text not read), ``unknown`` (nothing found) or ``no rule``.
    missing: str
    citation: str | None
    note: str | None


def gaps(*, every: bool = False) -> list[Gap]:
    """The gaps, most wanted first.

    Wanted most are spinal thrusts, and the professions that most people ask about; within a cell, what is reported
    but unread comes before what is not known at all, because a reading settles it at once.

    Args:
        every: also the cells of the wanted professions for which no rule is there at all.
    """
    found = []
    for place in jurisdictions():
        law = load(place)
        for profession, rule in law.file.rules():
            if rule.effect is Effect.UNKNOWN:
                missing = "unknown"
            elif not rule.read:
                missing = "unread"
            else:
                continue
            found.append(Gap(rule.id, place, profession, rule.technique, missing, rule.citation, rule.note))
        if every:
            for profession in WANTED_PROFESSIONS:
                for technique in WANTED_TECHNIQUES:
                    if not law.cell(profession, technique):
                        name = f"{place}/{profession}/{technique}"
                        found.append(Gap(name, place, profession, technique, "no rule", None, None))
    return sorted(found, key=_wanted)


def _wanted(gap: Gap) -> tuple[int, int, int, str]:
    by_profession = {name: number for number, name in enumerate(WANTED_PROFESSIONS)}
    return (
        WANTED_TECHNIQUES.index(gap.technique),
        by_profession.get(gap.profession, len(by_profession)),
        ("unread", "unknown", "no rule").index(gap.missing),
        gap.rule,
    )
