"""``/v1/law``: the law itself."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from starlette.responses import Response

from handrail.terms import PROFESSIONS, TECHNIQUES, InputError, find_place, known
from handrail.web.problems import of_input
from handrail.web.rest.decisions import encoded
from handrail.web.rest.describe import answers
from handrail.web.rest.pages import Limit, Offset, page
from handrail.web.rest.shapes import Page

router = APIRouter(prefix="/v1/law", tags=["law"])
Code = Annotated[
    str,
    PathParameter(max_length=100, description="ISO code or name of a state or province", examples=["US-FL"]),
]
Day = Annotated[str | None, Query(max_length=10, description="YYYY-MM-DD; default: today")]
Profession = Annotated[str | None, Query(max_length=100, description="Only this profession")]
Technique = Annotated[str | None, Query(max_length=100, description="Only this technique")]


@router.get("", responses=answers(Page), summary="All jurisdictions")
def places(request: Request, limit: Limit = 100, offset: Offset = 0) -> Response:
    """Code, name, day of research, and how many rules each has."""
    from handrail.law import jurisdictions, load

    rows = [
        {
            "jurisdiction": code,
            "name": load(code).file.name,
            "researched": load(code).file.researched.isoformat(),
            "rules": sum(1 for _ in load(code).file.rules()),
            "href": f"/v1/law/{code}",
        }
        for code in jurisdictions()
    ]
    return page(request, rows, limit, offset)


@router.get("/coverage", responses=answers(Page), summary="How a question stands everywhere")
def coverage(
    request: Request,
    profession: Annotated[list[str] | None, Query(max_length=30, description="Default: the usual ones")] = None,
    technique: Annotated[list[str] | None, Query(max_length=4, description="Default: thrust_spine")] = None,
    on: Day = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """A row for each place, a cell for each profession and technique."""
    from handrail.decide.survey import coverage as survey
    from handrail.law.gaps import WANTED_PROFESSIONS

    asked = [known("profession", name, PROFESSIONS) for name in profession or WANTED_PROFESSIONS]
    what = [known("technique", name, TECHNIQUES) for name in technique or ["thrust_spine"]]
    rows = [
        {"jurisdiction": row.jurisdiction, "name": row.name, "cells": [cell._asdict() for cell in row.cells]}
        for row in survey(_day(on), asked, what)
    ]
    return page(request, rows, limit, offset)


@router.get("/changes", responses=answers({"type": "object"}), summary="What changed between two days")
def changes(
    first: Annotated[str, Query(alias="from", max_length=10, examples=["2020-01-01"])],
    last: Annotated[str, Query(alias="to", max_length=10, examples=["2026-11-24"])],
) -> Response:
    """Rules that begin or end, and general decisions that differ."""
    from handrail.decide import parse_day
    from handrail.decide.survey import changes as differing
    from handrail.decide.survey import events

    start, end = parse_day(first), parse_day(last)
    if start > end:
        raise InputError(f"{first} is after {last}", where="from", hint="Give the earlier day as from")
    return encoded(
        {
            "events": [event._asdict() for event in events(start, end)],
            "decisions": [change._asdict() for change in differing(start, end)],
        }
    )


@router.get("/gaps", responses=answers(Page), summary="What was not read and what is not known")
def gaps(request: Request, limit: Limit = 100, offset: Offset = 0) -> Response:
    """Most wanted first."""
    from handrail.law.gaps import gaps as find

    return page(request, [gap._asdict() for gap in find(every=False)], limit, offset)


@router.get("/{place}", responses=answers({"type": "object"}), summary="A jurisdiction's law, whole")
def one(place: Code) -> Response:
    """The file as it is: rules with dates, basis, doubts and sources, reserved acts, its own words."""
    from handrail.law import load

    return encoded(msgspec.to_builtins(load(_code(place)).file, str_keys=True))


@router.get("/{place}/rules", responses=answers(Page), summary="A jurisdiction's rules")
def rules(
    request: Request,
    place: Code,
    profession: Profession = None,
    technique: Technique = None,
    on: Day = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """One profession's or technique's; with ``on`` only those in force that day."""
    from handrail.law import load

    if profession:
        known("profession", profession, PROFESSIONS)
    if technique:
        known("technique", technique, TECHNIQUES)
    day = _day(on) if on else None
    rows: list[dict[str, Any]] = []
    for name, rule in load(_code(place)).file.rules():
        asked = profession in (None, name) and technique in (None, rule.technique)
        if asked and (day is None or rule.in_force(day)):
            rows.append({"profession": name, **msgspec.to_builtins(rule)})
    return page(request, rows, limit, offset)


@router.get("/{place}/compare/{other}", responses=answers({"type": "object"}), summary="Two places side by side")
def compare(place: Code, other: Code, on: Day = None) -> Response:
    """How every profession and technique stands in both, and where they differ."""
    from handrail.decide import Case, Credential, decide

    day, codes = _day(on), (_code(place), _code(other))
    rows = []
    for profession in PROFESSIONS:
        for technique in TECHNIQUES:
            found = [decide(Case(code, technique, [Credential(profession)], on=day)) for code in codes]
            said = [
                {"verdict": one.verdict.value, "leaning": one.leaning and one.leaning.value, "rule": one.rule}
                for one in found
            ]
            same = said[0]["verdict"] == said[1]["verdict"] and said[0]["leaning"] == said[1]["leaning"]
            rows.append({"profession": profession, "technique": technique, "same": same, "stand": said})
    return encoded({"jurisdictions": codes, "on": day.isoformat(), "rows": rows})


def _code(place: str) -> str:
    """A place in an address that is none is not found."""
    try:
        return find_place(place)
    except InputError as error:
        raise of_input(error, 404) from None


def _day(on: str | None) -> date:
    from handrail.decide import Period

    return Period.of(on).first
