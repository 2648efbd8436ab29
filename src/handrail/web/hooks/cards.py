"""Cards: what a decision says, in the form that the specification gives them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from handrail.ask import card as worded
from handrail.ask import phrases, place_name
from handrail.decide import Decision, Reason
from handrail.safety import contraindications, red_flags
from handrail.terms import PROFESSIONS, STEPS, TECHNIQUES, Leaning, Verdict, standing
from handrail.web.hooks.words import escaped, plain, short

CODES = "http://example.org/handrail"
DISCLAIMER = "Not legal or medical advice."
#: Why a card can be set aside; the codes go into a clinic's log.
OVERRIDES = {
    "need-met": "What it asks for is done or held",
    "data-wrong": "The record, or who is named, is wrong or out of date",
    "done-by-other": "Somebody else, who may, will do it",
    "other-technique": "Another technique is meant",
    "qualified-decision": "A clinician qualified to diagnose decided and documented it",
    "law-read-otherwise": "The law is read otherwise here",
    "other": "Another reason",
}
_INDICATOR = {
    Verdict.URGENT: "critical",
    Verdict.PROHIBITED: "critical",
    Verdict.UNDETERMINED: "warning",
    Verdict.CONDITIONAL: "warning",
    Verdict.PERMITTED: "info",
}
_PAPERS = {
    Verdict.PERMITTED: "consent sheet, visit record, aftercare sheet",
    Verdict.CONDITIONAL: "consent sheet, visit record, aftercare sheet",
    Verdict.UNDETERMINED: "referral letter, if the client is sent to somebody else",
    Verdict.PROHIBITED: "referral letter, if the client is sent to somebody else",
    Verdict.URGENT: "referral letter",
}


def make(
    summary: str,
    lines: Iterable[tuple[str, str]],
    verdict: Verdict,
    *,
    source: tuple[str, str | None] = ("Handrail", None),
    topic: tuple[str, str] | None = None,
    links: Iterable[tuple[str, str]] = (),
    suggestions: list[dict[str, Any]] | None = None,
    indicator: str | None = None,
) -> dict[str, Any]:
    """A card. What has no value is left out, as the specification demands."""
    label, url = source
    card: dict[str, Any] = {
        "uuid": str(uuid.uuid4()),
        "summary": short(summary),
        "detail": "\n\n".join(f"**{escaped(name)}:** {escaped(text)}" for name, text in lines if text),
        "indicator": indicator or _INDICATOR[verdict],
        "source": {"label": short(label, 100)},
    }
    if url and is_address(url):
        card["source"]["url"] = url
    if topic:
        card["source"]["topic"] = {"system": f"{CODES}/topic", "code": topic[0], "display": topic[1]}
    if suggestions:
        card["suggestions"] = suggestions
        card["selectionBehavior"] = "at-most-one"
    if verdict is not Verdict.PERMITTED:
        card["overrideReasons"] = [
            {"code": code, "system": f"{CODES}/override-reason", "display": display}
            for code, display in OVERRIDES.items()
        ]
    shown = {address: name for name, address in links if is_address(address)}
    if shown:
        card["links"] = [
            {"label": short(name, 100), "url": address, "type": "absolute"} for address, name in shown.items()
        ]
    return card


def is_address(text: str | None) -> bool:
    """Whether a text is an absolute web address."""
    try:
        address = urlsplit(text or "")
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.netloc) and " " not in (text or "")


def deciding(decision: Decision) -> list[Reason]:
    """The reasons that made the verdict."""
    worst = standing(decision.verdict, decision.leaning)
    return [reason for reason in decision.reasons if standing(reason.verdict, reason.leaning) == worst]


def headline(decision: Decision, code: str) -> str:
    """The summary of one decision."""
    case, verdict = decision.case, decision.verdict
    act = phrases.formal(case.technique, "en") + (
        f", {' and '.join(case.asked_regions)}" if case.asked_regions else ""
    )
    who, place = phrases.profession(decision.profession, "en", article=True), place_name(case.jurisdiction, "en")
    coded = f" ({plain(code)[:20]})" if code else ""
    by_safety = [reason for reason in deciding(decision) if reason.gate == "safety"]
    by_licence = [reason for reason in deciding(decision) if reason.gate == "licence"]
    if verdict is Verdict.URGENT:
        return f"Medical care first: {_named(by_safety)}"
    if verdict is Verdict.PROHIBITED and by_licence:
        return f"Not permitted: the credential as given does not allow it in {place}{coded}"
    if verdict is Verdict.PROHIBITED and any(reason.gate == "scope" for reason in deciding(decision)):
        return f"Not permitted: in {place} {who} may not do {act}{coded}"
    if verdict is Verdict.PROHIBITED:
        return f"Not for this client: {_named(by_safety)} forbids {act}{coded}"
    if verdict is Verdict.CONDITIONAL:
        return f"Only once met, for {act}{coded}: {'; '.join(need.text for need in decision.needs)}"
    if verdict is Verdict.UNDETERMINED:
        leaning = {Leaning.YES: "; it leans yes", Leaning.NO: "; it leans no"}
        leans = leaning.get(decision.leaning or Leaning.NONE, "")
        return f"Not confirmed that in {place} {who} may do {act}{coded}{leans}"
    return f"Allowed; to be weighed, for {act}{coded}: {_named(precautions(decision))}"


def _named(reasons: Iterable[Reason]) -> str:
    return "; ".join(dict.fromkeys(name_of(reason) for reason in reasons))


def name_of(reason: Reason) -> str:
    """What a safety reason is about, by the name that Handrail's files give it."""
    row = contraindications().get(reason.rule or "") or red_flags().get(reason.rule or "")
    return row.name if row else reason.text


