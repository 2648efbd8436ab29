"""The safety gate: does anything about this client forbid it, or send them to hospital first?

Each finding is graded alone. A level that a read source gives decides; one that was inferred or recalled only asks
for a documented decision of a clinician. For one finding a stronger technique is never judged better than a
gentler one.
"""

from __future__ import annotations

from functools import lru_cache

from handrail.decide.case import Client, Finding
from handrail.decide.judgement import Judgement, Need, Reason, of, once_by_id
from handrail.safety import Contraindication, ProcessCondition, RedFlag, contraindications, red_flags
from handrail.terms import REGIONS, SITES, TECHNIQUES, Verdict

GATE = "safety"
GENTLER = {
    "soft_tissue": (),
    "mobilization": ("soft_tissue",),
    "thrust_spine": ("mobilization", "soft_tissue"),
    "thrust_extremity": ("mobilization", "soft_tissue"),
}
WHERE_TO_GO = {
    "emergency": "Stop, do not treat, call emergency services now.",
    "urgent_referral": "Do not treat: medical assessment the same day, at a physician, urgent care or a hospital.",
    "refer": "Medical clearance comes before manual treatment of this region.",
}
#: The file of red flags says so of its column `action`.
OUR_GRADE = "How urgent it is, is our grading unless the source cited says so."
#: Ages that are a finding by the row's own note: from, and up to but not including, in years.
AGE_IS = {"infant_spine": (0, 2), "child_neck_lumbar_thrust": (2, 13)}
#: Below one age, or over another, something is asked; the ages stand in the row's name, question or note.
AGE_ASKS: dict[str, tuple[float, float | None, str]] = {
    "age_extremes": (20, 55, "ask whether this is the first such pain"),
    "first_episode_age": (18, 55, "ask whether this is a first, sudden episode"),
    "child_high_force": (
        18,
        None,
        "ask whether the bones are still growing; no long lever, no high force, none near a growth plate",
    ),
}
NOTHING_FOUND = Reason(GATE, Verdict.PERMITTED, "No finding was given.", source="the case as given")


def judge(client: Client, technique: str, region: str, met: frozenset[str]) -> Judgement:
    """The safety gate's answer for one region.

    Args:
        client: the client with findings.
        technique: what would be done.
        region: where.
        met: ids of needs that somebody confirmed.
    """
    reasons: list[Reason] = []
    needs: list[Need] = []
    for finding in (*client.findings, *of_age(client, technique, region)):
        for reason, need in grade(finding, technique, region):
            if need is None:
                reasons.append(reason)
            elif need.id in met:
                reasons.append(reason._replace(verdict=Verdict.PERMITTED, text=f"{reason.text} Confirmed."))
            else:
                reasons.append(reason)
                needs.append(need)
    asked = asked_at(client.age, technique, region)
    return of([*(reasons or [NOTHING_FOUND]), *asked], once_by_id(needs))


def of_age(client: Client, technique: str, region: str) -> list[Finding]:
    """Findings that the client's age is: rows whose own text gives the age, on the region and technique asked."""
    if client.age is None:
        return []
    given = {finding.id for finding in client.findings}
    rows = contraindications()
    return [
        Finding(id_)
        for id_, (low, high) in AGE_IS.items()
        if low <= client.age < high
        and id_ not in given
        and rows[id_].covers(region)
        and technique in rows[id_].level
    ]


def asked_at(age: float | None, technique: str, region: str) -> list[Reason]:
    """What is asked at an age: never a need, because age alone says nothing about the client."""
    if age is None:
        return []
    reasons = []
    for id_, (young, old, question) in AGE_ASKS.items():
        row: Contraindication | RedFlag = red_flags().get(id_) or contraindications()[id_]
        if not row.covers(region) or (isinstance(row, Contraindication) and technique not in row.level):
            continue
        if age < young or (old is not None and age > old):
            text = f"Age {int(age)}: {question} ({row.name}). This is asked; the age itself does not answer it."
            reasons.append(_reason(row, Verdict.PERMITTED, text))
    return reasons


@lru_cache(maxsize=65536)
def grade(finding: Finding, technique: str, region: str) -> tuple[tuple[Reason, Need | None], ...]:
    """What one finding means for a technique on a region: reasons, each with the need that would settle it."""
    graded: list[tuple[Reason, Need | None]] = []
    flag = red_flags().get(finding.id)
    if flag is not None:
        graded += _red_flag(flag, region, finding.match)
    row = contraindications().get(finding.id)
    if row is not None and _touches(row, finding, region):
        graded += _contraindication(row, finding, technique, region)
    if not graded:
        graded.append((_elsewhere(finding, technique, region, row or flag), None))
    return tuple(graded)


