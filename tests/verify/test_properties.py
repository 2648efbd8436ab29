"""The shipped law keeps every property; for each property there is a broken law that the solver catches.

What a law file can express is broken by a bill (tests/cases/verify); the rest by tables that no law gives.
"""

from __future__ import annotations

import json
import shlex
from datetime import date, timedelta
from pathlib import Path

import pytest

from handrail.cli.run import run
from handrail.export import Tables
from handrail.law import load
from handrail.safety import red_flags
from handrail.verify import PROPERTIES, SymbolicCase, verify
from handrail.verify.model import Candidate, z3

BILLS = Path(__file__).parents[1] / "cases" / "verify"
PLACE = "US-WA"  # has conditional grants, bans, periods and a reserved act
ROOT = Path(__file__).parents[2]


def asked(command, capsys):
    """What `handrail check` answers to a command that a counterexample shows."""
    words = shlex.split(command)
    assert words[:2] == ["handrail", "check"]
    assert run([*words[1:], "--json"]) == 0, command
    return json.loads(capsys.readouterr().out)


def test_the_whole_shipped_law_keeps_every_property():
    report = verify(Tables())
    assert {result.name: result.outcome for result in report.results} == {p.name: "proved" for p in PROPERTIES}
    assert report.proved
    cells = {result.name: result.cells for result in report.results}
    assert cells["exactly_one_verdict"] == len(Tables().cells)
    assert all(cells.values())


def test_every_property_is_described():
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    for each in PROPERTIES:
        assert f"`{each.name}`" in text, each.name
        assert each.says in " ".join(text.split()), each.name


# Laws


