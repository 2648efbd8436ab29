"""The answer to a call: what would be done, who would do it, to whom, where; decided; and what there is to say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handrail.ask import phrases, place_name
from handrail.decide import Case, Credential, Decision, Period, decide
from handrail.law import jurisdictions
from handrail.safety import contraindications, digest, red_flags
from handrail.terms import TECHNIQUES, InputError, Verdict, standing
from handrail.terms.billing import Codes
from handrail.web.hooks import cards, people, record
from handrail.web.hooks import work as work_
from handrail.web.hooks.people import Hands, Where
from handrail.web.hooks.record import Record
from handrail.web.hooks.request import Call
from handrail.web.hooks.suggest import suggestions
from handrail.web.hooks.work import Work

#: More orders of ours than this in one call are refused.
MOST = 20
_OPENING = ("patient-view", "encounter-start")


def answer(call: Call, codes: Codes, *, default_place: str = "", base: str = "") -> list[dict[str, Any]]:
    """The cards of a call.

    Args:
        call: what was asked.
        codes: the maps of billing codes.
        default_place: the jurisdiction where nothing says another.
        base: the service's own address, for links; empty: none.

    Raises:
        InputError: for anything in the request that cannot be read, with its path.
    """
    found = work_.found(call, codes)
    if len(found) > MOST:
        raise InputError(
            f"holds {len(found)} orders of manual therapy", hint=f"At most {MOST} are judged", where="context"
        )
    made = []
    for one in found:
        card = _of_work(one, call, codes, default_place, base)
        if card is not None:
            made.append(card)
    if call.service.hook in _OPENING and not found:
        made += _of_opening(call, codes, default_place, base)
    return made


def _of_work(one: Work, call: Call, codes: Codes, default_place: str, base: str) -> dict[str, Any] | None:
    path, data = one.resource.path, one.resource.data
    hands = people.performer(call, data, path, codes)
    where = people.where(call, data, path, hands, codes, default_place)
    known = record.of(call, one.reasons)
    if not hands.credentials or where.place is None:
        return _not_decided(one, hands, where, known, call, codes, base)
    decisions = [_decided(one, technique, regions, hands, where.place, known) for technique, regions in one.asked]
    decisions.sort(key=lambda d: -standing(d.verdict, d.leaning))
    worst = decisions[0]
    same = len({standing(d.verdict, d.leaning) for d in decisions}) == 1
    said = _beside(one, where, known, call)
    code = one.procedure.code
    if worst.verdict is Verdict.URGENT or (same and worst.verdict is not Verdict.PERMITTED):
        return _card(one, decisions, worst.verdict, cards.headline(worst, code), said, codes, base)
    if not same:
        summary = _differing_summary(decisions, code)
        said = [_differing(decisions, code), *said]
        offer = worst.verdict is Verdict.PROHIBITED
        return _card(one, decisions, Verdict.UNDETERMINED, summary, said, codes, base, suggest=offer)
    if known.missing:
        summary = f"Not known whether this client can have {phrases.formal(worst.case.technique, 'en')} ({code}): "
        summary += f"the record was not sent ({', '.join(known.missing)})"
        return _card(one, decisions, Verdict.UNDETERMINED, summary, said, codes, base, suggest=False)
    if cards.precautions(worst) or _unscreened(one, known):
        summary = (
            cards.headline(worst, code) if cards.precautions(worst) else f"Allowed; not all was asked ({code})"
        )
        return _card(one, decisions, Verdict.PERMITTED, summary, said, codes, base, suggest=False)
    return None


def _decided(
    one: Work, technique: str, regions: tuple[str, ...], hands: Hands, place: str, known: Record
) -> Decision:
    screening = record.screened(known, one.period.first, technique, regions)
    return decide(
        Case(place, technique, hands.credentials, region=regions or None, on=one.period, client=screening.client)
    )


def _card(
    one: Work,
    decisions: list[Decision],
    verdict: Verdict,
    summary: str,
    said: list[tuple[str, str]],
    codes: Codes,
    base: str,
    *,
    suggest: bool = True,
) -> dict[str, Any]:
    worst = decisions[0]
    offered = suggest and verdict in (Verdict.UNDETERMINED, Verdict.PROHIBITED, Verdict.URGENT)
    return cards.make(
        summary,
        [("Verdict", _verdict(worst, verdict, one)), *said, *cards.lines(worst)],
        verdict,
        source=cards.source(worst),
        topic=cards.topic(worst.case.technique),
        links=cards.links(worst, base),
        suggestions=suggestions(one, decisions, codes) if offered else None,
    )


def _verdict(decision: Decision, verdict: Verdict, one: Work) -> str:
    case = decision.case
    if len(one.asked) > 1 and verdict is not decision.verdict:
        where = place_name(case.jurisdiction, "en")
        return f"{verdict.value}: {one.procedure.code} in {where} on {decision.on}, a code for several techniques"
    regions = f" ({', '.join(case.asked_regions)})" if case.asked_regions else ""
    return (
        f"{verdict.value}: {phrases.formal(case.technique, 'en')}{regions} by "
        f"{phrases.profession(decision.profession, 'en', article=True)} in "
        f"{place_name(case.jurisdiction, 'en')} on {decision.on}"
    )


def _differing_summary(decisions: list[Decision], code: str) -> str:
    worst = decisions[0]
    who = phrases.profession(worst.profession, "en", article=True)
    if worst.verdict is Verdict.PROHIBITED:
        act = phrases.formal(worst.case.technique, "en")
        return f"{code} covers several techniques; of these {who} may not do {act} here"
    return f"{code} covers several techniques, not all of them confirmed for {who} here: say which is meant"


def _differing(decisions: list[Decision], code: str) -> tuple[str, str]:
    stands = "; ".join(
        f"{TECHNIQUES[d.case.technique].name}: {phrases.stands(d.verdict, d.leaning, 'en')}" for d in decisions
    )
    return "Depends", f"{code} does not say which technique is meant. {stands}. Why, for the first of these:"


def _beside(one: Work, where: Where, known: Record, call: Call) -> list[tuple[str, str]]:
    """What a reader must know beside the decision."""
    said = []
    if one.is_likely:
        others = [TECHNIQUES[t].name for t in one.procedure.techniques if t != one.procedure.likely]
        said.append(("Code", f"{one.procedure.code} also covers {', '.join(others)}; judged as the likely one"))
    if where.assumed:
        said.append(("Place", "nothing that was sent says where; taken from the setting of this service"))
    said += _missing(known, call)
    unasked = _unscreened(one, known)
    if unasked:
        said.append(("Not known", "; ".join(unasked)))
    return said


def _missing(known: Record, call: Call) -> list[tuple[str, str]]:
    said = []
    if known.missing:
        why = (
            "Handrail calls no FHIR server, also where one is offered"
            if call.offers_server
            else "no server is asked"
        )
        said.append(("Not screened", f"not sent, or not whole: {', '.join(known.missing)} (prefetch; {why})"))
    if known.passed:
        said.append(("Not sent", ", ".join(known.passed)))
    return said


def _unscreened(one: Work, known: Record) -> list[str]:
    technique, regions = one.asked[0]
    client = record.screened(known, one.period.first, technique, regions).client
    return [(contraindications().get(name) or red_flags()[name]).name for name in client.unscreened]


def _not_decided(
    one: Work, hands: Hands, where: Where, known: Record, call: Call, codes: Codes, base: str
) -> dict[str, Any]:
    """Said where it is not known who would do it, or where; a red flag is said all the same."""
    technique, regions = one.asked[0]
    act = phrases.formal(technique, "en")
    urgent = _urgent(one, technique, regions, known, where.place)
    if urgent is not None:
        reason = next(r for r in urgent.reasons if r.gate == "safety" and r.verdict is Verdict.URGENT)
        card = _of_finding(reason.rule or "", Verdict.URGENT, urgent, [technique])
        removed = suggestions(one, [urgent], codes)
        return card | ({"suggestions": removed, "selectionBehavior": "at-most-one"} if removed else {})
    lacking = [text for text in (hands.unknown, where.unknown if where.place is None else "") if text]
    what = "who would do it" if not hands.credentials else "where it would be done"
    said = [("Verdict", f"undetermined: {act}"), ("Not known", "; ".join(lacking)), *_missing(known, call)]
    if where.place is not None:
        asked = Case(where.place, technique, (_nobody(),), region=regions or None, on=one.period)
        may = decide(asked).who_may
        listed = [cards.profession_names([w.profession]) + _on_conditions(w.verdict) for w in may]
        said.append(
            ("Who may", f"in {place_name(where.place, 'en')}: {', '.join(listed) or 'nobody that was found'}")
        )
    said.append(("Note", f"Not known is never a yes. {cards.DISCLAIMER}"))
    return cards.make(
        f"Not known whether {act} ({one.procedure.code}) is allowed: {what} is not known",
        said,
        Verdict.UNDETERMINED,
        topic=cards.topic(technique),
    )


def _on_conditions(verdict: Verdict) -> str:
    return "" if verdict is Verdict.PERMITTED else " (on conditions)"


def _nobody() -> Credential:
    return Credential("unlicensed_person")


def _urgent(
    one: Work, technique: str, regions: tuple[str, ...], known: Record, place: str | None
) -> Decision | None:
    """The decision if the record holds an emergency: that is one in every place and whoever would do it."""
    at = place or jurisdictions()[0]
    client = record.screened(known, one.period.first, technique, regions).client
    made = decide(Case(at, technique, (_nobody(),), region=regions or None, on=one.period, client=client))
    return made if made.verdict is Verdict.URGENT else None


def _of_opening(call: Call, codes: Codes, default_place: str, base: str) -> list[dict[str, Any]]:
    """What the record says about what this practitioner may otherwise do; nothing if that is nothing."""
    known = record.of(call)
    hands = people.user(call, codes)
    where = people.where(call, None, "", hands, codes, default_place)
    by_finding: dict[tuple[str, Verdict], tuple[Decision, list[str]]] = {}
    day = Period.of(None)
    for technique in TECHNIQUES:
        client = record.screened(known, day.first, technique, ()).client
        place = where.place or jurisdictions()[0]
        case = Case(place, technique, hands.credentials or (_nobody(),), on=day, client=client)
        decision = decide(case)
        urgent = decision.verdict is Verdict.URGENT
        if not urgent and not (hands.credentials and where.place and _may_otherwise(case)):
            continue
        for reason in decision.reasons:
            if reason.gate == "safety" and reason.rule and reason.verdict is not Verdict.PERMITTED:
                key = (reason.rule, reason.verdict)
                by_finding.setdefault(key, (decision, []))[1].append(technique)
    made = [
        _of_finding(rule, verdict, decision, techniques)
        for (rule, verdict), (decision, techniques) in _worst_first(by_finding)
    ]
    if known.missing and call.user.startswith("Practitioner") and not made:
        made.append(
            cards.make(
                f"Nothing was screened for manual therapy: not sent ({', '.join(known.missing)})",
                [*_missing(known, call), ("Note", f"Not known is never a yes. {cards.DISCLAIMER}")],
                Verdict.UNDETERMINED,
                indicator="info",
            )
        )
    return made


def _may_otherwise(case: Case) -> bool:
    """Whether the law does not forbid it, with no client in view."""
    return decide(replace(case, client=None)).verdict is not Verdict.PROHIBITED


def _worst_first(found: dict[tuple[str, Verdict], tuple[Decision, list[str]]]) -> list[Any]:
    order = list(Verdict)
    strongest: dict[str, Any] = {}
    for key, value in sorted(found.items(), key=lambda item: -order.index(item[0][1])):
        strongest.setdefault(key[0], (key, value))
    listed = list(strongest.values())
    if any(key[1] is Verdict.URGENT for key, _ in listed):
        return [one for one in listed if one[0][1] is Verdict.URGENT]
    return listed[:5]


def _of_finding(rule: str, verdict: Verdict, decision: Decision, techniques: list[str]) -> dict[str, Any]:
    """A card about a finding, in whatever place and whoever it is."""
    reason = next(r for r in decision.reasons if r.rule == rule and r.verdict is verdict)
    names = " and ".join(phrases.formal(name, "en") for name in techniques)
    label = cards.name_of(reason)
    if verdict is Verdict.URGENT:
        summary = f"Medical care first: {label}"
    elif verdict is Verdict.PROHIBITED:
        summary = f"Not for this client: {label} forbids {names}"
    else:
        summary = f"{label}: a decision, a clearance or an answer is needed before {names}"
    needs = "; ".join(need.text for need in decision.needs if need.id.endswith(f":{rule}"))
    said = [
        ("Verdict", f"{verdict.value}: {names}"),
        ("Why", reason.text),
        ("Source", reason.citation or ""),
        ("Needs", needs),
        ("As known", f"clinical knowledge {digest()[:16]}. {cards.DISCLAIMER}"),
    ]
    address = next(iter(cards.addresses(reason)), None)
    return cards.make(
        summary,
        said,
        verdict,
        source=(reason.citation or "Handrail", address),
        topic=cards.topic(techniques[0]),
        links=[(reason.citation or "Source", address)] if address else [],
    )
