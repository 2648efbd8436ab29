"""SQL that answers: tables, and a view that decides, in the dialects of DuckDB, PostgreSQL, Spark and BigQuery.

Written once, in DuckDB's dialect, and turned into the others by sqlglot (the extra ``export``). The file stands by
itself: it makes the tables with their rows, empty ``handrail_case...`` tables to put cases into, and the view
``handrail_decision`` over them. Run again, it replaces the knowledge and leaves the cases. Only BigQuery's holds
no rows, because no query there may be so long: they come from the Parquet export.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from handrail.export.case import Flat
from handrail.export.schema import BY_NAME, NOTICE, Table
from handrail.export.tables import Tables
from handrail.terms import InputError, known

DIALECTS = ("duckdb", "postgres", "spark", "bigquery")
#: The tables that the view reads, and those that a join on claims wants.
NEEDED = (
    "answers cells clauses atoms atom_classes cell_classes full_classes wanted licence findings known_findings "
    "citations ranks"
).split()

_TYPES = {"string": "TEXT", "integer": "INTEGER", "boolean": "BOOLEAN", "date": "DATE"}

#: What is asked: one row a case, and what belongs to it. ``kind``: general, visit or record.
CASES = """
CREATE TABLE IF NOT EXISTS handrail_case (case_id BIGINT, jurisdiction TEXT, profession TEXT, technique TEXT,
  day DATE, kind TEXT, register_class TEXT);
CREATE TABLE IF NOT EXISTS handrail_case_region (case_id BIGINT, position INTEGER, region TEXT);
CREATE TABLE IF NOT EXISTS handrail_case_atom (case_id BIGINT, atom TEXT);
CREATE TABLE IF NOT EXISTS handrail_case_hours (case_id BIGINT, subject TEXT, hours DOUBLE);
CREATE TABLE IF NOT EXISTS handrail_case_licence (case_id BIGINT, fact TEXT);
CREATE TABLE IF NOT EXISTS handrail_case_finding (case_id BIGINT, position INTEGER, finding TEXT, site TEXT,
  match TEXT);
