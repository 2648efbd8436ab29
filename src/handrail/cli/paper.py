"""The commands ``handrail paper consent | referral | record | aftercare``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handrail.cli import show
from handrail.cli.places import code_of

if TYPE_CHECKING:
    from handrail.paper import Entry

paper_app = typer.Typer(
    help="Papers for a visit, as PDF or HTML: consent, referral, record, aftercare.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
KINDS = {
    "consent": "Write an informed-consent sheet: what, who and on what authority, risks, alternatives, refusal.",
    "referral": "Write a referral letter: to whom, why, which findings with grade and source, what was not done.",
    "record": "Write a visit record: steps with time and person, findings, the decision and what it rests on.",
    "aftercare": "Write an aftercare sheet: what to expect, what to watch for, whom to call.",
}
EXAMPLE = "--in US-FL --as chiropractor --do thrust_spine --region cervical"
EXTRAS = {"referral": " --with osteoporosis", "record": " --done history --entry 'history=10:05 J. Roe'"}

In = Annotated[str, typer.Option("--in", metavar="PLACE", help="Jurisdiction: US-FL, CA-ON, or its name.")]
As = Annotated[
    list[str], typer.Option("--as", metavar="PROFESSION", help="Profession held. Repeatable: the best counts.")
]
Do = Annotated[
    str,
    typer.Option("--do", metavar="TECHNIQUE", help="soft_tissue, mobilization, thrust_spine or thrust_extremity."),
]
Out = Annotated[Path, typer.Option(metavar="FILE", help="Where to write: FILE.pdf or FILE.html.")]
Region = Annotated[
    list[str] | None,
    typer.Option(metavar="REGION", help="cervical, thoracic, lumbar, sacral or extremity. Repeatable."),
]
With = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="FINDING", help="Something found, as ID or ID@SITE. Repeatable."),
]
Done = Annotated[list[str] | None, typer.Option(metavar="STEP", help="A step that was done. Repeatable.")]
Unscreened = Annotated[
    list[str] | None, typer.Option(metavar="FINDING", help="Something that could not be screened. Repeatable.")
]
Endorsement = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Endorsement, roster or attestation held. Repeatable.")
]
RegisterClass = Annotated[str | None, typer.Option(metavar="CLASS", help="Class on the register, such as full.")]
Status = Annotated[str | None, typer.Option(metavar="STATUS", help="Status of the licence: active, expired, ...")]
Met = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="A need that somebody confirms to be met. Repeatable.")
]
On = Annotated[str | None, typer.Option(metavar="DATE", help="The day: YYYY-MM-DD. Default: today.")]
Lang = Annotated[str, typer.Option(metavar="LANGUAGE", help="Of the fixed wording: en or fr.")]
Size = Annotated[str, typer.Option(metavar="SIZE", help="a4 or letter.")]
ClientName = Annotated[
    str | None, typer.Option(metavar="NAME", help="The client, as it should stand on the paper.")
]
PractitionerName = Annotated[str | None, typer.Option(metavar="NAME", help="The practitioner.")]
ClinicName = Annotated[str | None, typer.Option(metavar="NAME", help="The clinic.")]
Entries = Annotated[
    list[str] | None,
    typer.Option(
        "--entry", metavar="STEP=TIME PERSON", help="When a step was done, by whom (record). Repeatable."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")]


def _command(kind: str) -> Callable[..., int]:
    """The command for one paper; all take the same options."""

    def command(
        place: In,
        profession: As,
        technique: Do,
        out: Out,
        region: Region = None,
        with_: With = None,
        done: Done = None,
        unscreened: Unscreened = None,
        endorsement: Endorsement = None,
        register_class: RegisterClass = None,
        status: Status = None,
        met: Met = None,
        on: On = None,
        lang: Lang = "en",
        size: Size = "a4",
        client_name: ClientName = None,
        practitioner_name: PractitionerName = None,
        clinic_name: ClinicName = None,
        entry: Entries = None,
        force: Force = False,
    ) -> int:
        from handrail import paper
        from handrail.decide import Case, Client, Credential, decide
        from handrail.terms import InputError

        as_pdf = _suffix(out)
        if entry and kind != "record":
            raise InputError("--entry belongs to the visit record", hint="Leave it out")
        held: dict[str, Any] = {
            "endorsements": tuple(endorsement or ()),
            "register_class": register_class,
            "status": status,
        }
        case = Case(
            code_of(place),
            technique,
            tuple(Credential(name, **held) for name in profession),
            region=tuple(region or ()) or None,
            on=on,
            client=Client(tuple(with_ or ()), tuple(done or ()), tuple(unscreened or ())),  # type: ignore[arg-type]
            met=tuple(met or ()),
        )
        decision = decide(case)
        names = paper.Names(client_name, practitioner_name, clinic_name)
        if kind == "record":
            made = paper.record(decision, lang, names, size, _entries(entry or []))
        else:
            made = getattr(paper, kind)(decision, lang, names, size)
        write_file(made.pdf() if as_pdf else made.html.encode(), out, force=force)
        show.out(f"{out}: {kind}, {decision.verdict.value}")
        return 0

    command.__doc__ = KINDS[kind]
    return command


for _kind in KINDS:
    paper_app.command(
        _kind, epilog=f"Example: handrail paper {_kind} {EXAMPLE}{EXTRAS.get(_kind, '')} --out {_kind}.pdf"
    )(_command(_kind))


def write_file(data: bytes, out: Path, *, force: bool) -> None:
    """Writes a file that is not there yet.

    Raises:
        InputError: if it is there and ``force`` is not given, or it cannot be written.
    """
    from handrail.terms import InputError

    try:
        with out.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise InputError("is there already", where=str(out), hint="Give --force to overwrite it") from None
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(out)) from None


def _suffix(out: Path) -> bool:
    """Whether the file's name asks for PDF."""
    from handrail.terms import InputError

    kind = out.suffix.lower()
    if kind not in (".pdf", ".html"):
        raise InputError("must end in .pdf or .html", where=str(out))
    return kind == ".pdf"


def _entries(given: list[str]) -> dict[str, Entry]:
    from handrail.paper import Entry
    from handrail.terms import InputError

    entries = {}
    for item in given:
        step, equals, rest = item.partition("=")
        at, _, by = rest.strip().partition(" ")
        if not equals or not step.strip() or not at:
            raise InputError(f"{item!r} is not an entry", where="--entry", hint="Write STEP=TIME PERSON")
        entries[step.strip()] = Entry(at, by or None)
    return entries
