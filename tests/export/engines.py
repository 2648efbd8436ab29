"""The engines that run the exports, each asked in its own way, and a comparison of their answers with decide's."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.strategies import PLACES, cases, promising

from handrail import Case, Credential, Decision, InputError, decide
from handrail.export import ANY, Flat, Result, Tables, answer, cedar, dmn, flat, rego, sql

#: The whole space for the slow engines too, and many more cases at random: as ``make soak`` does.
SOAK = "soak" in os.environ.get("HYPOTHESIS_PROFILE", "")
#: How many cases at random.
MANY = 6_000 if SOAK else 1_500

Asked = tuple[Flat, Result]
Engine = Callable[[Sequence[Flat]], list[Result]]


# The cases


def expected(decision: Decision) -> Result:
    return Result(decision.verdict.value, decision.leaning.value if decision.leaning else None, decision.rule)


def whole_space(tables: Tables) -> list[Asked]:
    """Every general question on the first and the last day of each period, with decide's answer."""
    asked = []
    for row in tables.answers:
        for day in (row.valid_from, row.valid_to):
            region = None if row.region == ANY else row.region
            case = Case(row.jurisdiction, row.technique, [Credential(row.profession)], region, day)
            asked.append((flat(case), expected(decide(case))))
    return asked


def at_random(count: int) -> list[Asked]:
    """Random cases with credentials, conditions, findings, steps and dates; the same ones in every run."""
    found: list[Asked] = []

    @seed(20261124)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(one_day=True) | promising(one_day=True))
    def gather(case: Case) -> None:
        found.append((flat(case), expected(decide(case))))

    gather()
    return found


def size(case: Flat) -> tuple[int, str]:
    parts = (case.findings, case.atoms, case.hours, case.licence, case.unscreened, case.regions)
    return sum(map(len, parts)) + (case.register_class is not None) + (case.kind != "general"), repr(case)


def part(asked: list[Asked], count: int, places: int = 64) -> list[Asked]:
    """A fixed part, of some places only; all in a soak. Neighbours stay neighbours: each place is loaded anew."""
    if SOAK:
        return asked
    chance = random.Random(6)  # noqa: S311
    chosen = set(chance.sample(PLACES, places))
    within = [pair for pair in asked if pair[0].jurisdiction in chosen]
    return [within[number] for number in sorted(chance.sample(range(len(within)), min(count, len(within))))]


def general_of(tables: Tables, drawn: list[Asked]) -> list[Asked]:
    """Those that a decision table can be asked: one region, nothing of a client, no doubt about a credential."""
    found = [asked for asked in drawn if askable_by_tables(asked[0], tables)]
    assert len(found) > len(drawn) / 10
    return found


# The comparison


def agree(name: str, tables: Tables, engine: Engine, asked: Sequence[Asked], only: str = "") -> None:
    """Fails with the smallest case in which the engine and decide differ.

    Args:
        only: ``verdict`` where the engine knows neither leaning nor rule.
    """
    answers = engine([case for case, _ in asked])
    assert len(answers) == len(asked)
    pairs = zip(asked, answers, strict=True)
    wrong = [(case, want, got) for (case, want), got in pairs if seen(want, only) != seen(got, only)]
    if wrong:
        case, want, got = min(wrong, key=lambda row: size(row[0]))
        said = "\n".join(f"  {who:10} {what}" for who, what in everyone(tables, case).items())
        raise AssertionError(
            f"{name} differs from decide in {len(wrong)} of {len(asked)} cases. The smallest:\n  {case}\n"
            f"  {'decide':10} {tuple(want)}\n  {name:10} {tuple(got)}\nAnd the others:\n{said}"
        )


def check(
    name: str,
    tables: Tables,
    engine: Engine,
    general: Sequence[Asked],
    drawn: Sequence[Asked],
    only: str = "",
) -> None:
    """General cases and cases at random in one go; says how many."""
    agree(name, tables, engine, [*general, *drawn], only)
    print(f"\n{name}: {len(general):,} general cases, {len(drawn):,} at random, no difference")  # noqa: T201


def seen(result: Result, only: str) -> Any:
    return getattr(result, only) if only else result