def precautions(decision: Decision) -> list[Reason]:
    """What was found that forbids nothing and is to be weighed. An age that only asks is none, nor is a finding
    that no row lists against this technique here."""
    case = decision.case
    found = {finding.id for finding in case.client.findings} if case.client else set()
    return [
        reason
        for reason in decision.reasons
        if reason.gate == "safety" and reason.verdict is Verdict.PERMITTED and reason.rule in found
        if _is_precaution(reason.rule or "", case.technique, case.regions)
    ]


def _is_precaution(rule: str, technique: str, regions: tuple[str, ...]) -> bool:
    row = contraindications().get(rule)
    if row is None or not any(row.covers(region) for region in regions):
        return False
    # Where a row speaks of the gentler technique only, the stronger one is judged no better.
    return (row.level.get(technique) or row.level.get("mobilization")) == "precaution"


def lines(decision: Decision, *, papers: bool = True) -> list[tuple[str, str]]:
    """The details of a decision: those of its card, the steps in words for a practitioner, and the papers."""
    said: list[tuple[str, str]] = []
    for line in worded(decision).lines:
        if line.key == "first":
            said.append((line.label, _first(decision)))
        else:
            said.append((line.label, line.text))
    if papers:
        said.append(("Papers", _PAPERS[decision.verdict]))
    said.append(("Rule", decision.rule or ""))
    said.append(("As known", f"law researched on {decision.as_of}; knowledge {decision.knowledge}. {DISCLAIMER}"))
    return said


def _first(decision: Decision) -> str:
    # The vocabulary speaks to the client ("your consent"); a card speaks to a practitioner.
    names = [
        STEPS[s.step].name.replace("your ", "the client's ") if s.step in STEPS else s.text
        for s in decision.before
        if not s.done
    ]
    act = phrases.formal(decision.case.technique, "en")
    return f"before {act}: {', '.join(names)}" if names else ""


def source(decision: Decision) -> tuple[str, str | None]:
    """The law or study that decides, and its address."""
    for reason in deciding(decision):
        if reason.citation:
            return reason.citation, next(iter(addresses(reason)), None)
    return "Handrail", None


def addresses(reason: Reason) -> list[str]:
    """The web addresses in a reason's source."""
    words = (word.strip("();,") for word in (reason.source or "").split())
    return [word for word in words if is_address(word)]


def links(decision: Decision, base: str) -> list[tuple[str, str]]:
    """Where the sources, the register and the place's law can be read."""
    found = []
    for reason in deciding(decision):
        found += [(reason.citation or "Source", address) for address in addresses(reason)]
    if decision.verify.url:
        found.append((f"Look the licence up: {decision.verify.regulator}", decision.verify.url))
    if base:
        place = decision.case.jurisdiction
        found.append((f"The law of {place_name(place, 'en')}", f"{base}/law/{place}"))
    return found[:6]


def topic(technique: str) -> tuple[str, str]:
    """A technique as the topic of a card."""
    return technique, TECHNIQUES[technique].name


def profession_names(names: Iterable[str]) -> str:
    """Professions by name."""
    return ", ".join(PROFESSIONS[name].name for name in names)
