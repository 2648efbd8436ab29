"""Findings from a Condition: its codes, its status, and whether the past counts."""

from __future__ import annotations

from collections.abc import Callable

from handrail.intake import status
from handrail.intake.coding import reading, shown
from handrail.intake.dates import Span
from handrail.intake.fhir import Item
from handrail.intake.reader import Meaning, Reader, fitting
from handrail.intake.status import Standing
from handrail.safety.code_files import FACTS
from handrail.safety.codes import Coded, Facts, Match, icd10cm, snomed
from handrail.terms import InputError

#: Rows that are about the past, or about what stays in the body: a resolved entry still asks.
PAST_ASKS = frozenset(
    {
        "stroke_tia",  # its note calls an old stroke a risk factor
        "cervical_artery_dissection",  # "known ... dissection or abnormality"
        "history_of_cancer",
        "family_history_vascular",
        "history_of_abuse",
        "previous_radiation",
        "negative_reaction_previous",
        "healed_fracture_instability",
        "joint_replacement",
        "fusion_ankylosis",
        "spinal_internal_fixation",
        "implanted_device",
        "post_surgical_joint",
    }
)
#: Rows that seldom end, or whose own text says any stage: an entry that calls one over is asked about.
LASTING = frozenset(
    {
        "osteoporosis",
        "osteoporosis_severe",  # its note: current (M80) and healed (Z87.310) say the same
        "osteogenesis_imperfecta",
        "myelopathy",  # old injuries of the cord count even as a sequela
        "cauda_equina_syndrome",  # so does S34.3
        "rheumatoid_neck",  # "of any activity"
        "ankylosing_spine_disease",  # "any stage"
        "bleeding_disorder",
        "down_syndrome",
        "connective_tissue_disease",
        "congenital_generalized_hypermobility",
        "fibromuscular_dysplasia",
        "dens_anomaly",
        "basilar_invagination",
        "arnold_chiari",
        "cervical_anomaly",
        "spinal_dysraphism",
        "diastematomyelia",
        "syringomyelia",
        "cerebral_vascular_malformation",
    }
)
#: Rows about something of late: the date decides, not whether it is over.
EVENTS = frozenset({"stroke_tia", "acute_cerebrovascular_event", "neck_trauma_recent", "infection_recent"})
#: What a row becomes when it is over, by the name of the other row, where that row can sit at the same place.
PAST_MEANS = {
    "acute_fracture": "healed_fracture_instability",
    "acute_spinal_injury_any_region": "healed_fracture_instability",
    "vertebral_dislocation": "healed_fracture_instability",
    "dislocation_extremity": "articular_hypermobility",  # "or uncertain joint stability"
    "active_cancer": "history_of_cancer",
    "spinal_malignancy": "history_of_cancer",
    "bone_tumour_malignant": "history_of_cancer",
}
_LOOK_UP: dict[str, Callable[[str, Facts], Coded]] = {"icd10cm": icd10cm, "snomed": snomed}


def from_condition(reader: Reader, item: Item) -> None:
    """Adds what a Condition means; raises InputError for a date that is none."""
    standing = status.condition(item.resource, reader.on, f"{reader.where}: {item.path}")
    if standing.aside:
        reader.aside(item, standing.aside)
        return
    codings = item.resource.code.coding if item.resource.code else ()
    if not codings:
        what = "only words, no code" if item.resource.code and item.resource.code.text else "no code"
        reader.unknown(item, "code", "text", "", f"{what}: ask what it is")
        return
    coded: list[Coded] = []
    for number, coding in enumerate(codings):
        read = reading(coding)
        look_up = _LOOK_UP.get(read.system or "")
        field = f"code.coding[{number}]"
        if look_up is None:
            reader.unknown(item, field, coding.system or "", read.code, read.why or "no code of a condition")
            continue
        assert read.system is not None  # noqa: S101  (it has a look-up)
        try:
            one = at_day(look_up, read.code, standing, reader)
        except InputError:
            reader.unknown(item, field, read.system, read.code, "has not the form of an ICD-10-CM code")
            continue
        if not one.known and not one.excluded:
            why = "no row lists it" if read.system == "icd10cm" else "Handrail's files do not have it"
            reader.unknown(item, field, read.system, shown(one.code), why)
            continue
        coded.append(one)
        reader.without_row(item, one)
    meanings = reader.meanings(coded)
    sites = reader.sites(item, item.resource.bodySite) if meanings else (None,)
    if standing.past:
        meanings = _over(reader, item, meanings, standing, sites)
    if meanings:
        asks = (*standing.asks, *((standing.past,) if standing.past else ()))
        sure = [meaning for meaning in meanings if standing.past and meaning.match.match == "exact"]
        reader.add(item, sure, standing.asks, sites)
        reader.add(item, [meaning for meaning in meanings if meaning not in sure], asks, sites)


def at_day(look_up: Callable[[str, Facts], Coded], code: str, standing: Standing, reader: Reader) -> Coded:
    """What a code means on the day, by the dates of the record.

    A date that is not exact, or that only says when it was written down, counts only where every day that it may
    be gives the same answer.
    """
    facts = Facts(None, None, standing.active, standing.flare)
    plain = look_up(code, facts)
    if not any((fact := FACTS.get(match.finding)) and fact.kind == "recent" for match in plain.matches):
        return plain

    def on_since(days: Span) -> Coded | None:
        last = min(days.last, reader.on)
        if days.first > last:
            return None
        one, other = (look_up(code, facts._replace(day=reader.on, since=day)) for day in (days.first, last))
        same = [(m.finding, m.match) for m in one.matches] == [(m.finding, m.match) for m in other.matches]
        return other if same else None

    if standing.since:
        return on_since(standing.since) or plain
    if standing.known_by and (known := on_since(standing.known_by)):
        # It began on that day or before it: what is too long ago is so for sure, what is recent is not.
        kept = {match.finding for match in known.matches}
        return plain._replace(matches=tuple(m for m in plain.matches if m.finding in kept), notes=known.notes)
    return plain


def _over(
    reader: Reader, item: Item, meanings: list[Meaning], standing: Standing, sites: tuple[str | None, ...]
) -> list[Meaning]:
    """What is left of the meanings of something that is over: exact only where it was of late."""
    left: dict[tuple[str, str | None], Meaning] = {}
    gone: list[str] = []
    for match, coded in meanings:
        row, how, why = match.finding, match.match, match.why
        fact = FACTS.get(row)
        days = standing.since and (reader.on - standing.since.last).days
        long_ago = fact is not None and fact.days is not None and days is not None and days > fact.days
        if row in EVENTS and not (long_ago and row not in PAST_ASKS):
            pass
        elif row in PAST_ASKS:
            how = "broad"
        elif row in LASTING:
            how, why = "broad", f"{why}; called over, which it seldom is: ask"
        elif row in PAST_MEANS:
            gone.append(row)
            row, how = PAST_MEANS[row], "broad"
            why = f"{coded.code} means {match.finding}, which is over: ask about {row}"
            given = sites if match.site is None else (match.site,)
            # A shin that has healed says nothing about the spine.
            for place in (place for place in given if place is None or fitting(row, place)):
                left.setdefault((row, place), Meaning(Match(row, how, why, place), coded))
            continue
        else:
            gone.append(row)
            continue
        meaning = Meaning(Match(row, how, why, match.site), coded)
        left.setdefault((row, match.site), meaning)
    if gone:
        reader.aside(item, f"{standing.past}: it does not count as {', '.join(dict.fromkeys(gone))}")
    return list(left.values())
