"""Law: a page for each place, two side by side, what changed when, and the file itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from handrail.ask import phrases
from handrail.decide import Case, Credential, decide
from handrail.law import Law, Rule, day_after, load
from handrail.law.load import FOLDER
from handrail.terms import PROFESSIONS, TECHNIQUES, InputError, find_place
from handrail.web.pages import words
from handrail.web.pages.rendering import address, language_of, render
from handrail.web.problems import not_found

router = APIRouter()


def _law(code: str) -> Law:
    """The law of a place given by code or name.

    Raises:
        Problem: 404 if there is none.
    """
    try:
        return load(find_place(code[:80]))
    except InputError as error:
        raise not_found(error.message, error.hint) from None


def _today() -> date:
    return date.today()  # noqa: DTZ011  (the reader's day is meant)


@router.get("/law")
def index(request: Request) -> Response:
    """All places; ``in`` goes to one."""
    if given := request.query_params.get("in", "").strip():
        return RedirectResponse(
            address(f"/law/{find_place(given[:80])}", lang=request.query_params.get("lang")), 303
        )
    names = words.Words(language_of(request))
    rows = []
    for code, name in names.places():
        law = load(code)
        rules = [rule for _, rule in law.file.rules()]
        rows.append(
            {
                "code": code,
                "name": name,
                "country": code[:2],
                "rules": len(rules),
                "read": sum(rule.read and rule.effect.speaks for rule in rules),
                "open": sum(not rule.read or not rule.effect.speaks for rule in rules),
                "researched": law.file.researched,
            }
        )
    return render(request, "laws.html", rows=rows)


@router.get("/law/{code}.yaml")
def as_yaml(code: str) -> Response:
    """The file itself."""
    law = _law(code)
    return Response(
        (FOLDER / f"{law.jurisdiction}.yaml").read_bytes(),
        media_type="application/yaml",
        headers=_attached(law, "yaml"),
    )


@router.get("/law/{code}.json")
def as_json(code: str) -> Response:
    """The file as JSON."""
    law = _law(code)
    return Response(
        msgspec.json.format(msgspec.json.encode(law.file), indent=2),
        media_type="application/json",
        headers=_attached(law, "json"),
    )


def _attached(law: Law, ending: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="handrail-{law.jurisdiction}.{ending}"',
        "X-Content-Type-Options": "nosniff",
    }


@router.get("/law/{code}")
def place(request: Request, code: str) -> HTMLResponse:
    """A place's law, whole."""
    law, day = _law(code), _today()
    language = language_of(request)
    return render(
        request,
        "law.html",
        code=law.jurisdiction,
        file=law.file,
        law=law,
        day=day,
        professions=[_profession(law, name, day, language) for name in law.file.professions],
        yaml=f"/law/{law.jurisdiction}.yaml",
        json=f"/law/{law.jurisdiction}.json",
    )


def _profession(law: Law, name: str, day: date, language: str) -> dict[str, Any]:
    entry = law.file.professions[name]
    stands = []
    for technique in TECHNIQUES:
        decision = decide(Case(law.jurisdiction, technique, [Credential(name)], on=day), law=law)
        stands.append(
            {
                "technique": technique,
                "stand": words.Words.stand_of(decision),
                "said": phrases.stands(decision.verdict, decision.leaning, language),  # type: ignore[arg-type]
            }
        )
    return {
        "id": name,
        "entry": entry,
        "stands": stands,
        "rules": [
            {"rule": rule, "conditions": law.conditions(rule), "sure": of_rule(rule), "status": rule.status(day)}
            for rule in entry.rules
        ],
    }


def of_rule(rule: Rule) -> str:
    """How sure a rule is: the key of a sentence (``sure_...``)."""
    if not rule.effect.speaks and rule.effect.value == "unknown":
        return "none"
    if rule.basis is None:
        return "none"
    if rule.basis.value == "secondary":
        return "secondary"
    return rule.basis.value if rule.text_seen else "unread"


