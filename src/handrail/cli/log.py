"""The commands ``handrail log ...``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handrail.cli import show
from handrail.cli.store import Db, Json, opened, operator, write_new

if TYPE_CHECKING:
    from handrail.clinic import Filter

log_app = typer.Typer(help="A clinic's decision log: read it, check it, take it out.", no_args_is_help=True)

BAD = 1
Since = Annotated[str | None, typer.Option(metavar="DATE", help="First day (UTC).")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Last day (UTC).")]
Kind = Annotated[str | None, typer.Option(metavar="KIND", help="decision, override, feedback or switch.")]
Client = Annotated[str | None, typer.Option(metavar="CODE", help="The clinic's code for a client.")]
Practitioner = Annotated[str | None, typer.Option(metavar="ID", help="A practitioner's id.")]
User = Annotated[str | None, typer.Option(metavar="NAME", help="Who asked.")]
Of = Annotated[str | None, typer.Option("--verdict", metavar="VERDICT", help="permitted, conditional, ...")]


@log_app.command(epilog="Example: handrail log verify --anchor monday.json")
def verify(
    anchor: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="An anchor kept elsewhere; the log must come by it. Repeatable."),
    ] = None,
    db: Db = None,
    json: Json = False,
) -> int:
    """Prove that nothing in the log was altered, removed or reordered. Ends with 1 if something was."""
    from handrail.cli.store import read_bytes
    from handrail.clinic import Log, read_anchor

    anchors = [read_anchor(read_bytes(path).decode("utf-8", "replace"), str(path)) for path in anchor or ()]
    with opened(db) as store:
        found = Log(store).verify(anchors)
    if json:
        show.as_json(found.as_dict())
    elif found.good:
        beside = f", by {len(anchors)} anchors" if anchors else ""
        show.out(f"Whole: {found.entries} entries, none altered, removed or reordered{beside}.")
        show.out(f"Head   {found.head.seq} {found.head.hash}")
    else:
        show.out(f"NOT whole. First bad entry: {found.bad}: {found.why}.")
        show.out(f"Right before it: {found.entries} entries.")
    return 0 if found.good else BAD


@log_app.command(epilog="Example: handrail log anchor --out monday.json")
def anchor(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; default: standard output.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    db: Db = None,
) -> int:
    """Write down where the log stands, to be kept where whoever could cut the log cannot reach."""
    import json

    from handrail.clinic import Log

    with opened(db) as store:
        text = json.dumps(Log(store).anchor()._asdict())
    if out is None:
        show.out(text)
    else:
        write_new(out, iter([text + "\n"]), force=force)
    return 0


@log_app.command("show", epilog="Example: handrail log show --client c-0042 --verdict prohibited")
def show_(
    since: Since = None,
    until: Until = None,
    kind: Kind = None,
    client: Client = None,
    practitioner: Practitioner = None,
    user: User = None,
    verdict: Of = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many, newest first.")] = 50,
    db: Db = None,
    json: Json = False,
) -> int:
    """Show entries, newest first."""
    from handrail.clinic import Log

    wanted = _filter(since, until, kind, client, practitioner, user, verdict)
    with opened(db) as store:
        entries = Log(store).page(wanted, limit=limit)
    if json:
        show.as_json([entry.as_dict() for entry in entries])
    else:
        show.table(("seq", "at", "kind", "user", "client", "practitioner", "what"), map(_row, entries))
    return 0


@log_app.command(epilog="Example: handrail log export --format ndjson --out log.ndjson")
def export(
    format: Annotated[str, typer.Option(metavar="FORMAT", help="csv or ndjson.")],  # noqa: A002
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    since: Since = None,
    until: Until = None,
    kind: Kind = None,
    client: Client = None,
    practitioner: Practitioner = None,
    user: User = None,
    verdict: Of = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    db: Db = None,
) -> int:
    """Write entries to a file, oldest first."""
    from handrail.clinic import Log, export_log

    wanted = _filter(since, until, kind, client, practitioner, user, verdict)
    with opened(db) as store:
        written = write_new(out, export_log(Log(store).each(wanted), format), force=force)
    show.out(f"{out}: {written:,} characters")
    return 0


@log_app.command()
def on(db: Db = None) -> int:
    """Switch the log on: from now on decisions for clients are kept."""
    return _switch(True, db)


@log_app.command()
def off(db: Db = None) -> int:
    """Switch the log off. What is in it stays."""
    return _switch(False, db)


def _switch(wanted: bool, db: str | None) -> int:
    from handrail.clinic import Log

    with opened(db) as store:
        changed = Log(store).switch(wanted, user=operator())
    show.out(f"The log is {'on' if wanted else 'off'}{'' if changed else ', as it was'}.")
    return 0


def _filter(since: str | None, until: str | None, *rest: str | None) -> Filter:
    from handrail.clinic import Filter
    from handrail.decide import parse_day

    first, last = (parse_day(given) if given else None for given in (since, until))
    return Filter(first, last, *rest).check()


def _row(entry: Any) -> list[str]:
    body = entry.body
    decision = body.get("decision") or {}
    what = decision.get("verdict") or body.get("reason") or ("on" if body.get("on") else "")
    if body["kind"] == "override":
        what = f"of {body['of']}: {what}"
    if body["kind"] == "decision":
        what = f"{what}: {body['case']['technique']} by {decision['profession']}"
    if body["kind"] == "switch":
        what = "on" if body["on"] else "off"
    named = [body.get("client") or "", body.get("practitioner") or ""]
    return [str(entry.seq), body["at"], body["kind"], body["user"], *named, what]
