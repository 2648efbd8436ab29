"""`handrail verify` and `handrail check --whatif` at the command line: exit codes, JSON, bad input."""

from __future__ import annotations

import json

import pytest

from handrail.cli.run import run

BILL = """\
format: 1
title: a bill
source: made up
jurisdiction: US-OR
changes: []
"""


@pytest.fixture
def bill(tmp_path):
    path = tmp_path / "bill.yaml"
    path.write_text(BILL, encoding="utf-8")
    return path


def test_it_says_what_was_proved_of_how_much_and_by_whom(capsys):
    assert run(["verify", "--in", "Oregon", "--property", "no_contradiction"]) == 0
    said = capsys.readouterr().out
    assert "proved" in said
    assert "cells" in said
    assert "1 of 1 proved" in said
    assert "z3" in said


def test_json_has_the_same(capsys, bill):
    wanted = ["--property", "permitted_is_cited", "--property", "urgent_dominates"]
    assert run(["verify", "--whatif", str(bill), "--json", *wanted]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["proved"] is True
    assert answer["whatif"] == str(bill)
    assert [each["name"] for each in answer["properties"]] == ["permitted_is_cited", "urgent_dominates"]
    for each in answer["properties"]:
        assert each["outcome"] == "proved"
        assert each["cells"] > 0
        assert each["questions"] > 0
        assert each["says"].endswith(".")


def test_no_time_is_no_proof(capsys):
    assert run(["verify", "--in", "US-OR", "--property", "thrust_needs_grant", "--timeout", "0.001"]) == 1
    assert "undecided" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["verify", "--property", "thrust_needs_grants"], "Did you mean thrust_needs_grant?"),
        (["verify", "--in", "Oregn"], "Oregon"),
        (["verify", "--whatif", "no-such-bill.yaml"], "no-such-bill.yaml"),
    ],
)
def test_bad_input_is_one_line(words, says, capsys):
    assert run(words) == 2
    complaint = capsys.readouterr().err
    assert says in complaint
    assert complaint.count("\n") == 1


def test_a_bill_is_of_one_place(bill, capsys):
    assert run(["verify", "--whatif", str(bill), "--in", "US-WA"]) == 2
    assert "US-OR" in capsys.readouterr().err
    asked = ["--as", "chiropractor", "--do", "thrust_spine", "--whatif", str(bill)]
    assert run(["check", "--in", "US-WA", *asked]) == 2
    assert "US-OR" in capsys.readouterr().err
    assert run(["check", "--in", "US-OR", *asked]) == 0
