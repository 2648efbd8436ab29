"""A whole audit: what it writes, that it counts everything, and that it goes on where it was stopped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from handrail.audit import open_claims
from handrail.audit.explain import explain
from handrail.audit.job import FOLDER
from handrail.audit.judged import SCHEMA, judge_batch
from handrail.audit.run import audit
from handrail.audit.summary import read_summary
from handrail.cli.run import run
from handrail.terms import InputError

CODES = ["97124", "97140", "98941", "98943", "97110", "99213"]
TAXONOMIES = ["225700000X", "111N00000X", "225100000X"]
DIAGNOSES = ["M99.01", "M99.03", "M54.50", "M81.0", "S12.000A", "Z79.01", None]


def claims(rows: int, seed: int = 1) -> pa.Table:
    """Made-up lines in the plain layout."""
    draw = np.random.default_rng(seed)
    days = np.datetime64("2024-01-01") + draw.integers(0, 700, rows)
    return pa.table(
        {
            "claim": [f"c{n // 2}" for n in range(rows)],
            "line": pa.array([n % 2 + 1 for n in range(rows)], pa.int32()),
            "npi": draw.choice(["1234567893", "1000000004"], rows),
            "taxonomy": draw.choice(TAXONOMIES, rows),
            "state": draw.choice(["FL", "OR", "WA", "TX", "ZZ"], rows),
            "procedure": draw.choice(CODES, rows),
            "service_from": pa.array(days.astype("datetime64[D]")),
            "dx1": [DIAGNOSES[n] for n in draw.integers(0, len(DIAGNOSES), rows)],
            "dx2": [DIAGNOSES[n] for n in draw.integers(0, len(DIAGNOSES), rows)],
            "amount": np.round(draw.gamma(3, 20, rows), 2),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three files of claims, in small row groups."""
    place = tmp_path_factory.mktemp("claims")
    for number in range(3):
        pq.write_table(claims(4000, number), place / f"part{number}.parquet", row_group_size=500)
    return place


@pytest.fixture(scope="module")
def done(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("done") / "out"
    return out, audit(open_claims(folder), out, part_rows=1000)


def _findings(out: Path) -> pa.Table:
    return ds.dataset(out / "findings.parquet").to_table()


def test_everything_is_counted(done):
    _, made = done
    assert made.lines == made.rows == 12_000
    for groups in (made.by_verdict, made.by_who, made.by_jurisdiction, made.by_month):
        assert sum(group.lines for group in groups) == 12_000
    assert sum(why.lines for why in made.reasons) == 12_000
    assert made.dollars == pytest.approx(sum(group.dollars for group in made.by_jurisdiction))
    assert {why.reason for why in made.reasons} >= {"unmapped_procedure", "unknown_place", "forbidden"}


def test_the_findings_are_the_lines_that_are_not_plainly_permitted(folder, done):
    out, made = done
    findings = _findings(out)
    plan = open_claims(folder).plan
    expected = 0
    for number in range(3):
        table = pq.read_table(folder / f"part{number}.parquet").combine_chunks()
        judged = judge_batch(table.to_batches()[0], plan)
        assert judged.schema == SCHEMA
        verdicts = judged.column("verdict").to_pylist()
        expected += sum(verdict not in ("permitted", "not_judged") for verdict in verdicts)
    assert findings.num_rows == made.findings == expected
    assert set(findings.column("verdict").to_pylist()) <= {"conditional", "undetermined", "prohibited", "urgent"}
    forbidden = [row for row in findings.to_pylist() if row["reason"] == "forbidden"]
    assert forbidden
    assert all(row["rule"] and row["citation"] for row in forbidden)


def test_dollars_are_exact_to_the_cent(folder, done):
    total = sum(
        round(amount * 100)
        for number in range(3)
        for amount in pq.read_table(folder / f"part{number}.parquet").column("amount").to_pylist()
    )
    assert round(done[1].dollars * 100) == total


def test_the_summary_can_be_read_again(done):
    out, made = done
    assert read_summary((out / "summary.json").read_bytes()) == made
    assert not (out / FOLDER).exists()


def test_a_finished_audit_is_not_written_over(folder, done):
    with pytest.raises(InputError, match="is not empty"):
        audit(open_claims(folder), done[0])


def test_troubles_are_counted_and_told(folder, tmp_path, capsys):
    for number in range(2):
        (tmp_path / f"a{number}.parquet").write_bytes((folder / f"part{number}.parquet").read_bytes())
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing of the kind PAR1")
    (tmp_path / "c.csv").write_text("")
    assert run(["audit", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().out
    assert "b.parquet" in told
    assert "c.csv" in told
    made = read_summary((tmp_path / "out" / "summary.json").read_bytes())
    assert made.lines == 8_000
    assert made.troubles_in_all == 2


def test_a_line_is_explained_as_decide_would(done):
    out, _ = done
    rows = _findings(out).to_pylist()
    for number in [n for n, row in enumerate(rows, 1) if row["verdict"] == "prohibited"][:5]:
        found = explain(out / "findings.parquet", number)
        assert found.line["claim"] == rows[number - 1]["claim"]
        verdicts = {decision.verdict.value for decision in found.decisions}
        assert verdicts == {"prohibited"}
        assert rows[number - 1]["rule"] in {decision.rule for decision in found.decisions}
    unsure = next(n for n, row in enumerate(rows, 1) if row["reason"] == "technique_ambiguous")
    assert len({decision.verdict for decision in explain(out / "findings.parquet", unsure).decisions}) > 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit", "explain", "{out}/findings.parquet", "--line", "0"], "there is no line 0"),
        (["audit", "explain", "{out}/findings.parquet"], "Give --line NUMBER"),
        (["audit", "explain", "{out}/summary.json", "--line", "1"], "cannot be read as findings"),
        (["audit", "explain", "{out}/findings.parquet", "--claim", "c1"], "lines of this claim"),
        (["audit", "nowhere", "--out", "x"], "no such file"),
        (["audit", "{out}/findings.parquet", "--out", "{out}"], ""),
        (["audit", "{out}", "--out", "{out}/x", "--map", "state"], "is no map"),
    ],
)
def test_bad_input_gets_one_line(done, tmp_path, capsys, arguments, said):
    given = [part.replace("{out}", str(done[0])) for part in arguments]
    assert run(given) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert said in told


def test_the_command_says_what_it_found(folder, tmp_path, capsys):
    assert run(["audit", str(folder), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "12,000 lines in 3 files" in told
    assert "not judged" in told
    assert run(["audit", "explain", str(tmp_path / "out" / "findings.parquet"), "--line", "1"]) == 0
    assert run(["audit", "explain", str(tmp_path / "out" / "findings.parquet"), "--line", "1", "--json"]) == 0
    shown = capsys.readouterr().out
    assert json.loads(shown[shown.index("{\n") :])["decisions"]
    assert run(["audit", "layouts"]) == 0


def test_parts_make_no_difference(folder, done, tmp_path):
    assert audit(open_claims(folder), tmp_path / "out") == done[1]
    assert _findings(tmp_path / "out").equals(_findings(done[0]))


def test_claims_and_providers_are_counted_about(done):
    assert done[1].claims_about == pytest.approx(2000, rel=0.02)  # three files, each with claims c0 to c1999
    assert done[1].providers_about == 2
