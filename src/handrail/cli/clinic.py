"""The commands ``handrail clinic ...``: set it up, check a booking, backup and restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handrail.cli import show
from handrail.cli.clinic_people import key_app, user_app
from handrail.cli.clinic_roster import roster_app, service_app
from handrail.cli.store import Db, Json, PasswordStdin, opened, operator, password_of

clinic_app = typer.Typer(
    help="A clinic's roster, accounts and bookings, kept in a store of its own.", no_args_is_help=True
)
clinic_app.add_typer(user_app, name="user")
clinic_app.add_typer(key_app, name="key")
clinic_app.add_typer(roster_app, name="roster")
clinic_app.add_typer(service_app, name="service")


@clinic_app.command(epilog="Example: handrail clinic init --in US-WA --owner anna")
def init(
    place: Annotated[
        str | None, typer.Option("--in", metavar="PLACE", help="Where the clinic is: US-FL, or its name.")
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="The first owner's account.")] = None,
    password_stdin: PasswordStdin = False,
    db: Db = None,
) -> int:
    """Make the store, or bring it up to date; name its place and its first owner."""
    from handrail.cli.places import code_of
    from handrail.clinic import Accounts, Roster
    from handrail.terms import InputError

    with opened(db, ready=False) as store:
        jurisdiction = code_of(place) if place else None
        store.migrate()
        accounts = Accounts(store)
        if owner is not None:
            if accounts.has_owner():
                raise InputError("the clinic has an owner", hint="More: `handrail clinic user add`")
            accounts.add(owner, "owner", password_of(password_stdin))
        if jurisdiction:
            Roster(store).settle(jurisdiction)
        show.out(f"The store is ready. Place: {store.get('jurisdiction') or 'not said yet (--in)'}.")
        if not accounts.has_owner():
            show.out("It has no owner yet: handrail clinic init --owner NAME")
    return 0


@clinic_app.command(
    epilog="Example: handrail clinic check --practitioner p1 --service thrust_spine --at 2026-12-01 --code M81.0"
)
def check(
    practitioner: Annotated[str, typer.Option(metavar="ID", help="Who, by id on the roster.")],
    service: Annotated[str, typer.Option(metavar="ID", help="A service of the clinic, or a technique.")],
    at: Annotated[str, typer.Option(metavar="TIME", help="When: 2026-12-01T09:30, or a day.")],
    code: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Of the client: a finding, an ICD-10-CM or SNOMED CT code. Repeatable."),
    ] = None,
    client: Annotated[
        str | None, typer.Option(metavar="CODE", help="The clinic's code for the client; needed for the log.")
    ] = None,
    db: Db = None,
    json: Json = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 unless it may stand (permitted or conditional).")
    ] = False,
) -> int:
    """Check a booking: may it stand, why not, and who else on the roster may."""
    from handrail.clinic import Log
    from handrail.clinic import check as check_
    from handrail.clinic.log import reference

    if client is not None:
        reference(client)
    with opened(db) as store:
        found = check_(store, practitioner, service, at, code or ([] if client else None))
        entry = None
        if client is not None:
            entry = Log(store).append(
                found.decision,
                user=operator(),
                client=client,
                practitioner=found.practitioner.id,
                service=found.service.id,
                unrecognised=found.unrecognised,
            )
    if json:
        show.as_json({**found.as_dict(), "logged": entry.seq if entry else None})
    else:
        show.out(f"{found.decision.verdict.value}: {found.service.name} by {found.practitioner.name}")
        lines = [("Why", text) for text in found.why]
        lines += [("First", need.text) for need in found.decision.needs]
        lines += [
            ("Who may", f"{o.practitioner.name} ({o.practitioner.id}): {o.verdict.value}") for o in found.others
        ]
        lines += [("Unknown", f"{one}: not judged") for one in found.unrecognised]
        lines += [("Log", f"entry {entry.seq}")] if entry else []
        show.labelled(lines)
    return 1 if exit_code and not found.may else 0


@clinic_app.command(epilog="Example: handrail clinic backup --out monday.db")
def backup(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The copy to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    db: Db = None,
) -> int:
    """Copy the store as it is at one moment, while it is in use (SQLite), and check the copy's log."""
    from handrail.clinic import backup as backup_

    with opened(db) as store:
        found = backup_(store, out, force=force)
    show.out(f"{out}: {found.entries} log entries, {'whole' if found.good else f'NOT whole: {found.why}'}")
    return 0 if found.good else 1


@clinic_app.command(epilog="Example: handrail clinic restore --from monday.db --force")
def restore(
    source: Annotated[Path, typer.Option("--from", metavar="FILE", help="A copy made by backup.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the store; it stays beside as NAME.before-restore.")
    ] = False,
    db: Db = None,
) -> int:
    """Put a copy in the store's place (SQLite). Stop the service first."""
    from handrail.clinic import restore as restore_

    with opened(db, ready=False) as store:
        found = restore_(source, store, force=force)
    show.out(f"Restored: {found.entries} log entries, {'whole' if found.good else f'NOT whole: {found.why}'}")
    return 0 if found.good else 1
