"""What the clinic's commands share: the store, whoever asks, passwords."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

if TYPE_CHECKING:
    from handrail.clinic import Store

DEFAULT = "sqlite:///handrail.db"
Db = Annotated[
    str | None,
    typer.Option(
        "--db", metavar="URL", help=f"The store. Default: HANDRAIL_DATABASE in the environment, or {DEFAULT}."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
#: A password comes from a prompt, or from a pipe; never from the command line, which others can see.
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, not from a prompt.")
]


@contextmanager
def opened(url: str | None, *, ready: bool = True) -> Iterator[Store]:
    """The store, with its errors as one line each."""
    from handrail.clinic import Store, StoreError

    store = Store(url or os.environ.get("HANDRAIL_DATABASE") or DEFAULT)
    try:
        if ready:
            store.need_ready()
        yield store
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    finally:
        store.close()


def operator() -> str:
    """Whoever runs the command, for the log: the system's account."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli:unknown"


def password_of(from_pipe: bool) -> str:
    """A password, asked for twice at a terminal, or read from a pipe.

    Raises:
        InputError: if the two differ, or there is no terminal to ask at.
    """
    from handrail.terms import InputError

    if from_pipe:
        return sys.stdin.readline(10_000).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask for the password", hint="Use --password-stdin")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise InputError("the two passwords differ")
    return first


def read_bytes(path: Path) -> bytes:
    """A file's bytes; raises InputError if it cannot be read."""
    from handrail.terms import InputError

    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


def write_new(path: Path, parts: Iterator[str], *, force: bool) -> int:
    """Writes a file that only its owner can read; raises InputError if it is there, or cannot be written."""
    from handrail.terms import InputError

    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        written = 0
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="") as file:
            for part in parts:
                written += file.write(part)
    except FileExistsError:
        raise InputError("there is such a file already", where=str(path), hint="--force replaces it") from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None
    return written
