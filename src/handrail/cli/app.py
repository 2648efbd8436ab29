"""The commands ``ask``, ``check`` and ``who``. Each imports what it needs when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handrail.cli import export as export_
from handrail.cli import intake as intake_
from handrail.cli import mcp as mcp_
from handrail.cli import risk as risk_
from handrail.cli import screen as screen_
from handrail.cli import serve as serve_
from handrail.cli import show
from handrail.cli import verify as verify_
from handrail.cli.audit import audit_app
from handrail.cli.clinic import clinic_app
from handrail.cli.law import law_app
from handrail.cli.log import log_app
from handrail.cli.paper import paper_app
from handrail.cli.places import code_of
from handrail.cli.safety import safety_app
from handrail.cli.technique import technique

if TYPE_CHECKING:
    from handrail.law import Law

app = typer.Typer(
    name="handrail",
    help="May these hands do this technique to this body, here, today? Every answer cited and dated.",
    epilog='Start with: handrail ask "Can a masseuse crack my back in Florida?"',
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON; the shape is in docs/json.md.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="End with 1 unless the answer is permitted.")]
On = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="The day asked: YYYY-MM-DD, or a whole YYYY-MM or YYYY. Default: today."),
]
In = Annotated[str, typer.Option("--in", metavar="PLACE", help="Jurisdiction: US-FL, CA-ON, or its name.")]
Do = Annotated[
    str,
    typer.Option("--do", metavar="TECHNIQUE", help="soft_tissue, mobilization, thrust_spine or thrust_extremity."),
]
Region = Annotated[
    list[str] | None,
    typer.Option(metavar="REGION", help="cervical, thoracic, lumbar, sacral or extremity. Repeatable."),
]


def _version(wanted: bool) -> None:
    if wanted:
        from handrail import __version__

        show.out(f"handrail {__version__}")
        raise typer.Exit


@app.callback()
def _handrail(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    pass


@app.command(epilog='Example: handrail ask "Puis-je faire craquer mon dos chez un massothérapeute au Québec ?"')
def ask(
    question: Annotated[
        list[str] | None, typer.Argument(help="The question, in English or French. Without one: a prompt.")
    ] = None,
    more: Annotated[
        bool, typer.Option("--more", help="Offer a prompt after the answer, if a person is at the terminal.")
    ] = False,
    json: Json = False,
    exit_code: ExitCode = False,
) -> int:
    """Answer a question in plain words, with its law."""
    from handrail.cli.asking import answer_one, prompt_for_more

    if not question:
        if not sys.stdin.isatty():
            text = sys.stdin.read()
            return answer_one(text, as_json=json, exit_code=exit_code)
        prompt_for_more()
        return 0
    code = answer_one(" ".join(question), as_json=json, exit_code=exit_code)
    if more and sys.stdin.isatty() and sys.stdout.isatty():
        prompt_for_more()
    return code


@app.command(
    epilog="Example: handrail check --in US-WA --as physical_therapist --do thrust_spine "
    "--endorsement spinal_manipulation --with osteoporosis --done history --done examination"
)
def check(
    place: In,
    profession: Annotated[
        list[str], typer.Option("--as", metavar="PROFESSION", help="Profession held. Repeatable: the best counts.")
    ],
    technique: Do,
    region: Region = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="FINDING", help="Something found, as ID or ID@SITE. Repeatable."),
    ] = None,
    done: Annotated[
        list[str] | None, typer.Option(metavar="STEP", help="A step that was done. Repeatable.")
    ] = None,
    unscreened: Annotated[
        list[str] | None,
        typer.Option(metavar="FINDING", help="Something that could not be screened. Repeatable."),
    ] = None,
    age: Annotated[
        float | None, typer.Option(metavar="YEARS", help="The client's age. Alone it asks, it does not refuse.")
    ] = None,
    client: Annotated[
        bool, typer.Option("--client", help="Ask about a visit, even with nothing found and nothing done.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Ask about a record, such as a claim line: its steps are not known.")
    ] = False,
    endorsement: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Endorsement, roster or attestation held, by its act. Repeatable."),
    ] = None,
    training: Annotated[
        list[str] | None, typer.Option(metavar="SUBJECT=HOURS", help="Training done. Repeatable.")
    ] = None,
    register_class: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Class on the register, such as full or provisional.")
    ] = None,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="Status of the licence: active, expired, suspended, ...")
    ] = None,
    licensed_in: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Where the licence was issued, if not here.")
    ] = None,
    compact: Annotated[
        str | None, typer.Option(metavar="NAME", help="Compact under which a licence of elsewhere is used.")
    ] = None,
    valid_from: Annotated[str | None, typer.Option(metavar="DATE", help="First day of the licence.")] = None,
    valid_to: Annotated[str | None, typer.Option(metavar="DATE", help="Last day of the licence.")] = None,
    met: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A need that somebody confirms to be met. Repeatable.")
    ] = None,
    on: On = None,
    whatif: Annotated[
        Path | None,
        typer.Option(metavar="PATCH", help="Decide by the law as a bill would make it (docs/whatif.md)."),
    ] = None,
    json: Json = False,
    exit_code: ExitCode = False,
) -> int:
    """Decide one case. --with, --done, --unscreened, --age or --client make it a question about a visit."""
    from handrail.decide import Case, Client, Credential, Finding, decide
    from handrail.terms import InputError

    held: dict[str, Any] = {
        "jurisdiction": code_of(licensed_in) if licensed_in else None,
        "register_class": register_class,
        "status": status,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "compact": compact,
        "endorsements": tuple(endorsement or ()),
        "training": _hours(training or []),
    }
    findings = tuple(Finding.of(given) for given in with_ or ())
    about: Client | None = None
    if record and (done or client or unscreened):
        raise InputError("--record says that the steps are not known", hint="Leave out --done and --client")
    if record:
        about = Client(findings=findings, steps=None, age=age)
    elif with_ or done or unscreened or client or age is not None:
        about = Client(
            findings=findings,
            steps=tuple(done or ()),
            unscreened=tuple(unscreened or ()),
            age=age,
        )
    case = Case(
        code_of(place),
        technique,
        tuple(Credential(name, **held) for name in profession),
        region=tuple(region) if region and len(region) > 1 else (region[0] if region else None),
        on=on,
        client=about,
        met=tuple(met or ()),
    )
    decision = decide(case, law=_as_it_would_be(whatif, case.jurisdiction) if whatif else None)
    if json:
        show.as_json(decision.as_dict())
    else:
        from handrail.ask.card import card

        show.card(card(decision))
    return 1 if exit_code and decision.verdict.value != "permitted" else 0


@app.command(epilog="Example: handrail who --in Texas --do thrust_spine --region cervical")
def who(
    place: In,
    technique: Do,
    region: Region = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Show how every profession of which a place's law speaks stands."""
    from handrail.ask import who_in, who_question
    from handrail.cli.asking import show_who

    question = who_question(code_of(place), technique, region or (), on)
    found = who_in(question.jurisdictions[0], question)
    if json:
        from handrail.ask import Answer

        show.as_json(Answer(question, who=(found,)).as_dict()["who"][0])
    else:
        show_who(found, question)
    return 0


