"""Files, exports and folders: in order, one after the other, and a bad one does not stop the rest."""

from __future__ import annotations

import json
import os
import tracemalloc

import pytest
from tests.intake.records import DAY, condition, patient, raw

from handrail.intake.files import MIB, go_through, plan
from handrail.intake.stream import of_patient, screen_all
from handrail.terms import InputError


def about(id_: str, *codes: str) -> list[dict]:
    subject = {"subject": {"reference": f"Patient/{id_}"}}
    return [patient(id=id_), *(condition(code, id=f"{id_}-{n}") | subject for n, code in enumerate(codes))]


def lines(*resources: dict) -> str:
    return "".join(json.dumps(resource) + "\n" for resource in resources)


def screened(path, max_bytes: int = MIB, **kwargs):
    found = go_through(plan(str(path)), max_bytes=max_bytes)
    return list(screen_all(found, on=DAY, technique="thrust_spine", regions=("cervical",), **kwargs))


def results(path, **kwargs):
    return [
        (
            os.path.relpath(one.name, path),
            [str(f) for f in one.screening.client.findings] if one.screening else "bad",
        )
        for one in screened(path, **kwargs)
    ]


def test_a_folder_in_the_order_of_its_names(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/2.json", "c.json", "a.json", "b/1.JSON"):
        (tmp_path / name).write_bytes(raw(*about("me", "icd M81.0")))
    (tmp_path / "notes.txt").write_text("x")
    assert results(tmp_path) == [(name, ["osteoporosis"]) for name in ("a.json", "c.json", "b/1.JSON", "b/2.json")]
    assert results(tmp_path) == results(tmp_path)
    assert plan(str(tmp_path)).passed_over == 1


def test_a_bad_file_does_not_stop_the_rest(tmp_path):
    good = raw(*about("me", "icd M81.0"))
    (tmp_path / "1.json").write_bytes(good)
    (tmp_path / "2.json").write_bytes(good[:100])
    (tmp_path / "3.json").write_bytes(raw(*about("me"), *about("you")))
    (tmp_path / "4.json").write_bytes(b"")
    (tmp_path / "5.json").mkdir()
    (tmp_path / "6.json").write_bytes(good)
    os.mkfifo(tmp_path / "7.json")
    made = screened(tmp_path)
    assert [one.error is None for one in made] == [True, False, False, False, True, False]
    for one in made:
        if one.error:
            assert str(one.error).startswith(one.name)


def test_an_export_is_put_together_by_patient(tmp_path):
    one, two = about("p1", "icd M81.0"), about("p2", "icd I48.91", "icd H52.1")
    medication = {"resourceType": "Medication", "id": "w", "code": {"text": "warfarin"}}
    use = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": {"reference": "Patient/p2"},
        "medicationReference": {"reference": "Medication/w"},
    }
    (tmp_path / "Condition.ndjson").write_text(lines(two[2], one[1], two[1]))
    (tmp_path / "Patient.ndjson").write_text(lines(one[0], two[0]))
    (tmp_path / "Medication.ndjson").write_text("\n" + lines(medication, {"resourceType": "Claim"}, use))
    made = screened(tmp_path)
    assert [one.name for one in made] == [f"{tmp_path}#Patient/p2", f"{tmp_path}#Patient/p1"]
    assert [[str(f) for f in one.screening.client.findings] for one in made] == [
        ["anticoagulant_therapy"],
        ["osteoporosis"],
    ]
    assert all(one.screening.client.age == 46 for one in made)
    assert made[0].screening.unrecognised[0].path == "Condition.ndjson:1: Condition.code.coding[0]"
    assert [one.last for one in made] == [False, True]


def test_a_bad_line_is_named_and_everybody_else_is_warned(tmp_path):
    path = tmp_path / "all.ndjson"
    path.write_text(lines(*about("p1", "icd M81.0")) + '{"resourceType": "Condition"\n' + lines(*about("p2")))
    bad, one, two = screened(path)
    assert str(bad.error) == f"{path}:3: is cut off: the JSON ends too early"
    for each in (one, two):
        assert any("not everything may be here" in note for note in each.screening.notes)
    with pytest.raises(InputError, match="cut off"):
        of_patient(go_through(plan(str(path)), max_bytes=MIB), "p1", "x")


def test_a_line_that_is_about_nobody(tmp_path):
    path = tmp_path / "all.ndjson"
    path.write_text(lines(condition("icd M81.0") | {"subject": {"display": "Zoë"}}))
    (only,) = screened(path)
    assert str(only.error) == f"{path}:1: does not say which Patient it is about"


def test_bundles_a_line(tmp_path):
    path = tmp_path / "all.ndjson"
    path.write_bytes(raw(*about("me", "icd M81.0")) + b"\r\n" + raw(*about("me")) + b"\n")
    assert [(one.name, len(one.screening.evidence)) for one in screened(path)] == [
        (f"{path}:1", 1),
        (f"{path}:2", 0),
    ]


def test_one_patient_of_an_export(tmp_path):
    path = tmp_path / "all.ndjson"
    path.write_text(lines(*about("p1", "icd M81.0"), *about("p2")))
    document = of_patient(go_through(plan(str(path)), max_bytes=MIB), "Patient/p1", "x")
    assert len(document.items) == 2
    with pytest.raises(InputError, match="nothing about a Patient"):
        of_patient(go_through(plan(str(path)), max_bytes=MIB), "p", "x")


def test_too_large_is_said_before_it_is_read(tmp_path):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(200 * MIB)
    tracemalloc.start()
    (only,) = screened(path, max_bytes=64 * MIB)
    assert tracemalloc.get_traced_memory()[1] < MIB
    tracemalloc.stop()
    assert "is larger than 64 MiB (200 MiB)" in str(only.error)
    assert "--max-mib" in str(only.error)


def test_a_line_without_end_is_not_read_whole(tmp_path):
    path = tmp_path / "large.ndjson"
    with path.open("wb") as file:
        file.truncate(100 * MIB)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + lines(*about("p1", "icd M81.0")).encode())
    tracemalloc.start()
    bad, good = screened(path, max_bytes=MIB)
    assert tracemalloc.get_traced_memory()[1] < 10 * MIB
    tracemalloc.stop()
    assert str(bad.error).startswith(f"{path}:1: is larger than 1 MiB")
    assert len(good.screening.evidence) == 1


def test_an_export_that_holds_too_much(tmp_path):
    path = tmp_path / "all.ndjson"
    path.write_text("".join(lines(*about(f"p{n}", "icd M81.0")) for n in range(40)))
    made = screened(path, max_bytes=4000)
    assert len(made) == 1
    assert "of what a screening reads" in str(made[0].error)


@pytest.mark.parametrize("name", ["nothing", "a\x00b", "x" * 5000])
def test_no_such_file(tmp_path, name):
    with pytest.raises(InputError):
        plan(str(tmp_path / name))


def test_names_that_are_no_text(tmp_path):
    name = os.fsencode(tmp_path / "a") + b"\xff\x1b[31m" + b"x" * 180 + b".json"
    with open(name, "wb") as file:  # noqa: PTH123  (pathlib takes no bytes)
        file.write(raw(patient()))
    (only,) = screened(tmp_path)
    assert only.name == f"{tmp_path}/a??[31m{'x' * 180}.json"


def test_a_folder_with_nothing_in_it(tmp_path):
    with pytest.raises(InputError, match=r"has no \.json"):
        plan(str(tmp_path))


def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(raw(patient()))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    (only,) = screened(path)
    assert "cannot be read (Permission denied)" in str(only.error)
