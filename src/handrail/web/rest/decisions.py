"""``/v1/ask``, ``/v1/decisions``, ``/v1/who``."""

from __future__ import annotations

from collections import Counter
from datetime import date
from threading import Lock
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from cachetools import LRUCache
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from handrail.decide import decide
from handrail.terms import InputError, find_place
from handrail.web import metrics
from handrail.web.problems import Problem
from handrail.web.rest.bodies import BatchBody, CaseBody, QuestionBody, decoder, problem_of
from handrail.web.rest.describe import answers, body
from handrail.web.rest.shapes import Answer, Decision, Decisions

router = APIRouter(prefix="/v1", tags=["decisions"])
JSON = "application/json"
EXAMPLE = {
    "jurisdiction": "US-FL",
    "technique": "thrust_spine",
    "credentials": [{"profession": "massage_therapist"}],
}
VISIT = {
    "jurisdiction": "US-WA",
    "technique": "thrust_spine",
    "region": "lumbar",
    "credentials": [{"profession": "physical_therapist", "endorsements": ["spinal_manipulation"]}],
    "client": {"findings": ["osteoporosis"], "steps": ["history", "examination"]},
}

_case, _batch, _question = decoder(CaseBody), decoder(BatchBody), decoder(QuestionBody)
#: Answers to general questions, by body and day. Nothing about a client is ever kept.
_kept: LRUCache[tuple[bytes, date, bool], tuple[bytes, str]] = LRUCache(8192)
_lock = Lock()
#: Larger bodies are no general questions.
_LONGEST = 1024


def encoded(data: Any) -> Response:
    """An answer as JSON."""
    return Response(msgspec.json.encode(data), media_type=JSON)


@router.get("/ask", responses=answers(Answer), summary="Answer a question in plain words")
def ask_get(
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=2000,
            description="In English or French. Say nothing about a client here: use POST.",
        ),
    ],
) -> Response:
    """What was understood, what must be asked back, and a card for each place and profession, with its law."""
    return _asked(q)


@router.post(
    "/ask",
    responses=answers(Answer),
    openapi_extra=body(QuestionBody, florida={"question": "Can a masseuse crack my back in Florida?"}),
    summary="Answer a question in plain words",
)
async def ask_post(request: Request) -> Response:
    """As GET, for questions that should stand in no address."""
    asked = _question(await request.body())
    return await to_thread.run_sync(_asked, asked.question)


def _asked(text: str) -> Response:
    from handrail.ask import ask

    found = ask(text)
    for decision, _ in found.decisions:
        metrics.decided("rest", decision.verdict.value)
    return encoded(found.as_dict())


@router.post(
    "/decisions",
    responses=answers(
        {"anyOf": [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in (Decision, Decisions)]}
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/CaseBody"},
                            {"$ref": "#/components/schemas/BatchBody"},
                        ]
                    },
                    "examples": {
                        "general": {"value": EXAMPLE},
                        "visit": {"value": VISIT},
                        "batch": {"value": {"cases": [EXAMPLE, VISIT]}},
                    },
                }
            },
        }
    },
    summary="Decide one case, or up to 10,000",
)
async def decisions(
    request: Request,
    others: Annotated[
        bool,
        Query(description="With who_may and instead, up to twenty further decisions; a visit is quicker without."),
    ] = True,
) -> Response:
    """One case gives a decision; ``{"cases": [...]}`` a list in its order, with problems in place of bad cases."""
    raw = await request.body()
    key = (raw, date.today(), others)  # noqa: DTZ011  (a case without a day means the server's today)
    if len(raw) <= _LONGEST and (kept := _kept.get(key)) is not None:
        metrics.decided("rest", kept[1])
        return Response(kept[0], media_type=JSON)
    if raw.lstrip()[:1] == b"{" and b'"cases"' in raw:
        return await to_thread.run_sync(_many, raw, others)
    asked = _case(raw)
    case = asked.case()
    decision = decide(case)
    made = msgspec.json.encode(decision.as_dict(others=others))
    if len(raw) <= _LONGEST and asked.client is None and not asked.met:
        with _lock:
            _kept[key] = (made, decision.verdict.value)
    metrics.decided("rest", decision.verdict.value)
    return Response(made, media_type=JSON)


def _many(raw: bytes, others: bool) -> Response:
    made: list[Any] = []
    failed = 0
    verdicts: Counter[str] = Counter()
    for one in _batch(raw).cases:
        try:
            decision = decide(_case(bytes(one)).case())
            verdicts[decision.verdict.value] += 1
            made.append(decision.as_dict(others=others))
        except (InputError, Problem) as error:
            made.append(problem_of(error))
            failed += 1
    for verdict, count in verdicts.items():
        metrics.decided("rest", verdict, count)
    return encoded({"decisions": made, "failed": failed})


Place = Annotated[
    str,
    Query(alias="in", max_length=100, description="ISO code or name of a state or province", examples=["US-TX"]),
]
Do = Annotated[str, Query(alias="do", max_length=100, description="A technique's id", examples=["thrust_spine"])]
Regions = Annotated[
    list[str] | None, Query(max_length=5, description="cervical, thoracic, lumbar, sacral, extremity")
]
On = Annotated[str | None, Query(max_length=10, description="YYYY-MM-DD, YYYY-MM or YYYY; default: today")]


@router.get("/who", responses=answers({"type": "object"}), summary="Who may do it there")
def who(place: Place, technique: Do, region: Regions = None, on: On = None) -> Response:
    """How every profession of which the place's law speaks stands."""
    from handrail.ask import Answer as Found
    from handrail.ask import who_in, who_question

    question = who_question(find_place(place), technique, region or (), on)
    found = who_in(question.jurisdictions[0], question)
    return encoded(Found(question, who=(found,)).as_dict()["who"][0])