@pytest.mark.parametrize(
    ("name", "verdict", "says"),
    [
        ("thrust_needs_grant", "permitted", "acupuncturist in US-OR"),
        ("permitted_is_cited", "permitted", "names no text"),
        ("no_contradiction", "prohibited", "both texts are marked as read"),
    ],
)
def test_a_broken_law_is_caught_and_shown(name, verdict, says, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    bill = f"tests/cases/verify/{name}.yaml"
    assert run(["verify", "--whatif", bill, "--property", name, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["whatif"] == bill
    example = answer["properties"][0]["counterexamples"][0]
    assert says in example["text"]
    assert f"--whatif {bill}" in example["commands"][0]
    assert asked(example["commands"][0], capsys)["verdict"] == verdict
    # The law as it stands keeps it.
    words = shlex.split(example["commands"][0])
    place = words[words.index("--in") + 1]
    assert run(["verify", "--in", place, "--property", name]) == 0


# Tables


def cells(change, place=PLACE):
    """Tables whose cells are changed: `change` gives a cell back, another in its place, or None."""
    tables = Tables([load(place)])
    tables.__dict__["cells"] = tuple(new for cell in tables.cells if (new := change(cell)) is not None)
    return tables


def rows(table, change, place=PLACE):
    """Tables of which another table's rows are changed."""
    tables = Tables([load(place)])
    tables.__dict__[table] = tuple(map(change, getattr(tables, table)))
    return tables


def of(profession, technique, *, region=None):
    return lambda cell: (
        (cell.profession, cell.technique) == (profession, technique) and region in (None, cell.region)
    )


def replaced(which, **fields):
    return lambda cell: cell._replace(**fields) if which(cell) else cell


massage = of("massage_therapist", "thrust_spine", region="lumbar")
therapist = of("physical_therapist", "thrust_spine", region="cervical")
unruled = of("naprapath", "thrust_extremity")


def lapsed(cell):
    """A rule put behind cells long before it began."""
    if therapist(cell) and cell.openings == () and cell.fixed_rank is not None:
        later = next(o for c in Tables([load(PLACE)]).cells if therapist(c) for o in c.openings)
        return cell._replace(openings=(later,))
    return cell


def short(cell):
    if massage(cell) and cell.valid_to == date.max:
        return cell._replace(valid_to=date(2030, 1, 1))
    return cell


def twice(cell):
    if therapist(cell) and cell.valid_from > date.min:
        return cell._replace(valid_from=cell.valid_from - timedelta(1))
    return cell


def easier(cell):
    if not cell.openings:
        return cell
    clauses = tuple((clause[0],) for clause in cell.openings[0].clauses)
    return cell._replace(openings=(cell.openings[0]._replace(clauses=clauses),))


def unneeded(row):
    """A finding that is judged better once the client is known to have it: a step that settles too much."""
    return row._replace(fact=row.fact, rank=0) if row.fact == "ended" else row


def calmed(row):
    emergency = red_flags().get(row.finding)
    return row._replace(rank=5) if emergency and emergency.action == "emergency" else row


BROKEN = {
    "thrust_needs_grant": [cells(replaced(unruled, fixed_rank=0))],
    "massage_never_thrusts": [cells(replaced(massage, fixed_rank=4)), cells(replaced(massage, fixed_rank=0))],
    "read_ban_binds": [cells(replaced(massage, fixed_rank=4))],
    "only_read_texts_decide": [cells(replaced(unruled, fixed_rank=5)), cells(replaced(unruled, fixed_rank=0))],
    "permitted_is_cited": [cells(replaced(of("chiropractor", "thrust_spine"), fixed_rule="US-WA/none/none/1"))],
    "rules_decide_in_force": [cells(lapsed)],
    "no_gap_no_overlap": [cells(short), cells(twice), cells(lambda cell: None if massage(cell) else cell)],
    "openings_ask_what_rules_ask": [cells(easier, "CA-ON")],
    "urgent_dominates": [rows("findings", calmed)],
    "licence_must_be_valid": [rows("licence", unneeded)],
    "exactly_one_verdict": [
        cells(replaced(unruled, fixed_rank=None)),
        cells(replaced(unruled, fixed_rank=9)),
        cells(replaced(unruled, decides=False)),
    ],
}


@pytest.mark.parametrize(
    ("name", "tables"),
    [pytest.param(name, t, id=f"{name}-{n}") for name, broken in BROKEN.items() for n, t in enumerate(broken)],
)
def test_broken_tables_are_caught_and_shown(name, tables, capsys):
    report = verify(tables, [name])
    (result,) = report.results
    assert result.outcome == "counterexample"
    assert not report.proved
    for example in result.counterexamples:
        assert example.text.endswith(".")
        for command in example.commands:
            assert asked(command, capsys)["verdict"]  # it runs
    assert verify(Tables(tables.laws), [name]).proved


# The way the tables are read: no table can say "better with a finding" or "worse with a step"; a reading could.


def without_client(self, region):
    """The law counts only where no client is there."""
    return [Candidate(z3().Not(self.client), region.fixed_rank or 0), Candidate(self.client, 0)]


def turned(self, region):
    """A condition met makes it worse."""
    met = z3().Or([self.met(clauses) for clauses in region.openings])
    return [Candidate(z3().BoolVal(True), region.fixed_rank or 0), Candidate(met, 5)]


@pytest.mark.parametrize(
    ("name", "reading"), [("findings_never_improve", without_client), ("shown_never_worsens", turned)]
)
def test_a_broken_reading_is_caught_and_shown(name, reading, capsys, monkeypatch):
    monkeypatch.setattr(SymbolicCase, "scope_of", reading)
    (result,) = verify(Tables([load(PLACE)]), [name]).results
    assert result.outcome == "counterexample"
    for before, after in (example.commands for example in result.counterexamples):
        assert before != after
        assert asked(before, capsys)["verdict"]
        assert asked(after, capsys)["verdict"]


def test_each_property_has_something_that_breaks_it():
    laws = {path.stem for path in BILLS.glob("*.yaml")}
    assert {each.name for each in PROPERTIES} == laws | set(BROKEN) | {
        "findings_never_improve",
        "shown_never_worsens",
    }
