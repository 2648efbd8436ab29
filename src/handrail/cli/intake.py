"""The command ``handrail intake``: the questions before treatment, asked at a terminal or given as FHIR."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handrail.cli import show
from handrail.cli.places import code_of

if TYPE_CHECKING:
    from handrail.decide import Case
    from handrail.intake.answers import Answers
    from handrail.intake.questionnaire import Questionnaire

EPILOG = "Example: handrail intake --do thrust_spine --region cervical --save answers.json"
SCREENED = "contraindication_screen"
#: So many names of open findings are shown; the rest are counted.
SHOWN = 12


def intake(
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
    place: Annotated[
        str | None, typer.Option("--in", metavar="PLACE", help="Jurisdiction, for the decision at the end.")
    ] = None,
    profession: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="PROFESSION", help="Profession held, for the decision. Repeatable."),
    ] = None,
    done: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP", help="A further step of the visit that was done. Repeatable."),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="LANGUAGE", help="en or fr.")] = "en",
    fhir: Annotated[
        bool, typer.Option("--fhir", help="Print the questions as a FHIR R4 Questionnaire, and ask nothing.")
    ] = False,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Answers given before, as a FHIR R4 QuestionnaireResponse."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the answers here. Nothing is stored otherwise."),
    ] = None,
    practitioner: Annotated[
        bool, typer.Option("--practitioner", help="The practitioner's questions instead of the client's.")
    ] = False,
) -> int:
    """Ask what would change anything for a technique and region, the most dangerous first."""
    from handrail.intake.questionnaire import questionnaire
    from handrail.terms import InputError

    asked = questionnaire(technique, tuple(region or ()), lang, practitioner=practitioner)
    case = _case(place, profession, technique, asked.regions)
    if fhir:
        if answers or save:
            raise InputError("--fhir only prints the questions", hint="Leave out --answers and --save")
        from handrail.intake.questionnaire_fhir import to_fhir

        show.as_json(to_fhir(asked))
        return 0
    there = sys.stdin.isatty() and sys.stdout.isatty()
    if answers is None and not there:
        raise InputError("asks at a terminal, and there is none", hint="Give --answers FILE, or --fhir")
    if save is not None and save != answers and save.exists():
        raise InputError("is there already", where=str(save), hint="To go on with it, give it as --answers too")
    given, finished = _read(answers) if answers else ({}, False)
    return _run(asked, given, finished, there, save, save == answers, case, tuple(done or ()))


def _case(
    place: str | None, profession: list[str] | None, technique: str, regions: tuple[str, ...]
) -> Case | None:
    from handrail.decide import Case, Credential
    from handrail.terms import InputError

    if place is None and not profession:
        return None
    if place is None or not profession:
        raise InputError("a decision needs both --in and --as")
    region = regions if len(regions) > 1 else regions[0]
    return Case(code_of(place), technique, tuple(Credential(name) for name in profession), region=region)


def _read(file: Path) -> tuple[dict[str, tuple[str, ...]], bool]:
    """The answers of a file, and whether whoever gave them says that they are all."""
    from handrail.files import read_bytes
    from handrail.intake.answers import FINISHED, given_of
    from handrail.intake.fhir import read
    from handrail.terms import InputError

    responses = [i for i in read(read_bytes(file), str(file)).items if i.kind == "QuestionnaireResponse"]
    if len(responses) != 1:
        raise InputError(f"has {len(responses)} QuestionnaireResponses", where=str(file), hint="Give one with one")
    response = responses[0].resource
    if response.status == "entered-in-error":
        raise InputError("is marked as entered in error", where=str(file))
    return given_of(response, str(file)), response.status in FINISHED


def _run(
    asked: Questionnaire,
    given: dict[str, tuple[str, ...]],
    finished: bool,
    there: bool,
    save: Path | None,
    overwrite: bool,
    case: Case | None,
    done: tuple[str, ...],
) -> int:
    from handrail.intake.answers import judge, left

    if there and not judge(given, asked.technique, asked.regions).emergencies:
        from handrail.cli.interview import Interview

        Interview(asked, given).run()
        if not asked.practitioner:
            finished = not left(asked.questions, given)
    said = judge(given, asked.technique, asked.regions, finished=finished)
    if save is not None:
        from datetime import datetime
        from json import dumps

        from handrail.cli.paper import write_file
        from handrail.intake.questionnaire_fhir import to_response

        now = datetime.now().astimezone()
        made = to_response(given, language=asked.language, complete=said.complete, authored=now)
        write_file((dumps(made, ensure_ascii=False, indent=2) + "\n").encode(), save, force=overwrite)
    _show(said, save)
    if case is not None:
        from dataclasses import replace

        from handrail.ask.card import card
        from handrail.decide import Client, decide

        steps = (*done, SCREENED) if said.complete else done
        show.out()
        show.card(card(decide(replace(case, client=Client(said.findings, steps, said.unscreened)))))
    return 0


def _show(said: Answers, save: Path | None) -> None:
    from handrail.decide.safety import WHERE_TO_GO
    from handrail.safety import contraindications, red_flags

    def name(id_: str) -> str:
        row = contraindications().get(id_)
        return row.name if row else red_flags()[id_].name

    show.out()
    if said.emergencies:
        show.out(show.coloured(WHERE_TO_GO["emergency"], "1;31"))
    lines = [("Found", name(one.id) + (f" ({one.site})" if one.site else "")) for one in said.findings]
    if not said.findings:
        lines.append(("Found", "nothing was answered with yes"))
    lines += [("Open", name(id_)) for id_ in said.unscreened[:SHOWN]]
    if len(said.unscreened) > SHOWN:
        lines.append(("Open", f"and {len(said.unscreened) - SHOWN} more"))
    whole = "every question to the client was answered" if said.complete else "not every question was answered"
    lines.append(("Answers", whole))
    if save is not None:
        lines.append(("Kept", str(save)))
    show.labelled(lines)
