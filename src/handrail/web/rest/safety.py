"""``/v1/safety`` and ``/v1/technique``: the clinical files, and what codes mean."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from starlette.responses import Response

from handrail.terms import TECHNIQUES, did_you_mean, known
from handrail.web.problems import not_found
from handrail.web.rest.decisions import encoded
from handrail.web.rest.describe import answers
from handrail.web.rest.pages import Limit, Offset, page
from handrail.web.rest.shapes import Page

router = APIRouter(prefix="/v1", tags=["safety"])
Id = Annotated[str, PathParameter(max_length=100, description="A row's id", examples=["osteoporosis"])]
Fast = Annotated[Literal["fast", "slow"] | None, Query(description="How fast the movement is")]
Far = Annotated[Literal["small", "large"] | None, Query(description="How far it goes")]


def _files() -> dict[str, dict[str, Any]]:
    from handrail.safety import adverse_events, contraindications, red_flags, step_items, training

    return {
        "contraindications": dict(contraindications()),
        "red_flags": dict(red_flags()),
        "adverse_events": dict(adverse_events()),
        "prerequisites": {item.id: item for item in step_items()},
        "training": dict(training()),
    }


@router.get("/safety", responses=answers(Page), summary="Rows of the clinical files")
def rows(
    request: Request,
    file: Annotated[
        Literal["contraindications", "red_flags", "adverse_events", "prerequisites", "training"],
        Query(description="Which file"),
    ] = "contraindications",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Each whole: levels and what each rests on, codes, sources, doubts."""
    return page(request, [msgspec.to_builtins(row) for row in _files()[file].values()], limit, offset)


@router.get("/safety/codes/{code}", responses=answers({"type": "object"}), summary="What a code means")
def code(
    code: Annotated[
        str,
        PathParameter(
            max_length=100,
            description="ICD-10-CM, SNOMED CT or RxNorm, or a medicine's name",
            examples=["M80.08XA"],
        ),
    ],
    on: Annotated[str | None, Query(max_length=10, description="The day asked, YYYY-MM-DD")] = None,
    since: Annotated[str | None, Query(max_length=10, description="When it began, YYYY-MM-DD")] = None,
) -> Response:
    """Which rows, how surely, and what has to be asked."""
    from handrail.decide import parse_day
    from handrail.safety import Facts, look_up

    facts = Facts(parse_day(on) if on else None, parse_day(since) if since else None)
    found = look_up(code, facts)
    return encoded(
        {"codes": [{**one._asdict(), "matches": [match._asdict() for match in one.matches]} for one in found]}
    )


@router.get("/safety/{id}", responses=answers({"type": "object"}), summary="Rows of an id")
def row(id: Id) -> Response:  # noqa: A002  (the name in the address)
    """In whatever file: an id can be a contraindication and a red flag."""
    files = _files()
    found = [{"file": file, **msgspec.to_builtins(rows[id])} for file, rows in files.items() if id in rows]
    if not found:
        ids = sorted({name for rows in files.values() for name in rows})
        raise not_found("no row of the clinical files has this id", did_you_mean(id, ids))
    return encoded({"rows": found})


@router.get(
    "/technique", responses=answers({"type": "object"}), summary="Techniques, and which one a description fits"
)
def technique(
    speed: Fast = None,
    amplitude: Far = None,
    beyond_passive_range: bool | None = None,
    tissue: Annotated[Literal["soft", "joint"] | None, Query(description="What is worked on")] = None,
    can_resist: bool | None = None,
    pop: bool | None = None,
    region: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The four techniques; with a description also the one that it fits, why, and what is missing to tell."""
    from handrail.terms import REGIONS
    from handrail.terms.technique import classify

    given = {
        "speed": speed,
        "amplitude": amplitude,
        "beyond_passive_range": beyond_passive_range,
        "tissue": tissue,
        "can_resist": can_resist,
        "pop": pop,
    }
    if region is not None:
        known("region", region, REGIONS)
    told = any(value is not None for value in given.values())
    fits = asdict(classify(**given, region=region)) if told else None  # type: ignore[arg-type]
    every = {
        name: {"name": about.name, "plain": about.plain, "regions": list(about.regions)}
        for name, about in TECHNIQUES.items()
    }
    return encoded({"techniques": every, "fits": fits})
