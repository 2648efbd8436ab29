"""The command ``handrail verify``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handrail.cli import show

if TYPE_CHECKING:
    from handrail.export import Tables
    from handrail.verify import Report, Result

EPILOG = "Example: handrail verify --in Ontario --property thrust_needs_grant"


def verify(
    whatif: Annotated[
        Path | None,
        typer.Option(metavar="PATCH", help="A bill as a patch (docs/whatif.md): its place's law as it would be."),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option("--in", metavar="PLACE", help="Only this jurisdiction: US-FL, or its name. Repeatable."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="NAME", help="Only this property (docs/trust.md). Repeatable."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.001, metavar="SECONDS", help="At most so long for each property.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Prove what must never happen, or show a case in which it does. Ends with 1 unless all is proved."""
    from handrail.verify import verify as prove

    report = prove(_tables(whatif, place or []), only or (), timeout=timeout)
    if json:
        show.as_json(_plain(report, whatif))
    else:
        _show(report, whatif)
    return 0 if report.proved else 1


def _tables(whatif: Path | None, places: list[str]) -> Tables:
    from handrail.cli.places import code_of
    from handrail.export import Tables
    from handrail.law import load
    from handrail.law.patch import apply, read_patch
    from handrail.terms import InputError

    codes = list(dict.fromkeys(code_of(place) for place in places))
    if whatif is None:
        return Tables(map(load, codes) if codes else None)
    patched = apply(read_patch(whatif), whatif.name)
    if codes and codes != [patched.jurisdiction]:
        raise InputError(f"the bill is of {patched.jurisdiction}", where="--in", hint="Leave out --in")
    return Tables([patched])


def _with_bill(commands: tuple[str, ...], whatif: Path | None) -> list[str]:
    end = f" --whatif {shlex.quote(str(whatif))}" if whatif else ""
    return [command + end for command in commands]


def _show(report: Report, whatif: Path | None) -> None:
    for result in report.results:
        show.out(f"{result.outcome:<15}{result.name}: {_counts(result)}")
        show.out(f"{'':15}{result.says}")
        for example in result.counterexamples:
            show.out(f"{'':15}But: {example.text}")
            for command in _with_bill(example.commands, whatif):
                show.out(f"{'':17}{command}")
    proved = sum(result.outcome == "proved" for result in report.results)
    show.out(
        f"{proved} of {len(report.results)} proved in {report.seconds:.1f} s by {report.solver}, "
        f"knowledge {report.knowledge}"
    )


def _counts(result: Result) -> str:
    facts = f", each with every combination of up to {result.facts:,} free facts" if result.facts else ""
    return f"{result.cells:,} cells{facts}; {result.questions:,} questions, {result.seconds:.1f} s"


def _plain(report: Report, whatif: Path | None) -> dict[str, Any]:
    return {
        "proved": report.proved,
        "solver": report.solver,
        "knowledge": report.knowledge,
        "whatif": str(whatif) if whatif else None,
        "seconds": round(report.seconds, 3),
        "properties": [
            {
                **result._asdict(),
                "seconds": round(result.seconds, 3),
                "counterexamples": [
                    {"text": example.text, "commands": _with_bill(example.commands, whatif)}
                    for example in result.counterexamples
                ],
            }
            for result in report.results
        ],
    }