def everyone(tables: Tables, case: Flat) -> dict[str, Any]:
    """What the engines that need no server say of one case."""
    found: dict[str, Any] = {"tables": tuple(answer(tables, case))}
    engines: dict[str, Callable[[Tables], Engine]] = {"DuckDB": duckdb, "Cedar": cedarpy, "Rego": regopy}
    if case.kind == "general":
        engines |= {"ZEN": zen, "pyDMNrules": pydmnrules}
    for name, made in engines.items():
        try:
            found[name] = tuple(made(tables)([case])[0])
        except InputError as error:
            found[name] = f"cannot be asked: {error}"
    return found


# The engines


def rows_of(flats: Iterable[Flat]) -> dict[str, list[tuple[Any, ...]]]:
    """Cases as rows of the ``handrail_case`` tables; a case's number is its place."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for number, case in enumerate(flats):
        for name, made in sql.request(number, case).items():
            rows.setdefault(name, []).extend(made)
    return rows


def columns_of(rows: list[tuple[Any, ...]]) -> Any:
    import pyarrow as pa

    arrays = [pa.array(list(column)) for column in zip(*rows, strict=True)]
    arrays = [array.cast(pa.string()) if pa.types.is_null(array.type) else array for array in arrays]
    return pa.table(arrays, names=[f"c{number}" for number in range(len(arrays))])


def in_order(rows: Iterable[Sequence[Any]]) -> list[Result]:
    """Results from rows of case, verdict, leaning and rule."""
    return [Result(*row[1:]) for row in sorted(rows)]


ANSWERS = "SELECT case_id, verdict, leaning, rule FROM handrail_decision"


def kernel(_tables: Tables) -> Engine:
    """The compiled kernel: a general question is a claim line without diagnoses."""
    import pyarrow as pa

    from handrail.compiled import judge

    def ask(flats: Sequence[Flat]) -> list[Result]:
        columns = {
            "jurisdiction": [case.jurisdiction for case in flats],
            "profession": [case.profession for case in flats],
            "technique": [case.technique for case in flats],
            "regions": ["|".join(case.regions) for case in flats],
        }
        arrays = {name: pa.array(values).dictionary_encode() for name, values in columns.items()}
        arrays["service_from"] = pa.array([case.day for case in flats], pa.date32())
        said = judge(pa.RecordBatch.from_pydict(arrays))
        return [Result(row["verdict"], row["leaning"], row["rule"]) for row in said.to_pylist()]

    return ask


def duckdb(tables: Tables, changed: str = "") -> Engine:
    """DuckDB with the exported script; ``changed`` is SQL to spoil it with."""
    import duckdb as engine

    base = engine.connect()
    base.execute(sql.script(tables, "duckdb"))
    if changed:
        base.execute(changed)

    def ask(flats: Sequence[Flat]) -> list[Result]:
        for name, rows in rows_of(flats).items():
            base.execute(f"DELETE FROM {name}")  # noqa: S608
            if rows:
                base.register("given", columns_of(rows))
                base.execute(f"INSERT INTO {name} SELECT * FROM given")  # noqa: S608
        return in_order(base.execute(ANSWERS).fetchall())

    return ask


def postgres(tables: Tables, connection: Any) -> Engine:
    """PostgreSQL with the exported script."""
    connection.execute(sql.script(tables, "postgres"))

    def ask(flats: Sequence[Flat]) -> list[Result]:
        for name, rows in rows_of(flats).items():
            connection.execute(f"TRUNCATE {name}")
            with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        connection.execute("ANALYZE")
        return in_order(connection.execute(ANSWERS).fetchall())

    return ask


def spark(tables: Tables, session: Any) -> Engine:
    """Spark with the exported script."""
    for statement in sql.statements(tables, "spark"):
        session.sql(statement)

    def ask(flats: Sequence[Flat]) -> list[Result]:
        for name, rows in rows_of(flats).items():
            session.sql(f"TRUNCATE TABLE {name}")
            if rows:
                session.createDataFrame(columns_of(rows)).write.insertInto(name)
        return in_order(tuple(row) for row in session.sql(ANSWERS).collect())

    return ask


def cedarpy(tables: Tables, *, whole: bool = False) -> Engine:
    """Cedar: the first threshold that is allowed names the verdict.

    For speed each place has a set of its own: policies that name it, and that name none. ``whole``: one for all.
    """
    import cedarpy as engine

    entities = engine.Entities.from_json_str("[]")
    policies = cedar.policies(tables).split("\n@id(")
    parsed: dict[str, Any] = {}

    def of(place: str) -> Any:
        name = "" if whole else place
        if name not in parsed:
            others = [
                text for text in policies if "resource ==" not in text or whole or f'Place::"{name}"' in text
            ]
            parsed[name] = engine.PolicySet.from_str("\n@id(".join(others))
        return parsed[name]

    def ask(flats: Sequence[Flat]) -> list[Result]:
        return [one(case) for case in flats]

    def one(case: Flat) -> Result:
        request = cedar.request(tables, case)
        for action, _, verdict in cedar.ACTIONS:
            asked = {**request, "action": {"type": "Handrail::Action", "id": action}}
            answered = engine.is_authorized(asked, of(case.jurisdiction), entities)
            assert not answered.diagnostics.errors, answered.diagnostics.errors
            if answered.allowed:
                return Result(verdict, None, None)
        return Result("urgent", None, None)

    return ask


def regopy(tables: Tables) -> Engine:
    """Rego. The interpreter copies its data for every query: it gets those that the case can touch, no more."""
    from regopy import Interpreter

    policy, everything = rego.policy(tables), rego.data(tables)
    kept: dict[Any, Any] = {}

    def ask(flats: Sequence[Flat]) -> list[Result]:
        return [one(case) for case in flats]

    def one(case: Flat) -> Result:
        given = rego.request(case)
        where = (case.jurisdiction, case.profession, case.technique)
        key = (where, tuple(given["findings"]))
        if key not in kept:
            kept.clear()
            data = {**everything, "handrail_citations": {}}
            for name in ("handrail_cells", "handrail_wanted"):
                data[name] = narrowed(everything[name], where)
            findings = everything["handrail_findings"]
            data["handrail_findings"] = {f: findings[f] for f in given["findings"] if f in findings}
            interpreter = Interpreter()
            interpreter.add_module("handrail", policy)
            interpreter.add_data(data)
            kept[key] = interpreter
        kept[key].set_input(given)
        said = json.loads(str(kept[key].query("x := data.handrail.decision")))["bindings"]["x"]
        return Result(said["verdict"], said["leaning"] or None, said["rule"] or None)

    return ask


def narrowed(data: Any, keys: Sequence[str]) -> Any:
    """Nested dictionaries with one way through them only."""
    if not keys or keys[0] not in data:
        return data if not keys else {}
    return {keys[0]: narrowed(data[keys[0]], keys[1:])}


def zen(tables: Tables) -> Engine:
    """ZEN with the exported JDM."""
    import zen as engine

    decisions: dict[str, Any] = {}

    def ask(flats: Sequence[Flat]) -> list[Result]:
        return [one(case) for case in flats]

    def one(case: Flat) -> Result:
        if case.jurisdiction not in decisions:
            model = dmn.jdm(tables, case.jurisdiction).decode()
            decisions[case.jurisdiction] = engine.ZenEngine().create_decision(model)
        said = decisions[case.jurisdiction].evaluate(dmn.request(tables, case))["result"]
        return Result(said["verdict"], said["leaning"] or None, said["rule"] or None)

    return ask


def pydmnrules(tables: Tables) -> Engine:
    """PyDMNrules with the exported DMN."""
    from pyDMNrules import DMN

    models: dict[str, Any] = {}

    def ask(flats: Sequence[Flat]) -> list[Result]:
        return [one(case) for case in flats]

    def one(case: Flat) -> Result:
        if case.jurisdiction not in models:
            models[case.jurisdiction] = DMN()
            status = models[case.jurisdiction].useXML(dmn.dmn(tables, case.jurisdiction).decode())
            assert "errors" not in status, status
        status, said = models[case.jurisdiction].decide(dmn.request(tables, case))
        assert "errors" not in status, status
        result = said[-1]["Result"] if isinstance(said, list) else said["Result"]
        return Result(result["verdict"], result["leaning"] or None, result["rule"] or None)

    return ask


def askable_by_tables(case: Flat, tables: Tables) -> bool:
    """Whether a decision table can be asked: nothing of a client, no doubt about a credential, one region."""
    try:
        dmn.request(tables, case)
    except InputError:
        return False
    return True