def _red_flag(flag: RedFlag, region: str, match: str) -> list[tuple[Reason, Need | None]]:
    text = f"{flag.name}. {WHERE_TO_GO[flag.action]}"
    if match == "broad" and (flag.action != "refer" or flag.covers(region)):
        # A code that may mean it does not say that it is there: ask, and refuse on the answer.
        ask = Need(f"ask:{flag.id}", f"ask whether it is present: {flag.name}", GATE)
        text = f"What is on record may mean a red flag, and may not: ask. If so: {text}"
        return [(_reason(flag, Verdict.CONDITIONAL, text), ask)]
    verdict = {"emergency": Verdict.URGENT, "urgent_referral": Verdict.PROHIBITED}.get(flag.action)
    if verdict is None and not flag.covers(region):
        return []
    need: Need | None = None
    if verdict is None:
        verdict = Verdict.CONDITIONAL
        need = Need(f"clearance:{flag.id}", f"medical clearance: {flag.name}", GATE)
    reason = _reason(flag, verdict, f"Red flag: {text}")
    return [(reason._replace(note=" ".join(filter(None, (flag.note, OUR_GRADE)))), need)]


def _touches(row: Contraindication, finding: Finding, region: str) -> bool:
    """Whether a finding bars the region: ``at_site`` only the region of its site, if that is known."""
    if not row.covers(region):
        return False
    if finding.site is None:
        return True
    return row.scope == "general" or region in SITES.get(finding.site, (finding.site,))


def _contraindication(
    row: Contraindication, finding: Finding, technique: str, region: str
) -> list[tuple[Reason, Need | None]]:
    """The worst grade of the technique itself and of the gentler ones that count for it."""
    best: tuple[Verdict, str] | None = None
    for named in (technique, *GENTLER[technique]):
        if named not in row.level:
            continue
        if named == "soft_tissue" and technique != "soft_tissue" and row.scope != "general":
            continue  # what bars massage at a site need not bar moving the joint beneath
        if region not in TECHNIQUES[named].regions:
            continue
        verdict = _verdict(row, named)
        if best is None or list(Verdict).index(verdict) > list(Verdict).index(best[0]):
            best = (verdict, named)
    if best is None:
        return []
    verdict, named = best
    if finding.match == "broad":
        text = f"What is on record may mean this, and may not: ask. {row.name}. {_graded(row, named, technique)}"
        if verdict is Verdict.PERMITTED:
            return [(_reason(row, verdict, text), None)]
        need = Need(f"ask:{row.id}", f"ask whether it is present: {row.name}", GATE)
        return [(_reason(row, Verdict.CONDITIONAL, text), need)]
    text = f"{row.name}: {row.reason}. {_graded(row, named, technique)}"
    if verdict is Verdict.CONDITIONAL:
        need = Need(
            f"decision:{row.id}",
            f"a documented decision of a clinician qualified to diagnose: {row.name}",
            GATE,
        )
        return [(_reason(row, verdict, text), need)]
    return [(_reason(row, verdict, text), None)]


def _verdict(row: Contraindication, technique: str) -> Verdict:
    level = row.level[technique]
    if level == "precaution":
        return Verdict.PERMITTED
    if level == "absolute" and row.is_published(technique):
        return Verdict.PROHIBITED
    return Verdict.CONDITIONAL


def _graded(row: Contraindication, named: str, technique: str) -> str:
    level = row.level[named]
    what = f"{level.capitalize()} contraindication" if level != "precaution" else "Precaution"
    said = f"{what} for {TECHNIQUES[named].name} ({row.basis(named)})."
    if named != technique:  # the source speaks of the gentler one only
        stronger = TECHNIQUES[technique].name.capitalize()
        said += f" {stronger} is stronger and is judged no better: our reasoning, not the source's."
    return said


def _reason(row: Contraindication | RedFlag, verdict: Verdict, text: str) -> Reason:
    # Consent, examination and training belong to the process gate, whatever a row calls its own.
    gate = "process" if isinstance(row, ProcessCondition) else GATE
    return Reason(
        gate,
        verdict,
        text,
        rule=row.id,
        citation=row.source.title,
        source=row.source.url or row.source.title,
        text_seen=row.text_seen,
        note=row.note,
    )


def _elsewhere(finding: Finding, technique: str, region: str, row: Contraindication | RedFlag | None) -> Reason:
    assert row is not None  # noqa: S101  (a Finding's id is always one of them)
    text = f"{row.name}: not listed against {TECHNIQUES[technique].name} on the {REGIONS[region].name}."
    if finding.site and isinstance(row, Contraindication) and not _touches(row, finding, region):
        where = REGIONS[finding.site].name if finding.site in REGIONS else finding.site
        text = f"{row.name}: said to be at the {where}, away from the {REGIONS[region].name}."
    return _reason(row, Verdict.PERMITTED, text)
