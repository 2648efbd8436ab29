"""The commands ``handrail clinic user ...`` and ``handrail clinic key ...``."""

from __future__ import annotations

from typing import Annotated

import typer

from handrail.cli import show
from handrail.cli.store import Db, Json, PasswordStdin, opened, operator, password_of

user_app = typer.Typer(help="Accounts: who may sign in, as what.", no_args_is_help=True)
key_app = typer.Typer(help="API keys, for other programs.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
Role = Annotated[str, typer.Option(metavar="ROLE", help="viewer, front_desk, clinician or owner.")]


@user_app.command(epilog="Example: handrail clinic user add ben --role front_desk")
def add(name: Name, role: Role, password_stdin: PasswordStdin = False, db: Db = None) -> int:
    """Make an account."""
    from handrail.clinic import Accounts

    with opened(db) as store:
        user = Accounts(store).add(name, role, password_of(password_stdin))
    show.out(f"{user.name}: {user.role}")
    return 0


@user_app.command("list")
def list_(db: Db = None, json: Json = False) -> int:
    """List the accounts."""
    from handrail.clinic import Accounts

    with opened(db) as store:
        users = Accounts(store).all()
    if json:
        show.as_json([{"name": user.name, "role": user.role, "disabled": off} for user, off in users])
    else:
        show.table(("name", "role", "state"), ([u.name, u.role, "disabled" if off else ""] for u, off in users))
    return 0


@user_app.command("role", epilog="Example: handrail clinic user role ben --role clinician")
def role_(name: Name, role: Role, db: Db = None) -> int:
    """Give an account another role; its sessions end."""
    return _change(name, db, role=role)


@user_app.command()
def password(name: Name, password_stdin: PasswordStdin = False, db: Db = None) -> int:
    """Give an account another password; its sessions end, and it is unlocked."""
    return _change(name, db, password=password_of(password_stdin))


@user_app.command()
def disable(name: Name, db: Db = None) -> int:
    """Stop an account: its sessions end, its keys are revoked."""
    return _change(name, db, disabled=True)


@user_app.command()
def enable(name: Name, db: Db = None) -> int:
    """Let a disabled account in again, or unlock one after too many failures."""
    return _change(name, db, disabled=False)


def _change(
    name: str,
    db: str | None,
    *,
    role: str | None = None,
    password: str | None = None,
    disabled: bool | None = None,
) -> int:
    from handrail.clinic import Accounts

    with opened(db) as store:
        user = Accounts(store).change(name, role=role, password=password, disabled=disabled)
    show.out(f"{user.name}: {user.role}{', disabled' if disabled else ''}")
    return 0


@key_app.command("add", epilog="Example: handrail clinic key add booking --role front_desk --days 180")
def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    role: Role,
    days: Annotated[int, typer.Option(metavar="N", help="Days until it ends; 0 for never.")] = 365,
    db: Db = None,
) -> int:
    """Make a key and show it, once."""
    from handrail.clinic import Keys, User

    with opened(db) as store:
        secret, key = Keys(store).add(name, role, by=User(operator(), "owner"), days=days or None)
    show.out(secret)
    typer.echo(f"Shown now and never again. Prefix {key.prefix}; ends {key.ends or 'never'}.", err=True)
    return 0


@key_app.command("list")
def list_keys(db: Db = None, json: Json = False) -> int:
    """List the keys by their prefixes."""
    from handrail.clinic import Keys

    with opened(db) as store:
        keys = [key.as_dict() for key in Keys(store).all()]
    if json:
        show.as_json(keys)
    else:
        columns = ("prefix", "name", "role", "made_by", "made", "ends", "good")
        show.table(columns, ([str(key[c]) if key[c] is not None else "" for c in columns] for key in keys))
    return 0


@key_app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="Of the key: hr_ and eight signs.")],
    db: Db = None,
) -> int:
    """End a key at once."""
    from handrail.clinic import Keys

    with opened(db) as store:
        key = Keys(store).revoke(prefix)
    show.out(f"{key.prefix}: revoked")
    return 0
