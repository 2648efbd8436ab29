"""The shipped files: all load, all are clean, and nothing of the dossier was lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from handrail.law import jurisdictions, load, schema
from handrail.law.compare import compare
from handrail.law.lint import contradictions, lint, lint_file
from handrail.law.load import FOLDER, from_data
from handrail.terms import PLACES, InputError

DOSSIER = Path(__file__).parents[3] / "shared" / "law"


def test_there_are_64_and_the_places_know_each():
    assert len(jurisdictions()) == 64
    assert set(jurisdictions()) == set(PLACES)
    assert all(load(code).file.name == PLACES[code].name for code in jurisdictions())


def test_lint_is_clean():
    found = lint()
    assert [problem for problem in found if problem.severity == "error"] == []
    assert any("no address of the regulator" in problem.text for problem in found)
    assert any("without a read text" in problem.text for problem in found)


@pytest.mark.parametrize("place", jurisdictions())
def test_the_json_schema_holds_for_every_file(place):
    data = msgspec.json.decode(msgspec.json.encode(load(place).file))
    jsonschema.Draft202012Validator(schema()).validate(data)


def test_lint_finds_two_read_rules_that_contradict_each_other():
    data = msgspec.json.decode(msgspec.json.encode(load("US-FL").file))
    rules = data["professions"]["chiropractor"]["rules"]
    rules.append({**rules[0], "id": "US-FL/chiropractor/thrust_spine/2", "effect": "prohibited"})
    where, text = next(contradictions(from_data(data, "x")))
    assert where == "US-FL/chiropractor/thrust_spine/1"
    assert "1 says permitted, 2 says prohibited" in text


def test_a_rule_that_names_its_region_does_not_contradict_one_for_all():
    data = msgspec.json.decode(msgspec.json.encode(load("US-FL").file))
    rules = data["professions"]["chiropractor"]["rules"]
    special = {"id": "US-FL/chiropractor/thrust_spine/2", "effect": "prohibited", "regions": ["cervical"]}
    rules.append({**rules[0], **special})
    assert list(contradictions(from_data(data, "x"))) == []


def test_lint_names_a_file_that_is_called_otherwise(tmp_path):
    path = tmp_path / "US-GA.yaml"
    shutil.copy(FOLDER / "US-FL.yaml", path)
    assert "US-FL" in next(p.text for p in lint_file(path) if p.severity == "error")


@pytest.mark.skipif(not DOSSIER.is_dir(), reason="the research dossiers are not beside this checkout")
def test_nothing_of_the_dossier_was_lost():
    assert compare(DOSSIER) == []


def _as_dossier(place: str) -> dict:
    """A shipped file, written as the dossiers are."""
    data = msgspec.json.decode(msgspec.json.encode(load(place).file))
    del data["format"]
    for entry in data["professions"].values():
        for rule in entry["rules"]:
            del rule["id"]
            rule["conditions"] = []
    for prerequisite in data["prerequisites"]:
        prerequisite.update(profession=prerequisite.pop("binds")[0], requires=["x"])
        for key in ("id", "chapter", "exempt"):
            prerequisite.pop(key, None)
    data["reserved_act"].pop("granted_to_others", None)
    return data


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (
            lambda d: d["professions"]["chiropractor"]["rules"][0].update(note="another note"),
            "thrust_spine/1.note",
        ),
        (
            lambda d: d["professions"]["chiropractor"]["rules"][0].update(source="elsewhere"),
            "thrust_spine/1.source",
        ),
        (
            lambda d: d["professions"]["chiropractor"]["rules"][0].update(effective_from="2001-01-01"),
            "thrust_spine/1.effective_from",
        ),
        (
            lambda d: d["professions"]["chiropractor"]["rules"].append(
                dict(d["professions"]["chiropractor"]["rules"][0])
            ),
            "US-FL/chiropractor/thrust_spine/2",
        ),
        (lambda d: d["professions"]["chiropractor"].update(regulator="Nobody"), "chiropractor.regulator"),
        (
            lambda d: d["professions"].update(naprapath=dict(d["professions"]["chiropractor"])),
            "professions.naprapath",
        ),
        (
            lambda d: d["professions"]["chiropractor"]["rules"][0].update(conditions=["a referral"]),
            "thrust_spine/1.conditions",
        ),
        (lambda d: d["reserved_act"].update(summary="otherwise"), "reserved_act.summary"),
        (lambda d: d["terms"].update(crack=dict(next(iter(d["terms"].values())))), "terms.crack"),
        (lambda d: d.update(researched="2027-01-01"), "researched"),
        (lambda d: d["professions"]["chiropractor"]["rules"][0].update(penalty="x"), "thrust_spine/1.penalty"),
    ],
)
def test_compare_tells_what_a_later_dossier_says_otherwise(tmp_path, spoil, where):
    data = _as_dossier("US-FL")
    path = tmp_path / "US-FL.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert [d for d in compare(tmp_path) if d.jurisdiction == "US-FL"] == []
    spoil(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert any(where in d.where for d in compare(tmp_path) if d.jurisdiction == "US-FL")


def test_compare_refuses_a_folder_without_dossiers(tmp_path):
    with pytest.raises(InputError, match="no \\*\\.yaml files"):
        compare(tmp_path)