CREATE TABLE IF NOT EXISTS handrail_case_unscreened (case_id BIGINT, position INTEGER, finding TEXT)
"""

# The worst rank decides; the rule is that of the first of the worst, gate by gate, then region by region.
# A case that names anything that the tables do not know is never better than undetermined.
VIEW = """
CREATE VIEW handrail_decision AS
WITH named AS (
  SELECT case_id, COUNT(DISTINCT region) AS regions FROM handrail_case_region GROUP BY case_id
),
looked AS (
  SELECT k.case_id, k.kind, k.jurisdiction, k.profession, k.technique, k.day, k.register_class,
    c.cell, c.region, c.fixed_rank, c.fixed_rule, c.granted,
    CASE WHEN n.regions IS NULL THEN c.decides ELSE TRUE END AS decides,
    COALESCE(r.position, c.region_number) AS place
  FROM handrail_case AS k
  JOIN handrail_cells AS c ON c.jurisdiction = k.jurisdiction AND c.profession = k.profession
    AND c.technique = k.technique AND k.day BETWEEN c.valid_from AND c.valid_to
  LEFT JOIN named AS n ON n.case_id = k.case_id
  LEFT JOIN handrail_case_region AS r ON r.case_id = k.case_id AND r.region = c.region
  WHERE n.regions IS NULL OR NOT r.region IS NULL
),
deciding AS (SELECT * FROM looked WHERE decides),
about AS (
  SELECT case_id, MIN(CASE WHEN granted THEN 1 ELSE 0 END) AS granted, MIN(place) AS place,
    COUNT(DISTINCT region) AS regions
  FROM looked GROUP BY case_id
),
holding AS (
  SELECT case_id, atom FROM handrail_case_atom
  UNION
  SELECT h.case_id, a.atom FROM handrail_case_hours AS h
  JOIN handrail_atoms AS a ON a.kind = 'hours' AND a.subject = h.subject AND h.hours >= a.least
  UNION
  SELECT k.case_id, a.atom FROM handrail_case AS k
  JOIN handrail_atoms AS a ON a.kind = 'class_not'
  LEFT JOIN handrail_atom_classes AS x ON x.atom = a.atom AND x.class = k.register_class
  WHERE x.class IS NULL
),
ways AS (
  SELECT d.case_id, d.place, q.cell, q.opening, q.rule, q.clause,
    CASE WHEN COUNT(DISTINCT t.atom) = q.atoms THEN 0 ELSE 1 END AS unmet
  FROM deciding AS d
  JOIN handrail_clauses AS q ON q.cell = d.cell
  LEFT JOIN handrail_atoms AS a ON a.cell = q.cell AND a.opening = q.opening AND a.clause = q.clause
  LEFT JOIN holding AS t ON t.case_id = d.case_id AND t.atom = a.atom
  GROUP BY d.case_id, d.place, q.cell, q.opening, q.rule, q.clause, q.atoms
),
class_named AS (
  SELECT DISTINCT l.case_id FROM looked AS l
  JOIN handrail_cell_classes AS c ON c.cell = l.cell AND c.class = l.register_class
),
ranked AS (
  SELECT k.case_id, 0 AS gate, 0 AS place, 0 AS part, 0 AS number,
    CASE WHEN k.kind IN ('general', 'visit', 'record') AND b.regions = COALESCE(n.regions, b.regions)
      THEN 0 ELSE 3 END AS rank,
    CAST(NULL AS TEXT) AS rule
  FROM handrail_case AS k
  LEFT JOIN about AS b ON b.case_id = k.case_id
  LEFT JOIN named AS n ON n.case_id = k.case_id
  UNION ALL
  SELECT f.case_id, 0, 0, 0, 0, 3, CAST(NULL AS TEXT)
  FROM handrail_case_finding AS f
  LEFT JOIN handrail_known_findings AS g ON g.finding = f.finding AND g.match = f.match
    AND COALESCE(g.site, '') = COALESCE(f.site, '')
  WHERE g.finding IS NULL
  UNION ALL
  SELECT f.case_id, 0, 0, 0, 0, COALESCE(l.rank, 3), CAST(NULL AS TEXT)
  FROM handrail_case_licence AS f LEFT JOIN handrail_licence AS l ON l.fact = f.fact
  UNION ALL
  SELECT k.case_id, 0, 0, 0, 0, l.rank, CAST(NULL AS TEXT)
  FROM handrail_case AS k
  JOIN handrail_licence AS l ON l.fact = 'class_unread'
  LEFT JOIN handrail_full_classes AS f ON f.class = k.register_class
  LEFT JOIN class_named AS n ON n.case_id = k.case_id
  WHERE NOT k.register_class IS NULL AND f.class IS NULL AND n.case_id IS NULL
    AND k.profession <> 'unlicensed_person'
  UNION ALL
  SELECT case_id, 1, place, 0, 0, fixed_rank, fixed_rule FROM deciding WHERE NOT fixed_rank IS NULL
  UNION ALL
  SELECT case_id, 1, place, 1, opening, MIN(unmet), rule FROM ways GROUP BY case_id, place, opening, rule
  UNION ALL
  SELECT d.case_id, CASE WHEN g.gate = 'safety' THEN 2 ELSE 3 END, d.place, 0, f.position * 10 + g.part,
    CASE WHEN t.atom IS NULL THEN g.rank ELSE 0 END, g.rule
  FROM deciding AS d
  JOIN handrail_case_finding AS f ON f.case_id = d.case_id
  JOIN handrail_findings AS g ON g.finding = f.finding AND COALESCE(g.site, '') = COALESCE(f.site, '')
    AND g.match = f.match AND g.technique = d.technique AND g.region = d.region
  LEFT JOIN holding AS t ON t.case_id = d.case_id AND t.atom = g.need
  UNION ALL
  SELECT k.case_id, 3, b.place, 1, w.position, 1, w.rule
  FROM handrail_case AS k
  JOIN about AS b ON b.case_id = k.case_id
  JOIN handrail_wanted AS w ON w.jurisdiction = k.jurisdiction AND w.profession = k.profession
    AND w.technique = k.technique AND k.day BETWEEN w.valid_from AND w.valid_to
  LEFT JOIN handrail_case_atom AS t ON t.case_id = k.case_id AND t.atom = 'confirmed:' || w.step
  LEFT JOIN handrail_case_hours AS h ON h.case_id = k.case_id AND h.subject = w.step AND w.of_person
    AND h.hours >= w.hours
  WHERE k.kind = 'visit' AND w.needed AND NOT (w.of_person AND b.granted = 1)
    AND t.atom IS NULL AND h.subject IS NULL
  UNION ALL
  SELECT u.case_id, 3, b.place, 2, u.position, 1, u.finding
  FROM handrail_case_unscreened AS u
  JOIN handrail_case AS k ON k.case_id = u.case_id AND k.kind = 'visit'
  JOIN about AS b ON b.case_id = u.case_id
  LEFT JOIN handrail_case_atom AS t ON t.case_id = u.case_id AND t.atom = 'confirmed:ask:' || u.finding
  WHERE t.atom IS NULL
),
worst AS (SELECT case_id, MAX(rank) AS rank FROM ranked GROUP BY case_id),
first_rule AS (
  SELECT r.case_id, r.rule,
    ROW_NUMBER() OVER (PARTITION BY r.case_id ORDER BY r.gate, r.place, r.part, r.number) AS turn
  FROM ranked AS r JOIN worst AS w ON w.case_id = r.case_id AND w.rank = r.rank
  WHERE r.gate > 0
)
SELECT w.case_id, w.rank, v.verdict, v.leaning, f.rule
FROM worst AS w
JOIN handrail_ranks AS v ON v.rank = w.rank
LEFT JOIN first_rule AS f ON f.case_id = w.case_id AND f.turn = 1
"""


#: How each dialect reads a table's rows from JSON: an array of arrays of texts. Far quicker than VALUES.
_FROM_JSON = {
    "duckdb": ("""(SELECT UNNEST(FROM_JSON({rows}, '[["VARCHAR"]]')) AS r) AS t""", "CAST(r[{one}] AS {type})"),
    "postgres": ("JSON_ARRAY_ELEMENTS({rows}) AS t(r)", "CAST(r ->> {zero} AS {type})"),
    "spark": (
        "(SELECT EXPLODE(FROM_JSON({rows}, 'ARRAY<ARRAY<STRING>>')) AS r) AS t",
        "CAST(r[{zero}] AS {type})",
    ),
}


def request(case_id: int, case: Flat) -> dict[str, list[tuple[Any, ...]]]:
    """A case as rows of the ``handrail_case`` tables."""
    named = {
        "region": enumerate(case.regions),
        "atom": ((atom,) for atom in case.atoms),
        "hours": case.hours,
        "licence": ((fact,) for fact in case.licence),
        "finding": ((n, *finding) for n, finding in enumerate(case.findings)),
        "unscreened": enumerate(case.unscreened),
    }
    about = (case.jurisdiction, case.profession, case.technique, case.day, case.kind, case.register_class)
    rows = {f"handrail_case_{name}": [(case_id, *row) for row in given] for name, given in named.items()}
    return {"handrail_case": [(case_id, *about)], **rows}


def script(tables: Tables, dialect: str) -> str:
    """The whole SQL script in a dialect.

    Raises:
        InputError: for a dialect that is not one, or if sqlglot is not installed.
    """
    known("dialect", dialect, DIALECTS)
    whole = [*statements(tables, dialect)]
    if dialect in ("duckdb", "postgres"):
        whole = ["BEGIN", *whole, "COMMIT"]
    return f"-- {tables.digest}. {NOTICE}\n" + "".join(f"{statement};\n" for statement in whole)


def statements(tables: Tables, dialect: str) -> Iterator[str]:
    """The statements of the script, one by one, without their semicolons."""
    yield _in(dialect, "DROP VIEW IF EXISTS handrail_decision")
    for name in NEEDED:
        table = BY_NAME[name]
        columns = ", ".join(f"{column.name} {_TYPES[column.type]}" for column in table.columns)
        yield _in(dialect, f"DROP TABLE IF EXISTS handrail_{name}")
        yield _table(dialect, f"CREATE TABLE handrail_{name} ({columns})")
        if dialect in _FROM_JSON:
            yield _insert(dialect, table, telling(name, table.rows(tables)))
    for statement in CASES.strip().split(";\n"):
        yield _table(dialect, statement)
    yield _in(dialect, VIEW)


def telling(name: str, rows: list[Sequence[Any]]) -> list[Sequence[Any]]:
    """A table's rows without those that can decide nothing: findings of rank 0, and what is optional."""
    columns = [column.name for column in BY_NAME[name].columns]
    if name == "findings":
        return [row for row in rows if row[columns.index("rank")] > 0]
    if name == "wanted":
        return [row for row in rows if row[columns.index("needed")]]
    return rows


