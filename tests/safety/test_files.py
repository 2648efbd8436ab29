"""The clinical files: typed, losing nothing, and refused with one clear line when they are broken."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handrail.safety import KNOWLEDGE, adverse_events, compare, contraindications, lint, training
from handrail.safety.code_files import is_snomed
from handrail.safety.evidence import KINDS
from handrail.safety.load import FILES
from handrail.terms import InputError

DATA = {name: yaml.safe_load((KNOWLEDGE / name).read_text(encoding="utf-8")) for name in KINDS}
ROWS = [
    (name, number, field)
    for name, (_, key) in KINDS.items()
    for number in range(0, len(DATA[name][key]), 9)
    for field in DATA[name][key][number]
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in KINDS:
        shutil.copy(KNOWLEDGE / name, tmp_path / name)
    return tmp_path


def _write(folder: Path, name: str, data: object) -> None:
    (folder / name).write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def test_the_shipped_files_have_no_error():
    assert [problem for problem in lint() if problem.severity == "error"] == []


def test_notices_mark_every_level_that_no_read_text_grades():
    marked = {problem.where for problem in lint() if problem.severity == "notice"}
    unread = {
        row.id
        for row in contraindications().values()
        if any(basis != "source" or not row.text_seen for basis in row.level_basis.values())
    }
    assert marked == unread


def test_nothing_is_lost_between_a_file_and_its_types():
    for name, (kind, _) in KINDS.items():
        typed = msgspec.to_builtins(msgspec.convert(DATA[name], kind))
        assert _only_defaults_differ(DATA[name], typed), name


def _only_defaults_differ(raw: object, typed: object) -> bool:
    """Whether all that the file says is in the typed data, which may add empty defaults."""
    if isinstance(raw, dict) and isinstance(typed, dict):
        return all(key in typed and _only_defaults_differ(value, typed[key]) for key, value in raw.items())
    if isinstance(raw, list) and isinstance(typed, list | tuple):
        return len(raw) == len(typed) and all(map(_only_defaults_differ, raw, typed))
    return raw == typed


def test_every_file_counts_in_the_hash_of_the_knowledge():
    assert set(FILES) == {path.name for path in KNOWLEDGE.glob("*.yaml")}


def test_a_folder_compared_with_itself_differs_in_nothing():
    assert compare(KNOWLEDGE) == []


@pytest.mark.parametrize(("name", "number", "field"), ROWS[::7])
def test_a_changed_field_is_told_as_a_difference(folder, name, number, field):
    data = copy.deepcopy(DATA[name])
    row = data[KINDS[name][1]][number]
    row[field] = "changed here" if row[field] != "changed here" else None
    _write(folder, name, data)
    found = compare(folder)
    assert found
    assert all(difference.file == name for difference in found)


def test_a_row_that_the_dossier_has_more_is_told(folder):
    data = copy.deepcopy(DATA["red_flags.yaml"])
    data["red_flags"].append({**copy.deepcopy(data["red_flags"][0]), "id": "one_more"})
    _write(folder, "red_flags.yaml", data)
    assert [(d.file, d.where) for d in compare(folder)] == [("red_flags.yaml", "red_flags.one_more")]


@pytest.mark.parametrize(("name", "number", "field"), ROWS)
def test_a_field_of_the_wrong_type_is_named(folder, name, number, field):
    data = copy.deepcopy(DATA[name])
    data[KINDS[name][1]][number][field] = {"nonsense": 1}
    _write(folder, name, data)
    wrong = [problem for problem in lint(folder) if problem.severity == "error" and problem.file == name]
    assert wrong
    assert field in wrong[0].where + wrong[0].text
    assert "\n" not in wrong[0].text


@pytest.mark.parametrize("name", KINDS)
def test_an_unknown_field_is_named(folder, name):
    data = copy.deepcopy(DATA[name])
    data[KINDS[name][1]][0]["sorce"] = 1
    _write(folder, name, data)
    assert any("sorce" in problem.where + problem.text for problem in lint(folder) if problem.severity == "error")


def test_a_missing_file_is_named(folder):
    (folder / "training.yaml").unlink()
    assert ("error", "training.yaml", "", "the file is missing") in lint(folder)


def test_a_folder_without_clinical_files_is_refused(tmp_path):
    for check in (lint, compare):
        with pytest.raises(InputError, match="none of the clinical files"):
            check(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"icd10cm": ["not a code"]}, "has not the form of an ICD-10-CM code"),
        ({"icd10cm": ["M81"], "icd10cm_match": None}, "codes without a match"),
        ({"icd10cm_match": "conditional", "icd10cm_note": None}, "without its condition"),
        ({"snomed": ["64859006", "11111111"]}, "is not under snomed_seen"),
        ({"authority": "none"}, "yet its source has an address"),
        ({"level": {"mobilization": "absolute"}}, "must name the same techniques"),
    ],
)
def test_lint_finds_what_types_cannot(folder, change, said):
    data = copy.deepcopy(DATA["contraindications.yaml"])
    row = next(row for row in data["contraindications"] if row["id"] == "osteoporosis")
    row.update(change)
    _write(folder, "contraindications.yaml", data)
    assert any(said in problem.text for problem in lint(folder) if problem.severity == "error")


def test_an_id_that_is_there_twice_is_told(folder):
    data = copy.deepcopy(DATA["training.yaml"])
    data["training"].append(copy.deepcopy(data["training"][0]))
    _write(folder, "training.yaml", data)
    assert any("twice" in problem.text for problem in lint(folder))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_random_damage_gives_a_line_and_no_traceback(tmp_path_factory, name, data):
    folder = tmp_path_factory.mktemp("damaged")
    raw = bytearray((KNOWLEDGE / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        length = data.draw(st.integers(0, 40))
        raw[at : at + length] = data.draw(st.binary(max_size=20))
    (folder / name).write_bytes(raw)
    for problem in lint(folder):
        assert "\n" not in problem.text


def test_snomed_check_digits():
    assert is_snomed("64859006")
    assert not any(is_snomed(code) for code in ("64859007", "6485900", "", "abc", "64859006 ", "１２３４５６"))


def test_published_harms_and_training_keep_their_figures():
    soreness = adverse_events()["transient_soreness"]
    assert soreness.estimates[0].denominator
    assert all(figure.source.title for figure in training().values())
    assert any(figure.text_seen is False for figure in training().values())
