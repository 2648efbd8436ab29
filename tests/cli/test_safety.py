"""The commands ``handrail safety ...`` as a user types them."""

from __future__ import annotations

import json

import pytest

from handrail.cli.run import run
from handrail.safety import adverse_events, contraindications, red_flags, step_items, training


def _said(capsys, *arguments: str, code: int = 0) -> str:
    assert run(["safety", *arguments]) == code
    return capsys.readouterr().out


def _complained(capsys, *arguments: str) -> str:
    assert run(["safety", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


@pytest.mark.parametrize("row", contraindications().values(), ids=lambda row: row.id)
def test_every_level_is_shown_with_what_it_rests_on(capsys, row):
    text = " ".join(_said(capsys, "show", row.id).split())
    for technique, level in row.level.items():
        assert f"{level} for" in text
        if not row.is_published(technique):
            assert any(word in text for word in ("inference", "recalled", "not read"))
    for part in (row.reason, row.note, row.icd10cm_note, row.source.title, *(other.title for other in row.also)):
        assert part is None or " ".join(part.split()) in text
    if row.primary:
        assert "not seen itself" in text


@pytest.mark.parametrize(
    "id_", [*red_flags(), *adverse_events(), *(item.id for item in step_items()), *training()]
)
def test_every_other_row_is_shown_with_its_source(capsys, id_):
    text = " ".join(_said(capsys, "show", id_).split())
    files = (red_flags(), adverse_events(), {item.id: item for item in step_items()}, training())
    rows = [rows[id_] for rows in files if id_ in rows]
    assert rows
    for row in rows:
        assert row.note is None or " ".join(row.note.split()) in text
        assert row.source is None or row.source.title in text


def test_an_inferred_level_never_sounds_published(capsys):
    text = _said(capsys, "show", "osteoporosis")
    assert "relative for extremity thrust: our cautious inference, no published grade" in text
    assert "relative for spinal thrust: the source cited grades or names it so" in text


def test_an_id_in_two_files_is_shown_twice(capsys):
    data = json.loads(_said(capsys, "show", "neck_trauma_recent", "--json"))
    assert [row["file"] for row in data] == ["contraindications.yaml", "red_flags.yaml"]


def test_the_list_is_worst_first(capsys):
    rows = json.loads(_said(capsys, "list", "--do", "thrust_spine", "--region", "cervical", "--json"))
    order = ["urgent", "prohibited", "conditional", "permitted"]
    places = [order.index(row["verdict"]) for row in rows]
    assert places == sorted(places)
    assert {"osteoporosis", "dizziness", "dens_anomaly"} <= {row["id"] for row in rows}
    dens = next(row for row in rows if row["id"] == "dens_anomaly")
    assert dens["verdict"] == "prohibited"


def test_the_list_names_what_counts_by_the_gentler_technique(capsys):
    rows = json.loads(_said(capsys, "list", "--do", "thrust_spine", "--json"))
    clot = next(row for row in rows if row["id"] == "pulmonary_embolism")
    assert clot["verdict"] == "prohibited"


@pytest.mark.parametrize("kind", ["adverse_events", "endangerment_sites", "not_contraindications", "standards"])
def test_the_other_rows_can_be_listed(capsys, kind):
    lines = _said(capsys, "rows", kind).splitlines()
    assert len(lines) > 3
    assert "source" in lines[1]


def test_codes(capsys):
    text = _said(capsys, "code", "M80.08XA", "S12.000S", "Z79.01", "warfarin", "64859006", "12345678")
    assert "osteoporosis_severe (exact)" in text
    assert "sequela of an old injury" in text
    assert "anticoagulant_therapy" in text
    assert "which is no all-clear" in text


def test_a_date_beside_a_code(capsys):
    recent = _said(capsys, "code", "I63.9", "--since", "2026-10-01", "--day", "2026-11-01")
    assert "acute_cerebrovascular_event (exact)" in recent
    assert "acute_cerebrovascular_event (broad)" in _said(capsys, "code", "I63.9")


def test_training(capsys):
    text = _said(capsys, "training", "--profession", "chiropractor")
    assert "4200" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "osteoporosi"], "Did you mean osteoporosis?"),
        (["list", "--do", "thrust"], "thrust"),
        (["list", "--do", "thrust_spine", "--region", "extremity"], "has no region extremity"),
        (["rows", "standard"], "Did you mean standards?"),
        (["code", "!!"], "has not the form of an ICD-10-CM code"),
        (["code", "M81", "--day", "tomorrow"], "is not a day"),
        (["training", "--profession", "chiropracter"], "Did you mean chiropractor?"),
        (["compare", "/nowhere"], "none of the clinical files"),
        (["lint", "/nowhere"], "none of the clinical files"),
    ],
)
def test_bad_input_gets_one_line(capsys, arguments, said):
    assert said in _complained(capsys, *arguments)


def test_lint_and_compare_are_clean(capsys):
    assert "0 errors" in _said(capsys, "lint", "--errors")
    from handrail.safety import KNOWLEDGE

    assert "0 differences" in _said(capsys, "compare", str(KNOWLEDGE))
