"""Runs the command line and turns every error of the user's into one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from handrail.cli.app import app
from handrail.terms import InputError

BAD_INPUT = 2


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and gives its exit code."""
    try:
        result = app(list(arguments), prog_name="handrail", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except InputError as error:
        return _complain(str(error))
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())  # noqa: T201
        return 0
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "handrail"
        return _complain(f"{error.format_message()} See `{command} --help`.")
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)  # noqa: T201
        return 130
    except click.ClickException as error:
        return _complain(error.format_message())
    except BrokenPipeError:
        # The reader has gone (`handrail law coverage | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _complain(message: str) -> int:
    print(f"handrail: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201
    return BAD_INPUT
