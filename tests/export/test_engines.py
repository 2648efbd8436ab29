"""Engines that we did not write run the exports, and must give decide's answers back.

The whole space of general questions (the first and last day of each period) and random cases with credentials,
conditions, findings, steps and dates. The slow engines get a fixed part of the space, the whole of it in ``make
soak``. Counts are printed (``pytest -s``).
"""

from __future__ import annotations

import pytest
from tests.export import engines
from tests.export.engines import agree, expected

from handrail import Case, Client, Credential, Finding, decide
from handrail.export import flat


def test_the_compiled_kernel(tables, space):
    """Its own tests ask it of findings, too: tests/compiled/test_agreement.py."""
    engines.check("Kernel", tables, engines.kernel(tables), space, [])


def test_duckdb(tables, space, drawn):
    engines.check("DuckDB", tables, engines.duckdb(tables), space, drawn)


def test_postgresql(tables, space, drawn, postgres):
    engines.check("PostgreSQL", tables, engines.postgres(tables, postgres), space, drawn)


def test_cedar(tables, space, drawn):
    general, some = engines.part(space, 1_200, 8), engines.part(drawn, 300, 8)
    engines.check("Cedar", tables, engines.cedarpy(tables), general, some, "verdict")


def test_cedar_with_the_whole_law_in_one_set(tables, space, drawn):
    engine = engines.cedarpy(tables, whole=True)
    engines.check("Cedar, one set", tables, engine, space[:: len(space) // 60], drawn[::50], "verdict")


def test_rego(tables, space, drawn):
    engines.check("Rego", tables, engines.regopy(tables), engines.part(space, 400), engines.part(drawn, 150))


def test_zen(tables, space, drawn):
    engines.check(
        "ZEN",
        tables,
        engines.zen(tables),
        space if engines.SOAK else space[::2],
        engines.general_of(tables, drawn),
    )


# The comparison itself


def test_a_difference_is_shown_by_its_smallest_case_with_what_every_engine_says(tables):
    spoilt = engines.duckdb(tables, "UPDATE handrail_findings SET rank = 0 WHERE finding = 'osteoporosis'")
    plain = Case("US-FL", "thrust_spine", [Credential("chiropractor")], on="2026-11-24")
    asked = []
    for found in (["osteoporosis"], ["osteoporosis", "articular_hypermobility"], []):
        client = Client(findings=[Finding(name) for name in found], steps=None)
        case = Case(plain.jurisdiction, plain.technique, plain.credentials, "lumbar", plain.on, client)
        asked.append((flat(case), expected(decide(case))))
    with pytest.raises(AssertionError) as raised:
        agree("DuckDB", tables, spoilt, asked)
    said = str(raised.value)
    assert "differs from decide in 2 of 3 cases" in said or "differs from decide in 1 of 3 cases" in said
    assert "findings=(('osteoporosis', None, 'exact'),)" in said
    assert "decide     ('conditional', None, 'osteoporosis')" in said
    assert "DuckDB     ('permitted'" in said
    assert said.count("'conditional'") >= 4  # decide, tables, Cedar and Rego
