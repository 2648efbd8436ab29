"""docs/clinic.md says everything that there is."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from handrail.cli.app import app
from handrail.clinic import COLUMNS, KINDS, ROLES, accounts, log_files
from handrail.clinic.models import EntryRow
from handrail.web.clinic import ACCESS

TEXT = (Path(__file__).parents[2] / "docs" / "clinic.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("address", ACCESS, ids=" ".join)
def test_every_address_is_documented_with_its_role(address):
    assert f"| `{address[0]} {address[1]}` | {ACCESS[address] or 'anybody'} |" in TEXT


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_the_roster_is_documented(column):
    assert f"\n| `{column}` |" in TEXT


def test_every_column_and_kind_of_the_log_and_every_role_is_documented():
    for word in (*log_files.COLUMNS, *EntryRow.__table__.columns.keys(), *KINDS, *ROLES):
        assert f"`{word}`" in TEXT, word


def test_numbers_are_those_of_the_code():
    assert accounts.IDLE == 30 * 60
    assert accounts.LONGEST == 12 * 3600
    assert (accounts.PER_NAME, accounts.PER_ADDRESS, accounts.WINDOW) == (5, 30, 15 * 60)
    assert (accounts.SHORTEST_PASSWORD, accounts.LONGEST_PASSWORD) == (12, 256)


def test_every_kind_of_problem_is_documented():
    import re

    import handrail.clinic.errors
    import handrail.web.clinic

    found = set()
    for package in (handrail.web.clinic, handrail.clinic):
        for path in Path(str(package.__file__)).parent.glob("*.py"):
            found |= set(re.findall(r'kind="([a-z-]+)"', path.read_text(encoding="utf-8")))
    found |= {kind.kind for kind in handrail.clinic.errors.StoreError.__subclasses__()}
    for kind in found - {"not-found", "too-large"}:  # not the clinic's own
        assert f"`{kind}`" in TEXT, kind


@pytest.mark.parametrize("name", ["clinic", "log"])
def test_every_command_is_in_the_reference_of_commands(name):
    reference = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    group = typer.main.get_command(app).commands[name]
    for command in group.commands:
        assert f"## `handrail {name} {command}`" in reference