@router.get("/law/{code}/compare")
def choose(request: Request, code: str, other: str = "") -> Response:
    """Goes to the comparison with the place chosen in a form."""
    one = _law(code).jurisdiction
    if not other.strip():
        return RedirectResponse(f"/law/{one}", 303)
    lang = request.query_params.get("lang")
    return RedirectResponse(address(f"/law/{one}/compare/{find_place(other[:80])}", lang=lang), 303)


@router.get("/law/{code}/compare/{other}")
def compare(request: Request, code: str, other: str) -> HTMLResponse:
    """Two places side by side."""
    one, two, day = _law(code), _law(other), _today()
    named = [name for name in PROFESSIONS if name in one.file.professions or name in two.file.professions]
    language = language_of(request)
    rows = []
    for name in named:
        pairs = [
            (technique, _side(one, name, technique, day, language), _side(two, name, technique, day, language))
            for technique in TECHNIQUES
        ]
        rows.append({"profession": name, "pairs": pairs})
    return render(request, "compare.html", one=one, two=two, rows=rows, day=day)


def _side(law: Law, profession: str, technique: str, day: date, language: str) -> dict[str, Any]:
    decision = decide(Case(law.jurisdiction, technique, [Credential(profession)], on=day), law=law)
    reason = next((reason for reason in decision.reasons if reason.gate == "scope"), None)
    return {
        "stand": words.Words.stand_of(decision),
        "said": phrases.stands(decision.verdict, decision.leaning, language),  # type: ignore[arg-type]
        "citation": reason.citation if reason else None,
    }


@router.get("/law/{code}/history")
def history(request: Request, code: str) -> HTMLResponse:
    """What began and ended when, and what it changed."""
    law = _law(code)
    language = language_of(request)
    names = words.Words(language)
    days: dict[date, list[dict[str, Any]]] = {}
    for profession, rule in law.file.rules():
        what = f"{names.profession(profession)}: {names.technique(rule.technique)}"
        for day, kind in ((rule.effective_from, "begins"), (rule.effective_to, "ended")):
            if day:
                when = day if kind == "begins" else day_after(day)
                days.setdefault(when, []).append({"kind": kind, "what": what, "rule": rule, "id": rule.id})
    for item in law.file.prerequisites:
        for day, kind in ((item.effective_from, "begins"), (item.effective_to, "ended")):
            if day:
                when = day if kind == "begins" else day_after(day)
                days.setdefault(when, []).append(
                    {"kind": kind, "what": names.technique(item.technique), "rule": item, "id": item.id}
                )
    act = law.file.reserved_act
    for day, kind in ((act.effective_from, "begins"), (act.effective_to, "ended")) if act else ():
        if day:
            when = day if kind == "begins" else day_after(day)
            days.setdefault(when, []).append({"kind": kind, "what": "", "rule": act, "id": "reserved_act"})
    undated = sum(rule.effective_from is None for _, rule in law.file.rules())
    changed = {day: list(_changed(law, day, language)) for day in days if day > date.min}
    return render(
        request,
        "history.html",
        code=law.jurisdiction,
        file=law.file,
        days=sorted(days.items(), reverse=True),
        changed=changed,
        undated=undated,
        day=_today(),
    )


def _changed(law: Law, day: date, language: str) -> Any:
    """General answers that are others on a day than on the day before."""
    before = date.fromordinal(day.toordinal() - 1)
    for profession in law.file.professions:
        for technique in TECHNIQUES:
            if day in law.changes(profession, technique):
                was, now = (
                    decide(Case(law.jurisdiction, technique, [Credential(profession)], on=on), law=law)
                    for on in (before, day)
                )
                if (was.verdict, was.leaning) != (now.verdict, now.leaning):
                    yield {
                        "profession": profession,
                        "technique": technique,
                        "was": words.Words.stand_of(was),
                        "was_said": phrases.stands(was.verdict, was.leaning, language),  # type: ignore[arg-type]
                        "now": words.Words.stand_of(now),
                        "now_said": phrases.stands(now.verdict, now.leaning, language),  # type: ignore[arg-type]
                    }
