"""The commands ``handrail clinic roster ...`` and ``handrail clinic service ...``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handrail.cli import show
from handrail.cli.store import Db, Json, opened, read_bytes, write_new

roster_app = typer.Typer(help="Who works here, with which credentials.", no_args_is_help=True)
service_app = typer.Typer(help="What the clinic offers, as techniques.", no_args_is_help=True)

On = Annotated[str | None, typer.Option(metavar="DATE", help="The day asked. Default: today.")]


@roster_app.command("import", epilog="Example: handrail clinic roster import roster.csv --commit")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (docs/clinic.md).")],
    commit: Annotated[bool, typer.Option("--commit", help="Write it. Without: only say what would be.")] = False,
    only_good: Annotated[
        bool, typer.Option("--only-good", help="Leave out rows with an error, instead of writing nothing.")
    ] = False,
    db: Db = None,
    json: Json = False,
) -> int:
    """Read a roster from CSV. Ends with 2 if a row has an error."""
    from handrail.clinic import Roster, import_csv

    data = read_bytes(file)
    with opened(db) as store:
        found = import_csv(Roster(store), data, commit=commit, only_good=only_good)
    if json:
        show.as_json(found.as_dict())
    else:
        for row in found.rows:
            for column, message in row.errors:
                show.out(f"line {row.line}: {column}: {message}" if column else f"line {row.line}: {message}")
        counts = found.as_dict()["counts"]
        said = ", ".join(f"{number} {action}" for action, number in counts.items())
        show.out(f"{said}. {'Written.' if found.done else 'Nothing was written.'}")
    return 2 if found.errors else 0


@roster_app.command(epilog="Example: handrail clinic roster export --out roster.csv")
def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    db: Db = None,
) -> int:
    """Write the roster as CSV."""
    from handrail.clinic import Roster, export_csv

    with opened(db) as store:
        everyone = Roster(store).all()
    write_new(out, iter([export_csv(everyone)]), force=force)
    show.out(f"{out}: {len(everyone)} practitioners")
    return 0


@roster_app.command("list")
def list_(db: Db = None, json: Json = False) -> int:
    """List everybody with their credentials."""
    from handrail.clinic import Roster

    with opened(db) as store:
        everyone = Roster(store).all()
    if json:
        show.as_json([who.as_dict() for who in everyone])
        return 0
    rows = []
    for who in everyone:
        for held in who.held:
            one = held.credential
            rows.append(
                [who.id, who.name, one.profession, *held.key[1:], one.status or "", str(one.valid_to or "")]
            )
        if not who.held:
            rows.append([who.id, who.name, "", "", "", ""])
    show.table(("id", "name", "profession", "place", "status", "until"), rows)
    return 0


@roster_app.command(epilog="Example: handrail clinic roster expiring --within 60")
def expiring(
    within: Annotated[int, typer.Option(metavar="DAYS", min=0, max=3660, help="Days ahead.")] = 90,
    on: On = None,
    db: Db = None,
    json: Json = False,
) -> int:
    """List credentials that end soon, have ended, are not active, or have no known end."""
    from handrail.clinic import Roster
    from handrail.decide import Period

    with opened(db) as store:
        found = Roster(store).expiring(Period.of(on).first, within)
    if json:
        show.as_json([one.as_dict() for one in found])
    else:
        rows = (
            [
                one.practitioner.id,
                one.practitioner.name,
                *one.held.key,
                one.held.credential.status or "",
                str(one.held.credential.valid_to or ""),
                "" if one.days is None else str(one.days),
            ]
            for one in found
        )
        show.table(("id", "name", "profession", "place", "status", "until", "days"), rows)
    return 0


@roster_app.command()
def grid(on: On = None, db: Db = None, json: Json = False) -> int:
    """Show who may do what here, by technique and service."""
    from handrail.clinic import Roster
    from handrail.decide import Period

    with opened(db) as store:
        found = Roster(store).grid(Period.of(on).first)
    if json:
        show.as_json(found.as_dict())
    else:
        rows = (
            [who.name, *(cell.verdict.value if cell.verdict else "no credential" for cell in cells)]
            for who, cells in found.rows
        )
        show.table(("name", *(column.id for column in found.columns)), rows)
    return 0


@roster_app.command()
def remove(practitioner: Annotated[str, typer.Argument(metavar="ID", help="Who, by id.")], db: Db = None) -> int:
    """Take somebody off the roster, with all credentials. The log keeps what it says of them."""
    from handrail.clinic import Roster

    with opened(db) as store:
        Roster(store).remove(practitioner)
    show.out(f"{practitioner}: removed")
    return 0


@service_app.command("add", epilog="Example: handrail clinic service add neck --name Neck --do thrust_spine")
def add_service(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Such as neck-adjust.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="As the clinic calls it.")],
    technique: Annotated[str, typer.Option("--do", metavar="TECHNIQUE", help="The technique that it is.")],
    region: Annotated[list[str] | None, typer.Option(metavar="REGION", help="Repeatable; none: all.")] = None,
    db: Db = None,
) -> int:
    """Add or replace a service."""
    from handrail.clinic import Roster, Service

    with opened(db) as store:
        made = Roster(store).put_service(Service(id_, name, technique, tuple(region or ())))
    show.out(f"{made.id}: {made.technique} {' '.join(made.regions) or 'all regions'}")
    return 0


@service_app.command("list")
def list_services(db: Db = None, json: Json = False) -> int:
    """List the services."""
    from handrail.clinic import Roster

    with opened(db) as store:
        services = Roster(store).services()
    if json:
        show.as_json([service.as_dict() for service in services])
    else:
        rows = ([one.id, one.name, one.technique, " ".join(one.regions)] for one in services)
        show.table(("id", "name", "technique", "regions"), rows)
    return 0


@service_app.command("remove")
def remove_service(id_: Annotated[str, typer.Argument(metavar="ID", help="Which.")], db: Db = None) -> int:
    """Take a service off."""
    from handrail.clinic import Roster

    with opened(db) as store:
        Roster(store).remove_service(id_)
    show.out(f"{id_}: removed")
    return 0
