"""Rewrites what is generated: cli.md, law.schema.json, export-tables.md, sites of codes. ``make docs`` runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import typer

from handrail.cli.app import app
from handrail.export import TABLES
from handrail.law import schema

sys.path.insert(0, str(Path(__file__).parent))
import icd_sites

DOCS = Path(__file__).parent.parent / "docs"


def command_line() -> str:
    """The command line as Markdown, made from the commands themselves."""
    root = typer.main.get_command(app)
    parts = [
        "# The command line",
        "<!-- Made by `make docs` from the commands themselves. Do not edit. -->",
        "Exit codes: 0 answered, 1 only with `--exit-code`, 2 bad input (one line on standard error). "
        "Plain text when piped, `--json` for programs ([shapes](json.md)). "
        "`handrail --install-completion` sets up completion for your shell.",
    ]
    _describe(root, "handrail", parts)
    return "\n\n".join(parts) + "\n"


def _describe(command: click.Command, path: str, parts: list[str]) -> None:
    parts.append(f"## `{path}`")
    parts.append(" ".join((command.help or "").split()))
    rows = []
    for parameter in command.params:
        if getattr(parameter, "hidden", False):
            continue
        if isinstance(parameter, click.Argument):
            name = f"`{(parameter.metavar or parameter.name or '').strip('[]').upper()}`"
        else:
            names = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
            takes = "" if getattr(parameter, "is_flag", False) else f" `{parameter.metavar or 'TEXT'}`"
            name = names + takes
        rows.append(f"| {name} | {' '.join((getattr(parameter, 'help', None) or '').split())} |")
    if rows:
        parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]))
    if command.epilog:
        label, _, example = command.epilog.partition(": ")
        parts.append(f"{label}:\n\n```console\n{example}\n```")
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            _describe(command.commands[name], f"{path} {name}", parts)


def export_tables() -> str:
    """Every table and column of an export as Markdown, made from the schema that the exports use."""
    parts = [
        "# The tables of an export",
        "<!-- Made by `make docs` from the schema itself. Do not edit. -->",
        "[What they are for, and how an answer is read off them](export.md). A key is unique.",
    ]
    for table in TABLES:
        rows = [f"| `{column.name}` | {column.type} | {column.text} |" for column in table.columns]
        key = ", ".join(f"`{name}`" for name in table.key)
        parts += [
            f"## `{table.name}`",
            f"{table.text} Key: {key}.",
            "\n".join(["| column | type | holds |", "|---|---|---|", *rows]),
        ]
    return "\n\n".join(parts) + "\n"


def documents() -> dict[Path, str]:
    """What each generated document should say."""
    return {
        DOCS / "cli.md": command_line(),
        icd_sites.FILE: icd_sites.document(),
        DOCS / "export-tables.md": export_tables(),
        DOCS / "law.schema.json": json.dumps(schema(), indent=1, ensure_ascii=False) + "\n",
    }


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
