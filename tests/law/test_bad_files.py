"""Broken law files: each kind gives one clear line that names the file and the place, and never half-loads."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from handrail.law import load, load_file
from handrail.law.load import FOLDER
from handrail.terms import InputError

GOOD = (FOLDER / "US-CT.yaml").read_text(encoding="utf-8")
RULE = "US-CT/massage_therapist/soft_tissue/1"
PT = "US-CT/physical_therapist/thrust_spine/1"


def edit(old: str, new: str, count: int = 1) -> str:
    assert old in GOOD, old
    return GOOD.replace(old, new, count)


def first_rule(field: str, value: str) -> str:
    """The file with a field of its first rule written otherwise."""
    start = GOOD.index(f"id: {RULE}")
    end = GOOD.index("- id:", start)
    body, hits = re.subn(rf"(?m)^(        {field}: ).*$", rf"\g<1>{value}", GOOD[start:end], count=1)
    assert hits == 1, field
    return GOOD[:start] + body + GOOD[end:]


def data() -> dict:
    return yaml.safe_load(GOOD)


def dumped(change) -> str:
    contents = data()
    change(contents)
    return yaml.safe_dump(contents, sort_keys=False, allow_unicode=True)


def pt_rule(contents: dict) -> dict:
    return next(r for r in contents["professions"]["physical_therapist"]["rules"] if r["id"] == PT)


def with_rule(**fields):
    return dumped(lambda contents: pt_rule(contents).update(fields))


def with_act(**fields):
    return dumped(lambda contents: contents["reserved_act"].update(fields))


def with_prerequisite(**fields):
    prerequisite = {
        "id": "US-CT/prerequisite/1",
        "binds": ["chiropractor"],
        "technique": "thrust_spine",
        "requires": [{"id": "consent", "kind": "step", "text": "consent"}],
        "citation": "x",
        "source": "x",
        "text_seen": True,
    } | fields
    return dumped(lambda contents: contents.update(prerequisites=[prerequisite]))


def condition(**fields):
    return [{"id": "a", "type": "text", "class": "narrowing", "text": "x"} | fields]


BOMB = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n"

#: name -> (the file's text or bytes, what the message must say)
BROKEN = {
    "empty": ("", "empty"),
    "only comments": ("# nothing\n", "empty"),
    "a list at the top": ("- a\n- b\n", "mapping"),
    "a word at the top": ("hello\n", "mapping"),
    "two documents": (GOOD + "\n---\na: 1\n", "YAML"),
    "tabs for indentation": ("jurisdiction:\n\tx: 1\n", "YAML"),
    "an unclosed quote": (edit("name: Connecticut", 'name: "Connecticut'), "YAML"),
    "an unclosed bracket": (edit("conditions: []", "conditions: ["), "YAML"),
    "an anchor": (edit("name: Connecticut", "name: &n Connecticut"), "anchor"),
    "an alias": ("a: &x 1\nb: *x\n", "anchor"),
    "a billion laughs": (BOMB, "anchor"),
    "a merge key": ("a: {<<: {b: 1}}\n", "key"),
    "a Python object": ("a: !!python/object/apply:os.system [ls]\n", "tag"),
    "a binary tag": ("a: !!binary aGVsbG8=\n", "tag"),
    "a tag on a mapping": ("a: !thing {b: 1}\n", "tag"),
    "a key twice": (edit("name: Connecticut", "name: Connecticut\nname: Connecticut"), "twice"),
    "a number as a key": (edit("terms:", "terms:\n  ? [a, b]\n  : x"), "key"),
    "nested too deep": ("a: " + "[" * 40 + "]" * 40, "deep"),
    "nested far too deep": ("[" * 20_000 + "]" * 20_000, ""),
    "ten megabytes": ("a: " + "x" * (10 << 20), "1 MiB"),
    "binary": (b"\x7fELF\x00\x00\x01", "binary"),
    "a NUL byte": (GOOD.replace("Connecticut", "Connec\x00ticut", 1), "binary"),
    "UTF-16": (GOOD.encode("utf-16"), "UTF-16"),
    "Latin-1": (GOOD.encode("utf-8").replace(b"\xc2\xa7", b"\xa7"), "UTF-8"),
    "a control character": (edit("name: Connecticut", "name: Connec\x07ticut"), "YAML"),
    "an impossible date": (edit("researched: 2026-11-22", "researched: 2026-02-30"), "does not exist"),
    "a date as text": (edit("researched: 2026-11-22", "researched: '22 Nov 2026'"), "researched"),
    "a time as a date": (edit("researched: 2026-11-22", "researched: 2026-11-22 10:00:00"), "YYYY-MM-DD"),
    "dates reversed": (
        with_rule(effective_from=date(2020, 1, 1), effective_to=date(2019, 1, 1)),
        "before it begins",
    ),
    "yes for true": (first_rule("text_seen", "yes"), "true, false"),
    "a float": (first_rule("text_seen", "1.5"), "1.5"),
    "a number for text": (first_rule("citation", "42"), "citation"),
    "text for a truth value": (first_rule("explicit", "'true'"), "explicit"),
    "text for a list": (first_rule("conditions", "none"), "conditions"),
    "empty text": (first_rule("citation", "''"), "citation"),
    "an unknown effect": (first_rule("effect", "permited"), "permitted"),
    "an unknown basis": (first_rule("basis", "statut"), "statute"),
    "an unknown technique": (first_rule("technique", "soft_tisue"), "technique"),
    "an unknown region": (first_rule("regions", "[cervicle]"), "cervical"),
    "a region as bare text": (first_rule("regions", "cervical"), "regions"),
    "no regions": (first_rule("regions", "[]"), "regions"),
    "a region the technique does not have": (with_rule(regions=["extremity"]), "no region extremity"),
    "an unknown profession": (edit("  massage_therapist:\n", "  masage_therapist:\n"), "massage_therapist"),
    "an unknown kind of regulation": (edit("regulated: licensed", "regulated: licenced"), "licensed"),
    "a misspelt field": (edit("        citation:", "        citaton:"), "citation"),
    "a field too many": (edit("name: Connecticut", "name: Connecticut\ncolour: blue"), "colour"),
    "a missing field": (edit("        basis: statute\n", ""), "basis"),
    "no professions": (dumped(lambda c: c.update(professions={})), "professions"),
    "professions as a list": (dumped(lambda c: c.update(professions=[])), "professions"),
    "a profession that is null": (dumped(lambda c: c["professions"].update(chiropractor=None)), "chiropractor"),
    "rules that are null": (dumped(lambda c: c["professions"]["chiropractor"].update(rules=None)), "rules"),
    "a rule that is text": (dumped(lambda c: c["professions"]["chiropractor"].update(rules=["x"])), "rules[0]"),
    "another format": (edit("format: 1", "format: 2"), "format"),
    "a malformed code": (edit("jurisdiction: US-CT", "jurisdiction: Connecticut"), "jurisdiction"),
    "an id twice": (with_rule(id=RULE), "twice"),
    "an id of another place": (
        with_rule(id="US-NY/physical_therapist/thrust_spine/1"),
        "US-CT/physical_therapist",
    ),
    "an id without a number": (with_rule(id="US-CT/physical_therapist/thrust_spine/one"), "number"),
    "a speaking rule without citation": (with_rule(citation=None), "citation"),
    "conditional without conditions": (with_rule(conditions=[]), "conditions"),
    "a condition without class": (with_rule(conditions=[{"id": "a", "type": "text", "text": "x"}]), "class"),
    "an unknown type of condition": (with_rule(conditions=condition(type="endorsment")), "endorsement"),
    "an unknown class of condition": (
        with_rule(conditions=condition(**{"class": "qualificaton"})),
        "qualification",
    ),
    "a condition id with capitals": (with_rule(conditions=condition(id="Referral")), "id"),
    "a condition id twice": (with_rule(conditions=condition() + condition()), "twice"),
    "a group without members": (with_rule(conditions=condition(type="any_of")), "member"),
    "members without a group": (with_rule(conditions=condition(of=condition(id="b"))), "group"),
    "no hours of training": (with_rule(conditions=condition(type="training", hours=0)), "hours"),
    "met_by that leads nowhere": (with_rule(conditions=condition(met_by=["b"])), "met_by"),
    "refers_to that leads nowhere": (
        with_rule(conditions=condition(type="reference", refers_to="x")),
        "refers_to",
    ),
    "a reference to nothing": (with_rule(conditions=condition(type="reference")), "refers_to"),
    "closed_to on another type": (with_rule(conditions=condition(closed_to=["provisional"])), "closed_to"),
    "a prerequisite with an unknown step": (
        with_prerequisite(requires=[{"id": "histry", "kind": "step", "text": "x"}]),
        "history",
    ),
    "a prerequisite that binds nobody": (with_prerequisite(binds=[]), "binds"),
    "a prerequisite that wants nothing": (with_prerequisite(requires=[]), "requires"),
    "a prerequisite with another id": (with_prerequisite(id="x"), "US-CT/prerequisite/"),
    "a prerequisite for an unknown profession": (with_prerequisite(binds=["chiropracter"]), "chiropractor"),
    "a reserved act for an unknown profession": (with_act(granted_to=["chiropracter"]), "chiropractor"),
    "a reserved act on a region that its techniques do not have": (
        with_act(techniques=["thrust_spine"], regions=["extremity"]),
        "extremity",
    ),
    "a reserved act that is text": (dumped(lambda c: c.update(reserved_act="x")), "reserved_act"),
    "a reserved act that ends before it begins": (
        with_act(effective_from=date(2020, 1, 1), effective_to=date(2019, 1, 1)),
        "before it begins",
    ),
    "a prerequisite with an unknown technique": (with_prerequisite(technique="thrust"), "technique"),
    "a prerequisite of an unknown kind": (
        with_prerequisite(requires=[{"id": "consent", "kind": "stp", "text": "x"}]),
        "step",
    ),
    "prerequisites that are null": (dumped(lambda c: c.update(prerequisites=None)), "prerequisites"),
    "a term without a citation": (dumped(lambda c: c["terms"].update(x={"technique": []})), "terms.x"),
    "a term that is text": (dumped(lambda c: c["terms"].update(x="y")), "terms.x"),
    "a citation of blanks": (first_rule("citation", '"  "'), "citation"),
    "text for a condition": (with_rule(conditions=["a referral"]), "conditions[0]"),
    "members as text": (with_rule(conditions=condition(type="any_of", of="x")), "of"),
    "an id with a line break": (with_rule(id=PT + "\n"), "number"),
    "an id with another digit": (with_rule(id=PT[:-1] + "²"), "number"),
    "a code with a line break": (edit("jurisdiction: US-CT", 'jurisdiction: "US-CT\\n"'), "jurisdiction"),
    "a field with a line break": (GOOD + '\n"a\\nb": 2\n', "not known"),
    "a number as a field": (GOOD + "\n1: 2\n", "not known"),
    "a profession that is a number": (edit("  massage_therapist:\n", "  1:\n"), "profession"),
    "an endless number": (edit("format: 1", "format: " + "9" * 5000), "digits"),
    "an endless word": (first_rule("effect", "x" * 5000), "effect"),
    "an endless field": (GOOD + "\n" + "y" * 900 + ": 2\n", "not known"),
    "a sexagesimal number": (edit("name: Connecticut", "name: 12:30"), "12:30"),
    "a truth value for a number": (edit("format: 1", "format: true"), "format"),
    "day and month swapped": (edit("researched: 2026-11-22", "researched: 2026-22-11"), "does not exist"),
    "the year 0": (edit("researched: 2026-11-22", "researched: 0000-01-01"), "does not exist"),
    "a lone surrogate": (edit("name: Connecticut", 'name: "\\ud800"'), "YAML"),
    "UTF-32": (GOOD.encode("utf-32"), "UTF-32"),
    "UTF-16 without its mark": (GOOD.encode("utf-16-le"), "binary"),
    "a YAML of the future": ("%YAML 2.0\n---\n" + GOOD, "YAML"),
    "an anchor before a tag": ("a: &x !!str b\n", "anchor"),
    "a set": ("a: !!set {b}\n", "tag"),
    "a reserved act without techniques": (with_act(techniques=[]), "techniques"),
}


@pytest.mark.parametrize(("contents", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_gives_one_clear_line(tmp_path, contents, says):
    path = tmp_path / "US-CT.yaml"
    path.write_bytes(contents if isinstance(contents, bytes) else contents.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError) as caught:
        load_file(path)
    message = str(caught.value)
    assert "US-CT.yaml" in message
    assert says in message
    assert "\n" not in message
    assert len(message) < 400
    assert load("US-CT").cell("massage_therapist", "soft_tissue")  # what was loaded stays as it was


def test_there_are_at_least_forty_kinds():
    assert len(BROKEN) >= 40


def test_a_folder_or_a_missing_file_is_said(tmp_path):
    for path in (tmp_path, tmp_path / "US-XX.yaml"):
        with pytest.raises(InputError) as caught:
            load_file(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "two\nlines.yaml"])
def test_an_impossible_name_is_said_in_one_line(tmp_path, name):
    with pytest.raises(InputError, match="cannot be read") as caught:
        load_file(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_an_error_names_the_rule_and_the_field(tmp_path):
    path = tmp_path / "US-CT.yaml"
    path.write_text(with_rule(explicit="maybe"), encoding="utf-8")
    with pytest.raises(InputError, match=rf"{PT}\.explicit"):
        load_file(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_random_damage_is_refused_or_harmless(data, tmp_path_factory):
    raw = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        kind = data.draw(st.sampled_from(["replace", "delete", "insert", "cut"]))
        if kind == "replace":
            raw[at] = data.draw(st.integers(0, 255))
        elif kind == "delete":
            del raw[at : at + data.draw(st.integers(1, 40))]
        elif kind == "insert":
            raw[at:at] = data.draw(st.binary(min_size=1, max_size=8))
        else:
            del raw[at:]
        if not raw:
            break
    path: Path = tmp_path_factory.mktemp("law") / "US-CT.yaml"
    path.write_bytes(bytes(raw))
    refused = None
    try:
        law = load_file(path)
    except InputError as error:
        refused = str(error)
    assert "\n" not in refused if refused is not None else msgspec.to_builtins(law.file)
