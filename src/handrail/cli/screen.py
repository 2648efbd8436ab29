"""The command ``handrail screen``: clients' records in FHIR R4 and what they say about a technique."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from handrail.cli.places import code_of

if TYPE_CHECKING:
    from handrail.intake.fhir import Check

EPILOG = (
    "Example: cat record.json | handrail screen - --in US-OR --as chiropractor --do thrust_spine "
    "--region cervical --done history --done examination"
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="RECORD",
        help="A Bundle or resource (.json), an export (.ndjson), a folder of them, or - for standard input.",
    ),
]


def screen(
    record_file: Name,
    place: Annotated[str, typer.Option("--in", metavar="PLACE", help="Jurisdiction: US-FL, CA-ON, or its name.")],
    profession: Annotated[
        list[str], typer.Option("--as", metavar="PROFESSION", help="Profession held. Repeatable: the best counts.")
    ],
    technique: Annotated[
        str,
        typer.Option(
            "--do", metavar="TECHNIQUE", help="soft_tissue, mobilization, thrust_spine or thrust_extremity."
        ),
    ],
    region: Annotated[
        list[str] | None,
        typer.Option(metavar="REGION", help="cervical, thoracic, lumbar, sacral or extremity. Repeatable."),
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day asked: YYYY-MM-DD. Default: today.")
    ] = None,
    done: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP", help="A step of the visit that was done. Repeatable. Default: none was."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Ask about a record of the past: its steps are not known.")
    ] = False,
    endorsement: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Endorsement, roster or attestation held, by its act. Repeatable."),
    ] = None,
    met: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A need that somebody confirms to be met. Repeatable.")
    ] = None,
    patient: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Whom you mean, where a record or export has several Patients."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Validate the resources that are read, whole, by FHIR R4B.")
    ] = False,
    max_mib: Annotated[
        float, typer.Option(metavar="N", help="Refuse a file larger than this many MiB.", show_default=True)
    ] = 64,
    json: Annotated[
        bool, typer.Option("--json", help="Answer as JSON, a line for each record of many; see docs/json.md.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 unless every answer is permitted.")
    ] = False,
) -> int:
    """Screen a client's FHIR R4 record, or thousands of them, and decide the case."""
    from handrail.cli.screening import Asked, answer_many, answer_one
    from handrail.decide import Case, Client, Credential, Period, parse_day
    from handrail.intake.files import STDIN, from_stdin, go_through, plan, printable
    from handrail.intake.stream import of_patient
    from handrail.terms import InputError

    if record and done:
        raise InputError("--record says that the steps are not known", hint="Leave out --done")
    if not 0 < max_mib <= 1 << 20:
        raise InputError(f"{max_mib:g} is no size", where="--max-mib", hint="Give it in MiB, such as 64")
    day = parse_day(on) if on else Period.of(None).first
    regions = tuple(dict.fromkeys(region or ()))
    steps = None if record else tuple(done or ())
    case = Case(
        code_of(place),
        technique,
        tuple(Credential(name, endorsements=tuple(endorsement or ())) for name in profession),
        region=regions if len(regions) > 1 else (regions[0] if regions else None),
        on=day,
        client=Client(steps=steps),
        met=tuple(met or ()),
    )
    asked = Asked(case, day, regions, steps, json, exit_code)
    check = _check() if strict else None
    max_bytes = int(max_mib * (1 << 20))
    if record_file == STDIN:
        many, found = from_stdin(max_bytes=max_bytes, check=check)
        name, count, passed_over, export = "standard input", 1, 0, many
    else:
        planned = plan(record_file)
        many = planned.folder or bool(planned.exports)
        found = go_through(planned, max_bytes=max_bytes, check=check)
        name, count, passed_over = printable(record_file), planned.size, planned.passed_over
        export = not planned.documents and len(planned.exports) == 1
    if not many:
        one = next(iter(found))
        if one.error is not None or one.document is None:
            raise one.error or InputError("has nothing in it", where=name)
        return answer_one(one.document, one.name, asked, patient)
    if patient is not None:
        if not export:
            raise InputError("--patient is for one record, or one export", where="--patient")
        return answer_one(
            of_patient(found, patient, name), f"{name}#Patient/{patient.removeprefix('Patient/')}", asked, patient
        )
    return answer_many(found, count, passed_over, asked)


def _check() -> Check:
    from handrail.intake.strict import strict

    print("Strict: validated as FHIR R4B, which differs little from R4; see docs/screen.md.", file=sys.stderr)  # noqa: T201
    return strict()
