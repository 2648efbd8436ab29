"""The questionnaire for a technique and regions: only what would change something there, most dangerous first.

What a yes would change is what ``decide.safety`` says of the finding; a red flag is asked for the regions that it
names, and only if it is one to ask before treatment. A follow-up stands behind its question, and is asked only
after a yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from handrail.decide import Finding
from handrail.decide.safety import weight
from handrail.safety import contraindications, digest, red_flags
from handrail.safety.questions import Question, known_language, parents, questions, questions_file
from handrail.terms import REGIONS, SITES, TECHNIQUES, InputError, Verdict, known

#: The link id of "where": that of its question with this behind it.
WHERE = ".where"
YES, NO, UNKNOWN = "yes", "no", "unknown"
#: Answers by link id: ``yes``, ``no`` or ``unknown``; for "where" the sites.
Given = Mapping[str, tuple[str, ...]]
ORDER = (Verdict.URGENT, Verdict.PROHIBITED, Verdict.CONDITIONAL, Verdict.PERMITTED)


class Asked(NamedTuple):
    """A question of a questionnaire.

    Args:
        question: the question.
        raises: those of its findings that matter here.
        weight: the worst verdict that a yes leads to, or leads on to; permitted: a precaution.
        emergency: whether a yes itself is a red flag graded emergency.
        sites: what can be chosen as the site; empty if it is not asked.
        depth: 0, or how many questions it stands under.
    """

    question: Question
    raises: tuple[str, ...]
    weight: Verdict
    emergency: bool
    sites: tuple[str, ...]
    depth: int


class Questionnaire(NamedTuple):
    """The questions for a technique and regions, in order; ``version`` is the hash of the clinical files."""

    technique: str
    regions: tuple[str, ...]
    language: str
    practitioner: bool
    version: str
    questions: tuple[Asked, ...]

    def open(self, given: Given) -> list[Asked]:
        """The questions that are asked, as far as the answers tell."""
        return [asked for asked in self.questions if is_asked(asked.question, given)]


def questionnaire(
    technique: str, regions: tuple[str, ...] = (), language: str = "en", *, practitioner: bool = False
) -> Questionnaire:
    """The questionnaire for a technique and regions.

    Args:
        technique: what would be done.
        regions: where; empty: every region that the technique has.
        language: ``en`` or ``fr``.
        practitioner: the questions to the practitioner, instead of those to the client.

    Raises:
        InputError: for a technique, region or language that is not known, or a region the technique does not have.
    """
    known("technique", technique, TECHNIQUES)
    own = TECHNIQUES[technique].regions
    for region in regions:
        known("region", region, REGIONS)
        if region not in own:
            raise InputError(f"{technique} is not done on {region}", hint=f"Its regions: {', '.join(own)}")
    asked = tuple(region for region in own if region in regions) or own
    return _made(technique, asked, known_language(language), practitioner)


def is_asked(question: Question, given: Given) -> bool:
    """Whether a question is asked: it stands under none, or each that it stands under was answered with yes."""
    above = parents().get(question.id)
    while above is not None:
        if YES not in given.get(above, ()):
            return False
        above = parents().get(above)
    return True


@lru_cache(maxsize=256)
def matters(finding: str, technique: str, regions: tuple[str, ...]) -> Verdict | None:
    """The worst verdict that a finding leads to on any of the regions; None if nothing there hangs on it."""
    flag, row = red_flags().get(finding), contraindications().get(finding)
    asked = flag is not None and "before" in flag.applies
    found = [
        verdict
        for region in regions
        if (asked and flag is not None and flag.covers(region)) or (row is not None and row.covers(region))
        if (verdict := weight(Finding(finding), technique, region)) is not None
    ]
    return min(found, key=ORDER.index, default=None)


def sites_of(question: Question) -> tuple[str, ...]:
    """The sites that a question offers: those at which any of its rows can sit."""
    if not question.where:
        return ()
    return tuple(site for site in questions_file().sites if any(fits(id_, site) for id_ in question.raises))


def fits(finding: str, site: str) -> bool:
    """Whether a finding can sit at a site; a red flag has none."""
    row = contraindications().get(finding)
    return row is not None and any(row.covers(region) for region in SITES.get(site, (site,)))


@lru_cache(maxsize=256)
def _made(technique: str, regions: tuple[str, ...], language: str, practitioner: bool) -> Questionnaire:
    whom = "practitioner" if practitioner else "client"
    worst: dict[str, Verdict] = {}
    raises: dict[str, tuple[str, ...]] = {}
    for id_, question in questions().items():
        raises[id_] = tuple(one for one in question.raises if matters(one, technique, regions) is not None)
        for one in raises[id_]:
            verdict = matters(one, technique, regions)
            above: str | None = id_
            while verdict is not None and above is not None:
                worst[above] = min(worst.get(above, verdict), verdict, key=ORDER.index)
                above = parents().get(above)
    made: list[Asked] = []

    def put(ids: list[str], depth: int) -> None:
        for id_ in sorted(ids, key=lambda id_: (ORDER.index(worst[id_]), not _emergency(raises[id_]))):
            question = questions()[id_]
            sites = sites_of(question) if raises[id_] else ()
            made.append(Asked(question, raises[id_], worst[id_], _emergency(raises[id_]), sites, depth))
            put([below for below in question.if_yes if below in worst], depth + 1)

    put(
        [
            id_
            for id_, one in questions().items()
            if id_ in worst and id_ not in parents() and one.asked_of == whom
        ],
        0,
    )
    return Questionnaire(technique, regions, language, practitioner, digest(), tuple(made))


def _emergency(raises: tuple[str, ...]) -> bool:
    return any(id_ in red_flags() and red_flags()[id_].action == "emergency" for id_ in raises)
