"""One line as cases for ``decide``, which gives its full reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from handrail.decide import Case, Client, Credential, Finding, Period
from handrail.safety import Match, icd10cm, strongest
from handrail.terms import REGIONS, TECHNIQUES, InputError, known
from handrail.terms.billing import Codes, shipped

#: What separates candidates of technique, and regions.
SEPARATOR = "|"
#: The regions of a line are read from its diagnoses.
FROM_DIAGNOSES = "@dx"


def names(text: str | None) -> tuple[str, ...]:
    """The names in a text, each once.

    >>> names("lumbar|cervical|lumbar")
    ('lumbar', 'cervical')
    """
    return tuple(dict.fromkeys(name.strip() for name in (text or "").split(SEPARATOR) if name.strip()))


def matches_of(code: str) -> tuple[Match, ...]:
    """The matches of a diagnosis as it is written; none, if it has not the form of a code."""
    try:
        return tuple(Match(m.finding, m.match, "", m.site) for m in icd10cm(code).matches)
    except InputError:
        return ()


def findings_of(codes: Sequence[str]) -> tuple[Finding, ...]:
    """The findings that the diagnoses of a line mean, those covered by stronger ones left out."""
    found = strongest(match for code in codes for match in matches_of(code))
    return tuple(Finding(match.finding, match.site, match.match) for match in found)


def regions_for(techniques: tuple[str, ...], regions: tuple[str, ...]) -> list[tuple[str, ...] | None] | None:
    """Which of the regions named each technique is asked for; None for one that is left out.

    Of several candidates each takes the regions that it has, and one that has none is left out. None at all: a
    region fits no technique, or the one technique does not have it.
    """
    if not regions:
        return [()] * len(techniques)
    had = [tuple(region for region in regions if region in TECHNIQUES[name].regions) for name in techniques]
    if any(all(region not in own for own in had) for region in regions):
        return None
    return [own or None for own in had]


def cases(
    jurisdiction: str,
    profession: str,
    technique: str,
    regions: str | None,
    first: date,
    last: date | None = None,
    diagnoses: Sequence[str] = (),
    *,
    codes: Codes | None = None,
) -> tuple[Case, ...]:
    """The cases that a line stands for: one for each candidate of technique.

    Args:
        jurisdiction: ISO 3166-2 code.
        profession: the profession's id.
        technique: a technique, or candidates joined by ``|``.
        regions: regions joined by ``|``, ``@dx`` to read them from the diagnoses, or none.
        first: the first day of service.
        last: the last one; None: the same.
        diagnoses: ICD-10-CM codes as written.
        codes: maps of codes whose ``regions`` say which region a diagnosis names; None: the shipped ones.

    Raises:
        InputError: if the line cannot be judged.

    >>> found = cases("US-FL", "chiropractor", "soft_tissue|mobilization", "", date(2026, 1, 5))
    >>> [case.technique for case in found]
    ['soft_tissue', 'mobilization']
    """
    techniques = names(technique)
    if not techniques:
        raise InputError("the line names no technique")
    for name in techniques:
        known("technique", name, TECHNIQUES)
    if (regions or "").strip() == FROM_DIAGNOSES:
        named = {(codes or shipped()).region_of_diagnosis(code) for code in diagnoses}
        asked = tuple(region for region in REGIONS if region in named)
        asked = tuple(r for r in asked if any(r in TECHNIQUES[name].regions for name in techniques))
    else:
        asked = names(regions)
        for region in asked:
            known("region", region, REGIONS)
    parts = regions_for(techniques, asked)
    if parts is None:
        raise InputError(f"no technique of the line has all its regions: {', '.join(asked)}")
    period = Period.between(first, last or first)
    client = Client(findings=findings_of(diagnoses), steps=None)
    held = Credential(profession)
    return tuple(
        Case(jurisdiction, name, (held,), own, period, client)
        for name, own in zip(techniques, parts, strict=True)
        if own is not None
    )
