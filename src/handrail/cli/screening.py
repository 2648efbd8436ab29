"""Shows what ``handrail screen`` found: one record at length, many a line each."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from handrail.cli import show
from handrail.decide import Case, Client, decide
from handrail.intake.fhir import Document
from handrail.intake.files import Found
from handrail.intake.found import Screening
from handrail.intake.screen import screen
from handrail.intake.stream import Screened, screen_all
from handrail.safety import contraindications, red_flags
from handrail.terms import Verdict

BAD = 2
SYSTEMS = {
    "icd10cm": "ICD-10-CM",
    "snomed": "SNOMED CT",
    "rxnorm": "RxNorm",
    "loinc": "LOINC",
    "name": "name",
    "category": "SNOMED CT",
    "answer": "answer",
}


class Asked(NamedTuple):
    """What is asked about each record, and how it is to be shown."""

    case: Case
    on: date
    regions: tuple[str, ...]
    steps: tuple[str, ...] | None
    as_json: bool
    exit_code: bool


def answer_one(document: Document, name: str, asked: Asked, patient: str | None) -> int:
    """Shows one record: the decision, each finding with its resource, and what was left out."""
    screening = screen(
        document,
        on=asked.on,
        technique=asked.case.technique,
        regions=asked.regions,
        steps=asked.steps,
        where=name,
        patient=patient,
    )
    decision = decide(replace(asked.case, client=screening.client))
    if asked.as_json:
        data = {"file": name, "decision": decision.as_dict(), "screening": screening.as_dict()}
        show.as_json({**data, "not_read": dict(sorted(document.not_read.items()))})
    else:
        from handrail.ask.card import card

        show.card(card(decision))
        show.out()
        show.labelled(_lines(screening, document), 11)
    return 1 if asked.exit_code and decision.verdict is not Verdict.PERMITTED else 0


def _lines(screening: Screening, document: Document) -> Iterator[tuple[str, str]]:
    for found in screening.evidence:
        row = contraindications().get(found.finding.id) or red_flags()[found.finding.id]
        at = f" ({found.finding.site})" if found.finding.site else ""
        code = f"{SYSTEMS.get(found.system, found.system)} {found.code}"
        label = "Found" if found.finding.match == "exact" else "Ask"
        yield label, f"{row.name}{at}: {found.resource}, {code}: {found.why}"
    if not screening.evidence:
        yield "Found", "nothing that a row of Handrail speaks of; a record that is silent says no to nothing"
    for finding in screening.client.unscreened:
        row = contraindications().get(finding) or red_flags()[finding]
        yield "Not known", row.name
    for (why, what), places in _together((aside.why, aside.resource) for aside in screening.set_aside):
        yield "Set aside", f"{what}: {why}{_times(places)}"
    unknown = Counter((u.system, u.code, u.why) for u in screening.unrecognised)
    first = {(u.system, u.code, u.why): u for u in reversed(screening.unrecognised)}
    for key, count in unknown.items():
        system, code, why = key
        named = f"{SYSTEMS.get(system, system)} {code}".strip() or "a code"
        yield "Unknown", f"{named} ({first[key].path}): {why}{_times(count)}"
    for note in screening.notes:
        yield "Note", note
    if document.not_read:
        passed = ", ".join(f"{kind} {count}" for kind, count in sorted(document.not_read.items()))
        yield "Not read", passed


def _together(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], int]]:
    yield from Counter(pairs).items()


def _times(count: int) -> str:
    return f" (x {count})" if count > 1 else ""


def answer_many(found: Iterable[Found], count: int, passed_over: int, asked: Asked) -> int:
    """Shows many records, a line each, and a summary. The exit code is 2 if any could not be read."""
    verdicts: Counter[str] = Counter()
    bad = 0
    if not asked.as_json:
        _row("verdict", "findings", "unknown", "record")
    with _progress(count) as advance:
        for one in screen_all(
            found, on=asked.on, technique=asked.case.technique, regions=asked.regions, steps=asked.steps
        ):
            if one.screening is None:
                bad += 1
            else:
                verdicts[_show(one, one.screening.client, asked)] += 1
            if one.error is not None:
                _complain(one, asked)
            if one.last:
                advance()
    _summary(verdicts, bad, passed_over, asked)
    if bad:
        return BAD
    return 1 if asked.exit_code and set(verdicts) != {"permitted"} else 0


def _show(one: Screened, client: Client, asked: Asked) -> str:
    decision = decide(replace(asked.case, client=client))
    assert one.screening is not None  # noqa: S101  (the caller has looked)
    verdict = decision.verdict.value
    if asked.as_json:
        line: dict[str, Any] = {
            "file": one.name,
            "verdict": verdict,
            "leaning": decision.leaning.value if decision.leaning else None,
            "needs": [need.id for need in decision.needs],
            "findings": [
                {"id": finding.id, "site": finding.site, "match": finding.match} for finding in client.findings
            ],
            "unrecognised": len(one.screening.unrecognised),
            "set_aside": len(one.screening.set_aside),
            "notes": list(one.screening.notes),
        }
        _json_line(line)
    else:
        _row(verdict, str(len(client.findings)), str(len(one.screening.unrecognised)), one.name)
    return verdict


def _row(verdict: str, findings: str, unknown: str, name: str) -> None:
    if show.drawn():
        colour = show.COLOURS.get(verdict, "1")
        show.out(f"{show.coloured(verdict.ljust(13), colour)}{findings:>8}  {unknown:>7}  {name}")
    else:
        show.out("\t".join((verdict, findings, unknown, name)))


def _complain(one: Screened, asked: Asked) -> None:
    if asked.as_json:
        _json_line({"file": one.name, "error": str(one.error)})
    else:
        sys.stdout.flush()
        print(f"handrail: {' '.join(str(one.error).split())}", file=sys.stderr)  # noqa: T201


def _json_line(data: dict[str, Any]) -> None:
    show.out(json.dumps(data, ensure_ascii=False))


def _summary(verdicts: Counter[str], bad: int, passed_over: int, asked: Asked) -> None:
    """The last line; beside JSON it goes to standard error."""
    by_verdict = ", ".join(f"{verdicts[v.value]} {v.value}" for v in Verdict if verdicts[v.value]) or "none"
    text = f"{sum(verdicts.values())} records screened: {by_verdict}; {bad} could not be read"
    if passed_over:
        text += f"; {passed_over} other files were passed over"
    if asked.as_json:
        print(text, file=sys.stderr)  # noqa: T201
    else:
        show.out(text)


@contextmanager
def _progress(count: int) -> Iterator[Any]:
    """A progress bar on standard error, if a person is there and there is more than one file."""
    if count < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task("Screening", total=count)
        yield lambda: bar.advance(task)
