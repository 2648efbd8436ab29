"""Engines that we did not write run the exports, and must give decide's answers back.

The whole space of general questions (the first and last day of each period) and random cases with credentials,
conditions, findings, steps and dates. The slow engines get a fixed part of the space, the whole of it in ``make
soak``. Counts are printed (``pytest -s``).
"""

from __future__ import annotations

import random

import pytest
from tests.export import engines
from tests.export.engines import SOAK, Asked, agree, expected

from handrail import Case, Client, Credential, Finding, decide
from handrail.export import flat
from handrail.law import jurisdictions


@pytest.fixture(scope="module")
def space(tables) -> list[Asked]:
    return engines.whole_space(tables)


@pytest.fixture(scope="module")
def drawn() -> list[Asked]:
    return engines.at_random(20_000 if SOAK else 1_500)


def part(asked: list[Asked], count: int, places: int = 64) -> list[Asked]:
    """A fixed part, of some places only; all in a soak. Neighbours stay neighbours: each place is loaded anew."""
    if SOAK:
        return asked
    chance = random.Random(6)  # noqa: S311
    chosen = set(chance.sample(jurisdictions(), places))
    within = [pair for pair in asked if pair[0].jurisdiction in chosen]
    return [within[number] for number in sorted(chance.sample(range(len(within)), min(count, len(within))))]


def told(name: str, *counts: int) -> None:
    print(f"\n{name}: {counts[0]:,} general cases, {sum(counts[1:]):,} at random, no difference")  # noqa: T201


def test_duckdb(tables, space, drawn):
    engine = engines.duckdb(tables)
    told("DuckDB", agree("DuckDB", tables, engine, space), agree("DuckDB", tables, engine, drawn))


def test_postgresql(tables, space, drawn, postgres):
    engine = engines.postgres(tables, postgres)
    told("PostgreSQL", agree("PostgreSQL", tables, engine, space), agree("PostgreSQL", tables, engine, drawn))


def test_spark(tables, space, drawn, spark):
    engine = engines.spark(tables, spark)
    told("Spark", agree("Spark", tables, engine, space), agree("Spark", tables, engine, drawn))


def test_cedar(tables, space, drawn):
    engine = engines.cedarpy(tables)
    general = agree("Cedar", tables, engine, part(space, 2_000, 8), only="verdict")
    told("Cedar", general, agree("Cedar", tables, engine, part(drawn, 400, 24), only="verdict"))


def test_cedar_with_the_whole_law_in_one_set(tables, space, drawn):
    engine = engines.cedarpy(tables, whole=True)
    some = [*space[:: len(space) // 60], *drawn[::50]]
    told("Cedar, one set", agree("Cedar", tables, engine, some, only="verdict"))


def test_rego(tables, space, drawn):
    engine = engines.regopy(tables)
    general = agree("Rego", tables, engine, part(space, 400))
    told("Rego", general, agree("Rego", tables, engine, part(drawn, 200)))


def test_zen(tables, space, drawn):
    engine = engines.zen(tables)
    told("ZEN", agree("ZEN", tables, engine, space), agree("ZEN", tables, engine, general_of(tables, drawn)))


def test_pydmnrules(tables, space, drawn):
    engine = engines.pydmnrules(tables)
    general = agree("pyDMNrules", tables, engine, part(space, 1_500, 8))
    told("pyDMNrules", general, agree("pyDMNrules", tables, engine, part(general_of(tables, drawn), 100, 16)))


def general_of(tables, drawn: list[Asked]) -> list[Asked]:
    """Those that a decision table can be asked: one region, nothing of a client, no doubt about a credential."""
    found = [asked for asked in drawn if engines.askable_by_tables(asked[0], tables)]
    assert len(found) > len(drawn) / 10
    return found


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
