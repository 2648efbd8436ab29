"""The command ``handrail intake``: the questions before treatment, asked at a terminal or given as FHIR."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handrail.cli import show
from handrail.cli.places import code_of

if TYPE_CHECKING:
    from handrail.decide import Case
    from handrail.intake.answers import Answers
    from handrail.intake.questionnaire import Questionnaire

EPILOG = "Example: handrail intake --do thrust_spine --region cervical --lang fr --fhir"
SCREENED = "contraindication_screen"
_WORDS = {
    "en": {
        "found": "Found",
        "nothing": "nothing was answered with yes",
        "open": "Open",
        "more": "and {} more",
        "answers": "Answers",
        "complete": "every question to the client was answered",
        "partial": "not every question to the client was answered",
        "kept": "Kept in",
    },
    "fr": {
        "found": "Trouvé",
        "nothing": "aucune réponse oui",
        "open": "Ouvert",
        "more": "et {} autres",
        "answers": "Réponses",
        "complete": "toutes les questions au client ont une réponse",
        "partial": "toutes les questions au client n'ont pas de réponse",
        "kept": "Gardé dans",
    },
}
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
    case = _case(place, profession, technique, asked.regions, tuple(done or ()))
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
    if save is not None and not save.absolute().parent.is_dir():
        raise InputError("lies in a folder that is not there", where=str(save))
    given, finished = _read(answers) if answers else ({}, False)
    return _run(asked, given, finished, there, save, save == answers, case)


def _case(
    place: str | None,
    profession: list[str] | None,
    technique: str,
    regions: tuple[str, ...],
    done: tuple[str, ...],
) -> Case | None:
    from handrail.decide import Case, Client, Credential
    from handrail.terms import InputError

    if place is None and not profession and not done:
        return None
    if place is None or not profession:
        raise InputError("a decision needs both --in and --as")
    region = regions if len(regions) > 1 else regions[0]
    held = tuple(Credential(name) for name in profession)
    return Case(code_of(place), technique, held, region=region, client=Client(steps=done))


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
) -> int:
    from handrail.intake.answers import judge, left

    if there and not judge(given, asked.technique, asked.regions).emergencies:
        from handrail.cli.interview import Interview

        Interview(asked, given).run()
        if not asked.practitioner:
            finished = not left(asked.questions, given)
    said = judge(given, asked.technique, asked.regions, finished=finished)
    if save is not None:
        from handrail.intake.questionnaire_fhir import to_response

        now = datetime.now().astimezone()
        made = to_response(given, language=asked.language, complete=said.complete, authored=now)
        _write((dumps(made, ensure_ascii=False, indent=2) + "\n").encode(), save, overwrite=overwrite)
    _show(said, save, asked.language)
    if case is not None:
        from dataclasses import replace

        from handrail.ask.card import card
        from handrail.decide import Client, decide

        done = (case.client.steps if case.client else None) or ()
        steps = (*done, SCREENED) if said.complete else done
        show.out()
        client = Client(said.findings, steps, said.unscreened)
        show.card(card(decide(replace(case, client=client)), "fr" if asked.language == "fr" else "en"))
    return 0


def _write(data: bytes, file: Path, *, overwrite: bool) -> None:
    """Writes answers so that only the user can read them; earlier ones stay until the new ones are whole."""
    from handrail.terms import InputError

    new = file.with_name(f".{file.name}.new") if overwrite else file
    way = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if overwrite else os.O_EXCL)
    try:
        with os.fdopen(os.open(new, way, 0o600), "wb") as out:
            out.write(data)
        if overwrite:
            new.replace(file)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(file)) from None


def _show(said: Answers, save: Path | None, language: str) -> None:
    from handrail.safety import contraindications, red_flags
    from handrail.safety.questions import questions_file, word

    w = _WORDS[language]

    def name(id_: str) -> str:
        row = contraindications().get(id_)
        return row.name if row else red_flags()[id_].name

    show.out()
    if said.emergencies:
        show.out(show.coloured(word("stop", language), "1;31"))
    sites = questions_file().sites
    lines = [
        (w["found"], name(one.id) + (f" ({sites[one.site].of(language)})" if one.site else ""))
        for one in said.findings
    ]
    if not said.findings:
        lines.append((w["found"], w["nothing"]))
    lines += [(w["open"], name(id_)) for id_ in said.unscreened[:SHOWN]]
    if len(said.unscreened) > SHOWN:
        lines.append((w["open"], w["more"].format(len(said.unscreened) - SHOWN)))
    lines.append((w["answers"], w["complete" if said.complete else "partial"]))
    if save is not None:
        lines.append((w["kept"], str(save)))
    show.labelled(lines)
