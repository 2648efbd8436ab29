"""Screen: the questions before treatment, one at a time; the decision on the visit; the papers.

Nothing is kept here: the answers so far travel in the form itself, in the body of a POST, never in an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from handrail import paper
from handrail.ask import card
from handrail.decide import Case, Client, Credential, Decision, decide
from handrail.intake.answers import judge, left, state
from handrail.intake.questionnaire import NO, UNKNOWN, WHERE, YES, Asked, Questionnaire, questionnaire
from handrail.safety.questions import finding_name, parents, questions, questions_file, word
from handrail.terms import PROFESSIONS, REGIONS, STEPS, STEPS_BEFORE, TECHNIQUES, InputError, find_place, known
from handrail.web.pages import words
from handrail.web.pages.rendering import LANGUAGES, language_of, render

router = APIRouter()
KINDS = ("consent", "referral", "record", "aftercare")
SCREENED = "contraindication_screen"
_FIELDS = 2000
_ANSWER = "a."
#: The id of a need: of a condition of the law, or of what a finding asks for.
_NEED = re.compile(r"[a-z0-9_]{1,80}(:[a-z0-9_]{1,80})?")


@dataclass
class Visit:
    """What the form carries: who would do what, and the answers so far."""

    place: str
    profession: str
    technique: str
    regions: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    #: Needs that the one at the screen says are met, by id.
    met: tuple[str, ...] = ()
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether the questions to the practitioner are asked too.
    practitioner: bool = False

    def hidden(self, without: str = "", *, confirmed: bool = True) -> Iterator[tuple[str, str]]:
        """The hidden fields of the form, without the answer to one question, or without what is confirmed."""
        yield from (("place", self.place), ("profession", self.profession), ("technique", self.technique))
        yield from (("region", region) for region in self.regions)
        if confirmed:
            yield from (("done", step) for step in self.done)
            yield from (("met", need) for need in self.met)
        if self.practitioner:
            yield "practitioner", "1"
        for link, values in self.given.items():
            if not without or link not in (without, without + WHERE):
                yield from ((_ANSWER + link, value) for value in values)

    def asked(self, language: str) -> list[Questionnaire]:
        """The questionnaires of this visit: the client's, and the practitioner's if wanted."""
        whom = (False, True) if self.practitioner else (False,)
        return [questionnaire(self.technique, self.regions, language, practitioner=one) for one in whom]

    def decision(self, *, confirmed: bool = True) -> Decision:
        """The decision on the visit as answered so far; without what is confirmed, to see what is asked for."""
        said = judge(self.given, self.technique, self.regions)
        done = tuple(step for step in self.done if step != SCREENED) if confirmed else ()
        steps = (*done, SCREENED) if said.complete else done
        client = Client(said.findings, steps, said.unscreened)
        return decide(
            Case(
                self.place,
                self.technique,
                (Credential(self.profession),),
                region=self.regions or None,
                client=client,
                met=self.met if confirmed else (),
            )
        )

    def needs(self) -> Iterator[tuple[str, str, bool]]:
        """What can be confirmed: id, text (none for a step of practice, which has a name), and whether it is.

        Questions are answered, not confirmed.
        """
        for need in self.decision(confirmed=False).needs:
            if need.id != SCREENED and not need.id.startswith("ask:"):
                text = "" if need.id in STEPS and need.rule is None else need.text
                yield need.id, text, need.id in self.met or need.id in self.done


def _read(form: FormData) -> Visit:
    """The visit in a form; raises InputError for what is none, without saying what was answered."""
    technique = known("technique", _one(form, "technique"), TECHNIQUES)
    own = TECHNIQUES[technique].regions
    regions = tuple(known("region", str(one), REGIONS) for one in form.getlist("region") if one)
    visit = Visit(
        find_place(_one(form, "place")),
        known("profession", _one(form, "profession"), PROFESSIONS),
        technique,
        tuple(region for region in own if region in regions),
        tuple(known("step", str(one), STEPS) for one in dict.fromkeys(form.getlist("done"))),
        practitioner=bool(_one(form, "practitioner")),
    )
    for need in dict.fromkeys(str(one) for one in form.getlist("met")):
        if not _NEED.fullmatch(need):
            raise InputError("a need that is confirmed is none", hint="Start again")
        if need not in STEPS:
            visit.met = (*visit.met, need)
        elif need not in visit.done:
            visit.done = (*visit.done, need)
    sites = questions_file().sites
    for key in dict.fromkeys(form.keys()):
        if not key.startswith(_ANSWER):
            continue
        link = key.removeprefix(_ANSWER)
        where = link.endswith(WHERE)
        values = tuple(dict.fromkeys(str(one) for one in form.getlist(key)))
        fits = (*sites, UNKNOWN) if where else (YES, NO, UNKNOWN)
        if link.removesuffix(WHERE) not in questions() or any(value not in fits for value in values):
            raise InputError("an answer is not one of the questionnaire's", hint="Start again")
        visit.given[link] = values
    return visit


def _one(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value[:200] if isinstance(value, str) else ""


async def _form(request: Request) -> FormData:
    form = await request.form(max_files=0, max_fields=_FIELDS)
    language = _one(form, "to_lang") or _one(form, "lang")
    if language in LANGUAGES:
        request.state.language = language
    return form


@router.get("/screen")
def begin(request: Request) -> HTMLResponse:
    """The start: who would do what, where."""
    return _start(request)


def _start(request: Request, status: int = 200, **more: Any) -> HTMLResponse:
    try:
        place = find_place(request.cookies.get("place", ""))
    except InputError:
        place = None
    return render(
        request,
        "screen_start.html",
        status=status,
        place=place,
        steps=[step for step in STEPS_BEFORE["thrust_spine"] if step != SCREENED],
        regions={name: about.regions for name, about in TECHNIQUES.items()},
        **more,
    )


@router.post("/screen")
async def step(request: Request) -> HTMLResponse:
    """Takes an answer and asks the next question, or shows the result."""
    form = await _form(request)
    return await to_thread.run_sync(_step, request, form)


def _step(request: Request, form: FormData) -> HTMLResponse:
    try:
        visit = _read(form)
    except InputError as error:
        return _start(request, 400, problem=error)
    action = _one(form, "do")
    language = language_of(request)
    if action == "again":
        return _start(request)
    current = _one(form, "question")
    if current:
        known_question = current in questions()
        if not known_question:
            return _start(request, 400, problem=InputError("that question is not in the questionnaire"))
        if action == "back":
            return _back(request, visit, current, language)
        if action == "same" and (asked := _find(visit, current, language)) is not None:
            return _show(request, visit, asked, language)
        if sites := form.getlist("site"):
            _where(visit, current, [str(one) for one in sites])
        elif answer := _one(form, "answer"):
            if answer not in (YES, NO, UNKNOWN):
                return _start(request, 400, problem=InputError("that is no answer"))
            _put(visit, current, answer)
            asked = _find(visit, current, language)
            if answer == YES and asked is not None and asked.emergency:
                return _result(request, visit, language, current)
            if answer == YES and asked is not None and asked.sites:
                return _show_where(request, visit, asked, language)
    if action == "practitioner":
        visit.practitioner = True
    if action == "finish":
        return _result(request, visit, language)
    upcoming = next((one for whole in visit.asked(language) for one in left(whole.questions, visit.given)), None)
    if upcoming is None:
        return _result(request, visit, language)
    return _show(request, visit, upcoming, language)


def _put(visit: Visit, link: str, answer: str) -> None:
    """Keeps an answer; what was said under an earlier yes goes with it."""
    if answer != YES:
        for below in [other for other in visit.given if _stands_under(other.removesuffix(WHERE), link)]:
            del visit.given[below]
    visit.given.pop(link + WHERE, None)
    visit.given[link] = (answer,)


def _where(visit: Visit, link: str, sites: list[str]) -> None:
    known_sites = tuple(site for site in dict.fromkeys(sites) if site in questions_file().sites)
    visit.given[link] = (YES,)
    visit.given[link + WHERE] = (UNKNOWN,) if UNKNOWN in sites or not known_sites else known_sites


def _stands_under(link: str, above: str) -> bool:
    at = parents().get(link)
    while at is not None and at != above:
        at = parents().get(at)
    return at is not None


def _find(visit: Visit, link: str, language: str) -> Asked | None:
    return next(
        (one for whole in visit.asked(language) for one in whole.questions if one.question.id == link), None
    )


def _open(visit: Visit, language: str) -> list[Asked]:
    return [one for whole in visit.asked(language) for one in whole.open(visit.given)]


def _back(request: Request, visit: Visit, current: str, language: str) -> HTMLResponse:
    asked = _open(visit, language)
    place = next((at for at, one in enumerate(asked) if one.question.id == current), 0)
    if place == 0:
        return _start(request)
    return _show(request, visit, asked[place - 1], language)


def _show(request: Request, visit: Visit, asked: Asked, language: str) -> HTMLResponse:
    whole = _open(visit, language)
    link = asked.question.id
    number = next((at for at, one in enumerate(whole, 1) if one.question.id == link), 1)
    return render(
        request,
        "screen_step.html",
        visit=visit,
        asked=asked,
        question=asked.question.text(language),
        help=asked.question.help.of(language) if asked.question.help else None,
        hidden=list(visit.hidden(link)),
        before=state(asked.question, visit.given) if visit.given.get(link) else None,
        number=number,
        count=len(whole),
        word=lambda key: word(key, language),
        where=False,
        of_practitioner=asked.question.asked_of == "practitioner",
    )


def _show_where(request: Request, visit: Visit, asked: Asked, language: str) -> HTMLResponse:
    whole = _open(visit, language)
    number = next((at for at, one in enumerate(whole, 1) if one.question.id == asked.question.id), 1)
    sites = questions_file().sites
    return render(
        request,
        "screen_step.html",
        visit=visit,
        asked=asked,
        question=asked.question.text(language),
        help=None,
        hidden=list(visit.hidden(asked.question.id)),
        before=None,
        number=number,
        count=len(whole),
        word=lambda key: word(key, language),
        where=[(site, sites[site].of(language)) for site in asked.sites],
        of_practitioner=asked.question.asked_of == "practitioner",
    )


def _result(request: Request, visit: Visit, language: str, current: str = "") -> HTMLResponse:
    decision = visit.decision()
    said = judge(visit.given, visit.technique, visit.regions)
    names = questions_file().sites
    client = questionnaire(visit.technique, visit.regions, language)
    return render(
        request,
        "screen_result.html",
        visit=visit,
        decision=decision,
        card=card(decision, language),  # type: ignore[arg-type]
        stand=words.Words.stand_of(decision),
        found=[
            finding_name(one.id, language) + (f" ({names[one.site].of(language)})" if one.site in names else "")
            for one in said.findings
        ],
        unscreened=[finding_name(one, language) for one in said.unscreened],
        complete=said.complete,
        emergency=bool(said.emergencies),
        stop=word("stop", language),
        hidden=list(visit.hidden()),
        unconfirmed=list(visit.hidden(confirmed=False)),
        needs=list(visit.needs()),
        left=len(left(client.questions, visit.given)),
        more=not visit.practitioner and not said.emergencies,
        current=current,
        papers=[(kind, _refused(kind, decision, language)) for kind in KINDS],
    )


def _refused(kind: str, decision: Decision, language: str) -> str | None:
    """Why a paper cannot be made for this decision; None if it can."""
    try:
        getattr(paper, kind)(decision, language)
    except InputError as error:
        return error.message
    return None


@router.post("/screen/paper")
async def as_pdf(request: Request) -> Response:
    """A paper as PDF."""
    form = await _form(request)
    kind = known("paper", _one(form, "kind"), KINDS)
    visit = _read(form)
    names = paper.Names(
        *(_one(form, who).strip() or None for who in ("client_name", "practitioner_name", "clinic_name"))
    )
    size = _one(form, "size") or ("a4" if language_of(request) == "fr" else "letter")
    language = language_of(request)

    def make() -> bytes:
        made: paper.Paper = getattr(paper, kind)(visit.decision(), language, names, size)
        return made.pdf()

    return Response(
        await to_thread.run_sync(make),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="handrail-{kind}.pdf"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
