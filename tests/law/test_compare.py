"""A dossier is covered whole: whatever is lost or said otherwise is told, and a broken one gives one line."""

from __future__ import annotations

import msgspec
import pytest
import yaml

from handrail.law import jurisdictions, load
from handrail.law.compare import compare
from handrail.terms import InputError

PLACE = "US-VA"
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the fast one, if it is there


def as_dossier(place):
    """A shipped file, written as the dossiers are."""
    file = load(place).file
    data = msgspec.json.decode(msgspec.json.encode(file))
    del data["format"]
    for name, entry in data["professions"].items():
        for rule, typed in zip(entry["rules"], file.professions[name].rules, strict=True):
            del rule["id"]
            rule["conditions"] = [condition.text for condition in typed.conditions]
        if entry["regulated"] == "unknown":
            entry["regulated"] = None
    for item, typed in zip(data["prerequisites"], file.prerequisites, strict=True):
        binds = item.pop("binds")
        item["profession"] = {"any": "any", "licensees": "any_licensee"}.get(str(binds)) or binds[0]
        item["requires"] = [requirement.text for requirement in typed.requires]
        for key in ("id", "chapter", "exempt"):
            item.pop(key, None)
    if act := data["reserved_act"]:
        act["granted_to"] += act.pop("granted_to_others")
        act.pop("regions")
    for term in data["terms"].values():
        term["summary"] = term.pop("sense")
        if len(term["technique"]) == 1:
            term["technique"] = term["technique"][0]
    return data


def write(folder, data, place=PLACE):
    text = yaml.dump(data, Dumper=DUMPER, allow_unicode=True)
    (folder / f"{place}.yaml").write_text(text, encoding="utf-8")


def differences(folder, place=PLACE):
    return [found for found in compare(folder) if found.jurisdiction == place]


@pytest.mark.parametrize("place", jurisdictions())
def test_the_same_law_in_the_dossiers_words_does_not_differ(tmp_path, place):
    write(tmp_path, as_dossier(place), place)
    assert differences(tmp_path, place) == []


def test_the_dossiers_that_are_not_there_are_missing(tmp_path):
    write(tmp_path, as_dossier(PLACE))
    found = compare(tmp_path)
    assert {d.jurisdiction for d in found} == set(jurisdictions()) - {PLACE}
    assert {d.where for d in found} == {"file"}


def test_a_place_that_the_product_does_not_have(tmp_path):
    write(tmp_path, as_dossier(PLACE) | {"jurisdiction": "US-PR"}, "US-PR")
    assert [d.product for d in differences(tmp_path, "US-PR")] == ["is missing"]


def test_every_field_of_every_part_is_looked_at(tmp_path):
    """Each leaf of the dossier, said otherwise, is a difference, and so is each that is left out."""
    places = list(leaves(as_dossier(PLACE)))
    assert len(places) > 150
    for path, value in places:
        data = as_dossier(PLACE)
        part = data
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = ["said otherwise"] if isinstance(value, list) else "said otherwise"
        write(tmp_path, data)
        assert differences(tmp_path), path
        if value not in (None, [], False) and isinstance(part, dict):
            del part[path[-1]]
            write(tmp_path, data)
            assert differences(tmp_path), path


def leaves(data, path=()):
    if isinstance(data, dict | list) and data:
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, key))
    else:
        yield path, data


def with_prerequisite():
    return next(place for place in jurisdictions() if load(place).file.prerequisites)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["prerequisites"].pop(),
        lambda d: d["prerequisites"].append(d["prerequisites"][0]),
        lambda d: d["prerequisites"][0].update(profession="naprapath"),
        lambda d: d["prerequisites"][0]["requires"].append("one thing more"),
        lambda d: d["prerequisites"][0].update(penalty="a fine"),
        lambda d: d["prerequisites"][0].update(effective_from="1999-01-01"),
    ],
)
def test_prerequisites(tmp_path, spoil):
    place = with_prerequisite()
    data = as_dossier(place)
    spoil(data)
    write(tmp_path, data, place)
    assert differences(tmp_path, place)


def test_dates_may_be_text_or_dates(tmp_path):
    data = yaml.safe_load(yaml.safe_dump(as_dossier(PLACE)))
    data["researched"] = load(PLACE).file.researched
    write(tmp_path, data)
    assert differences(tmp_path) == []


def test_both_a_sense_and_a_summary_count(tmp_path):
    data = as_dossier(PLACE)
    term = next(iter(data["terms"].values()))
    term["sense"] = term["summary"]
    write(tmp_path, data)
    assert differences(tmp_path) == []
    term["summary"] = "otherwise"
    write(tmp_path, data)
    assert [d.dossier for d in differences(tmp_path)] == ["otherwise"]


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 15))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("- a\n", "mapping"),
        ("researched: 2026-02-30\n", "does not exist"),
        ("a: [\n", "YAML"),
        ("a: 1\na: 2\n", "twice"),
        ("? {a: 1}\n: 2\n", "key"),
        ("a: &a [*a]\n", ""),
        ("professions: [1]\n", "professions"),
        ("professions: {chiropractor: null}\n", "chiropractor"),
        ("professions: {chiropractor: {rules: x}}\n", "rules"),
        ("professions: {chiropractor: {rules: [x]}}\n", "rules[0]"),
        ("prerequisites: {a: 1}\n", "prerequisites"),
        ("reserved_act: [x]\n", "reserved_act"),
        ("terms: [x]\n", "terms"),
    ],
)
def test_a_broken_dossier_gives_one_line(tmp_path, text, says):
    (tmp_path / "US-FL.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        compare(tmp_path)
    assert says in str(caught.value)
    assert "US-FL.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_billion_laughs_are_not_expanded(tmp_path):
    (tmp_path / "US-FL.yaml").write_text(BOMB + "researched: *a14\n", encoding="utf-8")
    assert {"a14", "researched"} <= {d.where for d in differences(tmp_path, "US-FL")}


@pytest.mark.parametrize(
    "value", [None, 1, "x", [], [[]], [{"a": 1}], {}, {"a": 1}, True], ids=lambda value: repr(value)
)
@pytest.mark.parametrize(
    "path",
    [
        ("professions",),
        ("professions", "chiropractor"),
        ("professions", "chiropractor", "rules"),
        ("professions", "chiropractor", "rules", 0),
        ("professions", "chiropractor", "rules", 0, "technique"),
        ("professions", "chiropractor", "rules", 0, "conditions"),
        ("prerequisites",),
        ("reserved_act",),
        ("terms",),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_any_value_anywhere_is_told_or_refused(tmp_path, path, value):
    data = as_dossier("US-FL")
    part = data
    for key in path[:-1]:
        part = part[key]
    before, part[path[-1]] = part[path[-1]], value
    write(tmp_path, data, "US-FL")
    try:
        found = differences(tmp_path, "US-FL")
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert found or (value or None) == (before or None)
