"""docs/trust.md counts what is in the files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from handrail.export import Tables
from handrail.law import jurisdictions, load

TEXT = (Path(__file__).parents[2] / "docs" / "trust.md").read_text(encoding="utf-8")


def test_the_rules_are_counted():
    rules = [rule for place in jurisdictions() for _, rule in load(place).file.rules()]
    kinds = Counter(
        "plain"
        if rule.read and rule.effect.speaks
        else "silent"
        if rule.read and rule.effect == "silent"
        else "reported"
        if rule.effect.speaks
        else "unknown"
        for rule in rules
    )
    assert f"Of the {len(rules)} rules" in TEXT
    for kind, words in (
        ("plain", "read, and say yes"),
        ("silent", "read, and silent"),
        ("reported", "reported only"),
        ("unknown", "unknown, unsettled"),
    ):
        assert f"| {kinds[kind]} | {words}" in TEXT, (kind, kinds[kind])


def test_the_cells_are_counted():
    cells = Tables().cells
    unknown = sum(cell.fixed_rank == 3 for cell in cells)
    assert f"For {unknown:,} of the {len(cells):,} cells" in TEXT
