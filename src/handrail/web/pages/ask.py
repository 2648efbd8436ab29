"""Ask: one box, and the answer as a card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from handrail.ask import Answer, Card, Question, Who, answer, overview_lines, phrases, understand
from handrail.ask.answer import Overview
from handrail.decide import Decision, Reason
from handrail.terms import InputError, find_place
from handrail.web.pages import words
from handrail.web.pages.rendering import address, explicit_language, language_of, remember, render, safe_url, text

router = APIRouter()
#: What a person may answer to a question asked back, by the name of the parameter.
CHOICES = ("technique", "profession", "jurisdiction", "day")
#: The parameter that asks for all places, whatever place was chosen before.
EVERYWHERE = "all"
#: Keys of the example questions on the first page.
EXAMPLES = ("example_1", "example_2", "example_3", "example_4")
LONGEST = 2000


@router.get("/")
def first(request: Request) -> HTMLResponse:
    """The first page."""
    return render(request, "ask.html", asked="", place=_chosen(request), examples=_examples(request), result=None)


@router.get("/ask")
def asked(request: Request, q: str = "") -> HTMLResponse:
    """The answer to a question; ``q`` the question, ``in`` a place, ``lang`` the language."""
    given = request.query_params.get("in", "").strip()
    if not q.strip():
        return render(
            request,
            "ask.html",
            asked="",
            place=given or _chosen(request),
            examples=_examples(request),
            result=None,
        )
    everywhere = given == EVERYWHERE
    place = None if everywhere or not given else find_place(given[:80])
    try:
        question = _understood(request, q)
    except InputError as error:
        return render(
            request,
            "ask.html",
            status=400,
            asked=q[:LONGEST],
            place=place or _chosen(request),
            examples=_examples(request),
            result=None,
            problem=error,
        )
    if not explicit_language(request):
        request.state.language = question.language
    remembered = None
    if (
        not question.jurisdictions
        and not everywhere
        and not any(c.what == "jurisdiction" for c in question.choices)
    ):
        remembered = _chosen(request) if place is None and question.country is None else None
        if at := place or remembered:
            question = replace(question, jurisdictions=(at,), country=None)
    language = language_of(request)
    found = answer(replace(question, language=language))  # type: ignore[arg-type]
    response = render(
        request,
        "ask.html",
        asked=q,
        place=question.jurisdictions[0] if len(question.jurisdictions) == 1 else None,
        examples=(),
        result=_shown(request, found, question, q),
        remembered=remembered,
        passed_over=place if place and question.jurisdictions and place not in question.jurisdictions else None,
        address=_address(request, q, question, everywhere),
    )
    if place in question.jurisdictions:
        remember(request, response, "place", str(place))
    return response


def _examples(request: Request) -> list[tuple[str, str]]:
    language = language_of(request)
    sentences = [text(language, key) for key in EXAMPLES]
    return [(sentence, address("/ask", q=sentence, lang=language)) for sentence in sentences]


def _chosen(request: Request) -> str | None:
    """The place that was chosen before, if it is one."""
    given = request.cookies.get("place", "")
    try:
        return find_place(given) if given else None
    except InputError:
        return None


def _understood(request: Request, q: str) -> Question:
    given = {what: request.query_params[what] for what in CHOICES if request.query_params.get(what)}
    return understand(q, answers=given)


def _address(request: Request, q: str, question: Question, everywhere: bool) -> str:
    """The address that gives this answer to everybody, whatever they chose before."""
    place = EVERYWHERE if everywhere or not question.jurisdictions else None
    if len(question.jurisdictions) == 1:
        place = question.jurisdictions[0]
    given = {what: request.query_params.get(what) for what in CHOICES}
    path = address("/ask", q=q, in_=place, lang=language_of(request), **given)
    return f"{str(request.base_url).rstrip('/')}{path}"


def _shown(request: Request, found: Answer, question: Question, q: str) -> dict[str, Any]:
    language = language_of(request)
    given = {what: request.query_params.get(what) for what in CHOICES}
    place = request.query_params.get("in")

    def with_(**changed: str | None) -> str:
        return address("/ask", **{"q": q, "in": place, "lang": language, **given, **changed})

    return {
        "question": question,
        "choices": [
            {
                "choice": choice,
                "options": [
                    (_named(language, choice.what, option), with_(**{choice.what: option}))
                    for option in choice.options
                ],
            }
            for choice in question.choices
        ],
        "cards": [_card(decision, shown, language, question) for decision, shown in found.decisions],
        "overviews": [_overview(overview, found.question, language, with_) for overview in found.overviews],
        "who": [_who(one, language) for one in found.who],
        "elsewhere": with_(**{"in": EVERYWHERE}) if question.jurisdictions else None,
        "named": bool(question.heard and any(h.what == "jurisdiction" for h in question.heard)),
    }


def _named(language: str, what: str, option: str) -> str:
    names = words.Words(language)
    of = {"technique": names.technique, "profession": names.profession, "jurisdiction": names.place}.get(what)
    return of(option) if of else option


def _card(decision: Decision, shown: Card, language: str, question: Question) -> dict[str, Any]:
    """A card for the page: what the card says, its reasons with their sources, and addresses to go on."""
    stand = words.Words.stand_of(decision)
    why = [reason for reason in decision.reasons if _decides(reason, decision)]
    sources = [
        {
            "citation": reason.citation,
            "url": safe_url(reason.source),
            "source": reason.source,
            "rule": reason.rule,
            "text": reason.text,
            "note": reason.note,
            "sure": words.sure(reason),
            "follows": bool(reason.explicit is False and reason.text_seen and reason.rule),
            "from": reason.effective_from,
            "to": reason.effective_to,
        }
        for reason in why
    ]
    place = decision.case.jurisdiction
    verify = decision.verify
    return {
        "card": shown,
        "stand": stand,
        "headline": shown.headline,
        "why": sources,
        "lines": [line for line in shown.lines if line.key not in ("why", "note", "check", "who")],
        "who": [line for line in shown.lines if line.key == "who"],
        "notes": [line for line in shown.lines if line.key == "note"],
        "place": place,
        "profession": decision.profession,
        "technique": decision.case.technique,
        "verify": verify,
        "verify_url": safe_url(verify.url),
        "day": decision.on,
        "as_of": decision.as_of,
        "footer": shown.footer,
        "law": f"/law/{place}#{decision.profession}",
        "map": address("/map", profession=decision.profession, technique=decision.case.technique),
        "regions": decision.case.region,
    }


def _decides(reason: Reason, decision: Decision) -> bool:
    """Whether a reason is of the law or made the verdict what it is."""
    if reason.gate == "licence":
        return reason.verdict is decision.verdict and decision.verdict.value not in ("permitted",)
    if reason.gate == "scope":
        return (reason.verdict, reason.leaning) == (decision.verdict, decision.leaning)
    return False


def _overview(overview: Overview, question: Question, language: str, with_: Any) -> dict[str, Any]:
    headline, _ = overview_lines(overview, question)
    names = words.Words(language)
    columns = {
        "permitted": overview.permitted,
        "conditional": overview.conditional,
        "yes": overview.leaning_yes,
        "none": overview.not_known,
        "no": overview.leaning_no,
        "prohibited": overview.prohibited,
    }
    return {
        "headline": headline,
        "profession": overview.profession,
        "technique": overview.technique,
        "groups": [
            (
                stand,
                sorted(
                    [(code, names.place(code), with_(**{"in": code})) for code in codes],
                    key=lambda one: words.plain(one[1]),
                ),
            )
            for stand, codes in columns.items()
            if codes
        ],
        "map": address("/map", profession=overview.profession, technique=overview.technique, lang=language),
    }


def _who(who: Who, language: str) -> dict[str, Any]:
    rows = []
    for one in who.standings:
        decision = one.decision
        reason = next((r for r in decision.reasons if r.gate == "scope"), None)
        rows.append(
            {
                "profession": one.profession,
                "stand": words.Words.stand_of(decision),
                "said": phrases.stands(decision.verdict, decision.leaning, language),  # type: ignore[arg-type]
                "citation": reason.citation if reason else None,
                "url": safe_url(reason.source) if reason else None,
                "sure": words.sure(reason) if reason else "none",
                "needs": [need.text for need in decision.needs],
            }
        )
    rows.sort(key=lambda row: words.STANDS.index(str(row["stand"])))
    return {"place": who.jurisdiction, "technique": who.technique, "rows": rows, "researched": who.researched}
