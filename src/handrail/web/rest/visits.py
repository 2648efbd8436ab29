"""``/v1/intake``, ``/v1/screen``, ``/v1/papers``: before and after a visit. Nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from anyio import to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from handrail.terms import InputError, find_place
from handrail.web import metrics
from handrail.web.rest.bodies import PaperBody, check_depth, decoder
from handrail.web.rest.decisions import VISIT, Do, Place, Regions, encoded
from handrail.web.rest.describe import answers, body, files

router = APIRouter(prefix="/v1", tags=["intake"])
Lang = Annotated[Literal["en", "fr"], Query(description="Language of the questions")]
FHIR = "application/fhir+json"
_paper = decoder(PaperBody)


def _fhir(text: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"type": "object", "description": text}, "examples": {"small": {"value": example}}}
    return {"requestBody": {"required": True, "content": {"application/json": content, FHIR: content}}}


@router.get(
    "/intake",
    responses=answers({"type": "object"}, "The questions; as FHIR a Questionnaire."),
    summary="The questions before a treatment",
)
def intake(
    technique: Do,
    region: Regions = None,
    lang: Lang = "en",
    practitioner: Annotated[
        bool, Query(description="The practitioner's questions instead of the client's")
    ] = False,
    form: Annotated[Literal["json", "fhir"], Query(alias="format")] = "json",
) -> Response:
    """The most dangerous first."""
    from handrail.intake import questionnaire, to_fhir

    asked = questionnaire(technique, tuple(region or ()), lang, practitioner=practitioner)
    if form == "fhir":
        return encoded(to_fhir(asked))
    return encoded(
        {
            "technique": asked.technique,
            "regions": asked.regions,
            "language": asked.language,
            "version": asked.version,
            "questions": [msgspec.to_builtins(one._asdict(), str_keys=True) for one in asked.questions],
        }
    )


@router.post(
    "/intake",
    responses=answers({"type": "object"}),
    openapi_extra=_fhir(
        "A FHIR R4 QuestionnaireResponse",
        {"resourceType": "QuestionnaireResponse", "status": "completed", "item": []},
    ),
    summary="What answers mean",
)
async def answered(request: Request, technique: Do, region: Regions = None) -> Response:
    """A QuestionnaireResponse as findings: what was found, what stays open, what was denied, emergencies."""
    raw = await request.body()
    check_depth(raw)
    return await to_thread.run_sync(_answered, raw, technique, tuple(region or ()))


def _answered(raw: bytes, technique: str, regions: tuple[str, ...]) -> Response:
    from handrail.intake import of_response, questionnaire, read
    from handrail.intake.fhir_model import QuestionnaireResponse

    asked = questionnaire(technique, regions)
    found = [
        item.resource for item in read(raw, "response").items if isinstance(item.resource, QuestionnaireResponse)
    ]
    if len(found) != 1:
        raise InputError(
            f"the body holds {len(found)} QuestionnaireResponses", hint="Send one; a Bundle goes to /v1/screen"
        )
    said = of_response(found[0], technique=technique, regions=asked.regions)
    return encoded(
        {
            "findings": [{"id": one.id, "site": one.site, "match": one.match} for one in said.findings],
            "unscreened": said.unscreened,
            "denied": said.denied,
            "complete": said.complete,
            "emergencies": said.emergencies,
        }
    )


Names = Annotated[list[str], Query(alias="as", min_length=1, max_length=20, description="Professions held")]
Many = Annotated[list[str] | None, Query(max_length=50)]


@router.post(
    "/screen",
    responses=answers({"type": "object"}, "The decision, and each finding with the resource that made it."),
    openapi_extra=_fhir(
        "A FHIR R4 Bundle, resource or QuestionnaireResponse",
        {"resourceType": "Bundle", "type": "collection", "entry": []},
    ),
    summary="Screen a client's record and decide",
)
async def screened(
    request: Request,
    place: Place,
    profession: Names,
    technique: Do,
    region: Regions = None,
    on: Annotated[str | None, Query(max_length=10, description="YYYY-MM-DD; default: today")] = None,
    done: Many = None,
    endorsement: Many = None,
    met: Many = None,
    record: Annotated[bool, Query(description="A record of the past: its steps are not known")] = False,
    patient: Annotated[str | None, Query(max_length=200, description="Whom you mean, of several Patients")] = None,
) -> Response:
    """As ``handrail screen``: findings by code, what was not recognised, what was set aside, and the answer."""
    raw = await request.body()
    check_depth(raw)

    def work() -> Response:
        from handrail.decide import Case, Client, Credential, Period, decide, parse_day
        from handrail.intake import read, screen

        if record and done:
            raise InputError("record says that the steps are not known", hint="Leave out done")
        day = parse_day(on) if on else Period.of(None).first
        regions = tuple(dict.fromkeys(region or ()))
        steps = None if record else tuple(done or ())
        case = Case(
            find_place(place),
            technique,
            tuple(Credential(name, endorsements=tuple(endorsement or ())) for name in profession),
            region=regions or None,
            on=day,
            client=Client(steps=steps),
            met=tuple(met or ()),
        )
        document = read(raw, "record")
        found = screen(document, on=day, technique=technique, regions=regions, steps=steps, patient=patient)
        decision = decide(replace(case, client=found.client))
        metrics.decided("rest", decision.verdict.value)
        not_read = dict(sorted(document.not_read.items()))
        return encoded({"decision": decision.as_dict(), "screening": found.as_dict(), "not_read": not_read})

    return await to_thread.run_sync(work)


@router.post(
    "/papers",
    responses=files("The paper.", "application/pdf", "text/html"),
    openapi_extra=body(PaperBody, consent={"kind": "consent", "case": VISIT}),
    summary="A paper for a visit",
)
async def papers(request: Request) -> Response:
    """Consent sheet, referral letter, visit record or aftercare sheet, as PDF or HTML. It is not stored."""
    wanted = _paper(await request.body())
    return await to_thread.run_sync(_written, wanted)


def _written(wanted: PaperBody) -> Response:
    from handrail import paper
    from handrail.decide import Client, decide

    case = wanted.case.case()
    if wanted.entries and wanted.kind != "record":
        raise InputError("entries belong to the visit record", where="entries", hint="Leave them out")
    if case.client is None:
        case = replace(case, client=Client())
    decision = decide(case)
    names = paper.Names(wanted.names.client, wanted.names.practitioner, wanted.names.clinic)
    if wanted.kind == "record":
        entries = {step: paper.Entry(entry.at, entry.by) for step, entry in wanted.entries.items()}
        made = paper.record(decision, wanted.language, names, wanted.size, entries)
    else:
        made = getattr(paper, wanted.kind)(decision, wanted.language, names, wanted.size)
    if wanted.format == "html":
        # The sheet's own style stands in it; nothing in it runs or loads.
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"
        )
        return Response(
            made.html.encode(), media_type="text/html", headers={"content-security-policy": policy, **UNKEPT}
        )
    name = f"{wanted.kind}.pdf"
    return Response(
        made.pdf(),
        media_type="application/pdf",
        headers={"content-disposition": f'inline; filename="{name}"', **UNKEPT},
    )


UNKEPT = {"cache-control": "no-store"}