def _as_it_would_be(whatif: Path, jurisdiction: str) -> Law:
    from handrail.law.patch import apply, read_patch
    from handrail.terms import InputError

    law = apply(read_patch(whatif), whatif.name)
    if law.jurisdiction != jurisdiction:
        raise InputError(f"the bill is of {law.jurisdiction}, not of {jurisdiction}", where="--whatif")
    return law


def _hours(given: list[str]) -> dict[str, Any]:
    from handrail.terms import InputError

    hours: dict[str, Any] = {}
    for item in given:
        subject, equals, number = item.partition("=")
        try:
            hours[subject] = float(number)
        except ValueError:
            equals = ""
        if not equals or not subject:
            raise InputError(
                f"{item!r} is not a training", where="--training", hint="Write SUBJECT=HOURS, such as x=400"
            )
    return hours


# In the order in which the help lists them.
app.command()(technique)
app.command(epilog=screen_.EPILOG)(screen_.screen)
app.command(epilog=intake_.EPILOG)(intake_.intake)
app.command(epilog=risk_.EPILOG)(risk_.risk)
app.command(epilog=export_.EPILOG)(export_.export)
app.command(epilog=verify_.EPILOG)(verify_.verify)
app.command(epilog=serve_.EPILOG)(serve_.serve)
app.command(epilog=mcp_.EPILOG)(mcp_.mcp)
app.add_typer(law_app, name="law")
app.add_typer(safety_app, name="safety")
app.add_typer(paper_app, name="paper")
app.add_typer(audit_app, name="audit")
app.add_typer(clinic_app, name="clinic")
app.add_typer(log_app, name="log")
