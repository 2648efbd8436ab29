"""What lint says: all errors of a file at once, contradictions by day and region, and notices that never fail."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handrail.law import load, load_file
from handrail.law.lint import contradictions, lint, lint_file, unsucceeded
from handrail.law.load import FOLDER, from_data
from handrail.terms import InputError

CELL = "US-CT/chiropractor/thrust_spine"


def plain(place="US-CT"):
    return msgspec.json.decode(msgspec.json.encode(load(place).file))


def rules_of(data, profession="chiropractor"):
    return data["professions"][profession]["rules"]


def two(data, first, second):
    """The law with two rules in one cell: copies of the first, with some fields otherwise."""
    rule = next(r for r in rules_of(data) if r["technique"] == "thrust_spine")
    others = [r for r in rules_of(data) if r["technique"] != "thrust_spine"]
    given = [{**rule, "id": f"{CELL}/{n}", **fields} for n, fields in enumerate((first, second), 1)]
    data["professions"]["chiropractor"]["rules"] = [*others, *given]
    return from_data(data, "US-CT.yaml")


class Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    """Writes what is shared twice, instead of an alias."""

    def ignore_aliases(self, data):
        return True


def written(tmp_path, data, name="US-CT.yaml"):
    path = tmp_path / name
    path.write_text(yaml.dump(data, Dumper=Plain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def errors(path):
    return [problem for problem in lint_file(path) if problem.severity == "error"]


def test_every_error_of_a_file_is_told_at_once(tmp_path):
    data = plain()
    first, second = rules_of(data, "massage_therapist")[:2]
    first["effect"], first["explicit"] = "permited", "maybe"
    del second["citation"]
    second["citaton"] = "x"
    data["professions"]["chiropractor"]["regulated"] = "licenced"
    data["terms"]["crack"] = {"technique": ["thrust"], "citation": "x"}
    data["colour"] = "blue"
    found = {problem.where: problem.text for problem in errors(written(tmp_path, data))}
    assert "permitted" in found[f"{first['id']}.effect"]
    assert f"{first['id']}.explicit" in found
    assert "licensed" in found["professions.chiropractor.regulated"]
    assert any(place.startswith("terms.crack.technique") for place in found)
    assert "colour" in found[""]
    texts = [problem.text for problem in errors(written(tmp_path, data)) if problem.where == second["id"]]
    assert len(texts) == 2  # the misspelt field, and the one that is now missing
    assert "Did you mean citation?" in texts[0]


def test_what_the_types_cannot_say_is_told_at_once_too(tmp_path):
    data = plain()
    rules_of(data)[0]["citation"] = None
    rules_of(data)[1]["id"] = "US-CT/chiropractor/mobilization/x"
    found = {problem.where: problem.text for problem in errors(written(tmp_path, data))}
    assert len(found) == 2
    assert "citation" in found[rules_of(data)[0]["id"]]
    assert "number" in found["US-CT/chiropractor/mobilization/x"]


@pytest.mark.parametrize("citation", ["''", '" "', '"\\t"'])
def test_a_blank_citation_is_none(tmp_path, citation):
    text = (FOLDER / "US-CT.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("        citation: "))
    path = tmp_path / "US-CT.yaml"
    path.write_text(text.replace(line, f"        citation: {citation}", 1), encoding="utf-8")
    assert errors(path)


def test_an_error_in_the_yaml_names_its_line(tmp_path):
    path = tmp_path / "US-CT.yaml"
    path.write_text("format: 1\nformat: 1\n", encoding="utf-8")
    assert [(problem.file, problem.where) for problem in errors(path)] == [("US-CT.yaml", "line 2")]


def test_a_missing_file_and_a_folder_are_errors_of_their_own(tmp_path):
    for path in (tmp_path, tmp_path / "US-CT.yaml"):
        (problem,) = lint([path])
        assert (problem.severity, problem.where) == ("error", "")


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        ({}, {}, False),
        ({}, {"effect": "prohibited"}, True),
        ({}, {"effect": "prohibited", "text_seen": False}, False),
        ({}, {"effect": "prohibited", "basis": "secondary"}, False),
        ({}, {"effect": "silent"}, False),
        ({}, {"effect": "prohibited", "regions": ["cervical"]}, False),
        ({"regions": ["cervical"]}, {"effect": "prohibited", "regions": ["lumbar"]}, False),
        ({"regions": ["cervical", "sacral"]}, {"effect": "prohibited", "regions": ["sacral"]}, True),
        (
            {"effective_to": "2020-12-31"},
            {"effect": "prohibited", "effective_from": "2021-01-01"},
            False,
        ),
        (
            {"effective_to": "2021-01-01"},
            {"effect": "prohibited", "effective_from": "2021-01-01"},
            True,
        ),
        ({"effective_to": "1850-01-01"}, {"effect": "prohibited", "effective_to": "1849-01-01"}, True),
        ({"effective_to": "9999-12-31"}, {"effect": "prohibited", "effective_from": "9999-12-31"}, True),
    ],
)
def test_contradictions(first, second, contradict):
    found = list(contradictions(two(plain(), first, second)))
    assert len(found) == contradict
    if contradict:
        assert found[0][0] == f"{CELL}/1"


def test_a_contradiction_fails_the_lint_and_loads(tmp_path):
    data = plain()
    two(data, {}, {"effect": "prohibited"})
    path = written(tmp_path, data)
    assert [problem.where for problem in errors(path)] == [f"{CELL}/1"]
    assert load_file(path)


@pytest.mark.parametrize(
    ("first", "second", "ended"),
    [
        ({"effective_to": "2020-12-31"}, {"effective_from": "2021-01-01"}, []),
        ({"effective_to": "2020-12-31"}, {"effective_from": "2021-01-02"}, ["1"]),
        ({"effective_to": "2020-12-31"}, {"effective_to": "2019-12-31"}, ["1"]),
        ({"effective_to": "2020-12-31"}, {"effective_from": "2021-01-01", "regions": ["lumbar"]}, ["1"]),
        ({"effective_to": "2020-12-31", "regions": ["lumbar"]}, {"effective_from": "2021-01-01"}, []),
        ({"effective_to": "9999-12-31"}, {"effective_to": date.max.isoformat()}, []),
    ],
)
def test_a_rule_without_a_successor(first, second, ended):
    file = two(plain(), first, second)
    assert [rule.id.rsplit("/", 1)[1] for _, rule in unsucceeded(file)] == ended


def test_the_notices(tmp_path):
    data = plain()
    rule = next(r for r in rules_of(data) if r["technique"] == "thrust_spine")
    rule.update(text_seen=False, effective_to="2020-12-31")
    data["professions"]["chiropractor"].update(regulated="unknown", regulator=None, regulator_url=None)
    found = lint_file(written(tmp_path, data))
    assert {problem.severity for problem in found} == {"notice"}
    places = {problem.where for problem in found}
    assert places >= {
        f"{rule['id']}.text_seen",
        f"{rule['id']}.effective_to",
        "professions.chiropractor.regulated",
        "professions.chiropractor.regulator_url",
    }


def test_who_is_not_regulated_needs_no_address(tmp_path):
    data = plain()
    data["professions"]["chiropractor"].update(regulated="none", regulator=None, regulator_url=None)
    places = {problem.where for problem in lint_file(written(tmp_path, data))}
    assert "professions.chiropractor.regulator_url" not in places


def test_errors_come_first():
    severities = [problem.severity for problem in lint([FOLDER / "US-FL.yaml", FOLDER / "no.yaml"])]
    assert severities == sorted(severities)
    assert severities[0] == "error"


WORDS = st.sampled_from(["citation", "id", "rules", "effect", "all", "x", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.dates() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)


def _places(data, path=()):
    yield path
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _places(value, (*path, key))


PLACES = [path for path in _places(plain()) if path]


@given(st.sampled_from(PLACES), VALUES)
def test_lint_finds_an_error_wherever_loading_does(tmp_path_factory, path, value):
    data = plain()
    part = data
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    file = written(tmp_path_factory.mktemp("law"), data)
    refused = None
    try:
        load_file(file)
    except InputError as error:
        refused = str(error)
    found = errors(file)
    assert all("\n" not in problem.text + problem.where for problem in found)
    if refused is None:
        assert all(problem.where == "jurisdiction" or "says" in problem.text for problem in found)
    else:
        assert found[0].text in refused