def _insert(dialect: str, table: Table, rows: list[Sequence[Any]]) -> str:
    """One statement with all rows, a line each."""
    source, column = _FROM_JSON[dialect]
    types = [_in(dialect, f"CAST(x AS {_TYPES[c.type]})").rpartition(" AS ")[2].rstrip(")") for c in table.columns]
    read = ", ".join(column.format(one=n + 1, zero=n, type=kind) for n, kind in enumerate(types))
    lines = ",\n".join(json.dumps([_text(v) for v in row], ensure_ascii=False) for row in rows)
    literal = _quoted(dialect, f"[\n{lines}\n]")
    return f"INSERT INTO handrail_{table.name}\nSELECT {read}\nFROM {source.format(rows=literal)}"


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _quoted(dialect: str, text: str) -> str:
    """A text as a literal: in Spark a backslash escapes, elsewhere a quote is doubled."""
    quote = "''"
    if dialect == "spark":
        text, quote = text.replace("\\", "\\\\"), "\\'"
    return "'" + text.replace("'", quote) + "'"


def _table(dialect: str, statement: str) -> str:
    """A table's definition. Without a format Spark would want Hive."""
    return _in(dialect, statement) + ("\nUSING PARQUET" if dialect == "spark" else "")


def _in(dialect: str, statement: str) -> str:
    try:
        import sqlglot
    except ImportError:
        raise InputError("sqlglot is not installed", hint="Run: pip install 'handrail[export]'") from None
    return sqlglot.transpile(statement, read="duckdb", write=dialect, pretty=True)[0]
