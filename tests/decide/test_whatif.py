"""Bills: each kind of step does what it says, nothing on disk changes, and a broken bill gives one line."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from handrail import Case, Credential, Verdict, decide
from handrail.decide.survey import changes, coverage, events, whatif
from handrail.law import jurisdictions, load
from handrail.law.load import FOLDER
from handrail.law.patch import apply, read_patch
from handrail.terms import PROFESSIONS, TECHNIQUES, InputError

DAY = date(2026, 11, 24)
PLACE = "US-FL"
RULE = f"{PLACE}/chiropractor/thrust_spine/1"
NEW = {
    "technique": "thrust_spine",
    "effect": "permitted",
    "citation": "HB 1",
    "basis": "statute",
    "explicit": True,
    "summary": "may",
    "source": "x",
    "text_seen": True,
}
ENTRY = {"regulated": "licensed", "title": None, "regulator": None, "regulator_url": None, "practice_act": None}
WANTED = {
    "binds": "any",
    "technique": "thrust_spine",
    "citation": "HB 1",
    "source": "x",
    "text_seen": True,
    "requires": [{"id": "imaging", "kind": "step", "text": "imaging"}],
}


class Plain(yaml.SafeDumper):
    """Writes what is shared twice, instead of an alias."""

    def ignore_aliases(self, data):
        return True


def bill(folder, *steps, place=PLACE, **fields):
    path = folder / "bill.yaml"
    head = {"format": 1, "title": "a bill", "source": "made up", "jurisdiction": place}
    text = yaml.dump({**head, **fields, "changes": list(steps)}, Dumper=Plain)
    path.write_text(text, encoding="utf-8")
    return path


def disk():
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.yaml")}


def cells(found):
    return {(change.profession, change.technique) for change in found}


@pytest.mark.parametrize("place", jurisdictions())
def test_a_bill_that_changes_nothing_changes_nothing(tmp_path, place):
    assert whatif(bill(tmp_path, place=place), DAY) == []


def test_before_and_after_are_what_decide_says(tmp_path):
    path = bill(tmp_path, {"type": "set", "rule": RULE, "fields": {"effect": "prohibited"}})
    before = disk()
    found = whatif(path, DAY)
    assert disk() == before
    assert cells(found) == {("chiropractor", "thrust_spine")}
    patched = apply(read_patch(path))
    for change in found:
        case = Case(PLACE, change.technique, [Credential(change.profession)], region=change.region, on=change.on)
        now, then = decide(case), decide(case, law=patched)
        assert (change.before, change.before_leaning) == (now.verdict, now.leaning)
        assert (change.after, change.after_leaning) == (then.verdict, then.leaning)
        assert (change.before_rule, change.after_rule) == (RULE, RULE)


def test_a_region_is_told_only_where_it_differs_from_the_whole(tmp_path):
    rule = {**NEW, "effect": "prohibited", "regions": ["cervical"]}
    found = whatif(bill(tmp_path, {"type": "add", "profession": "chiropractor", "rule": rule}), DAY)
    told = {change.region: change.after for change in found}
    assert told == {None: Verdict.PROHIBITED}
    # Asked about the neck the answer is the same as without a region; the rest of the spine does not change.
    patched = apply(read_patch(tmp_path / "bill.yaml"))
    held = [Credential("chiropractor")]
    assert decide(Case(PLACE, "thrust_spine", held, region="lumbar"), law=patched).verdict is Verdict.PERMITTED


def test_a_rule_added_gets_the_next_number_of_its_cell(tmp_path):
    add = {"type": "add", "profession": "chiropractor", "rule": NEW}
    patched = apply(read_patch(bill(tmp_path, add, add)))
    ids = [rule.id for rule in patched.cell("chiropractor", "thrust_spine")]
    assert ids[-2:] == [f"{PLACE}/chiropractor/thrust_spine/{n}" for n in (len(ids) - 1, len(ids))]


def test_a_profession_added_gets_ids_for_its_rules(tmp_path):
    rules = [NEW, {**NEW, "technique": "mobilization"}, NEW | {"effect": "silent"}]
    step = {"type": "add_profession", "profession": "naprapath", "entry": {**ENTRY, "rules": rules}}
    more = {"type": "add", "profession": "naprapath", "rule": NEW}
    patched = apply(read_patch(bill(tmp_path, step, more)))
    assert [rule.id.split("/", 2)[2] for rule in patched.file.professions["naprapath"].rules] == [
        "thrust_spine/1",
        "mobilization/1",
        "thrust_spine/2",
        "thrust_spine/3",
    ]


def test_applying_a_bill_leaves_the_bill_alone(tmp_path):
    step = {"type": "add_profession", "profession": "naprapath", "entry": {**ENTRY, "rules": []}}
    more = {"type": "add", "profession": "naprapath", "rule": NEW}
    patch = read_patch(bill(tmp_path, step, more))
    first, second = apply(patch), apply(patch)
    assert first.digest == second.digest
    assert first.file == second.file


def test_prerequisites_are_numbered_on_and_can_be_ended(tmp_path):
    steps = [
        {"type": "add_prerequisite", "prerequisite": {**WANTED, "id": f"{PLACE}/prerequisite/7"}},
        {"type": "add_prerequisite", "prerequisite": WANTED},
        {"type": "end", "id": f"{PLACE}/prerequisite/7", "on": date(2027, 1, 1)},
    ]
    patched = apply(read_patch(bill(tmp_path, *steps)))
    seventh, eighth = patched.file.prerequisites[-2:]
    assert (seventh.id, seventh.effective_to) == (f"{PLACE}/prerequisite/7", date(2027, 1, 1))
    assert eighth.id == f"{PLACE}/prerequisite/8"
    on = [len(list(patched.prerequisites("chiropractor", "thrust_spine", date(2027, 1, n)))) for n in (1, 2)]
    assert on[0] == on[1] + 1


def test_without_its_reserved_act_nobody_is_kept_out_by_it(tmp_path):
    rows = coverage(DAY, ["unlicensed_person"], ["thrust_spine"])
    place = next(row.jurisdiction for row in rows if str(row.cells[0].rule).endswith("/reserved_act"))
    found = whatif(bill(tmp_path, {"type": "reserved_act", "act": None}, place=place), DAY)
    change = next(c for c in found if c.profession == "unlicensed_person" and c.technique == "thrust_spine")
    assert (change.before, change.before_rule) == (Verdict.PROHIBITED, f"{place}/reserved_act")
    assert (change.after, change.after_rule) == (Verdict.UNDETERMINED, None)


def test_the_needs_are_told_where_only_they_differ(tmp_path):
    place, rule = next(
        (place, rule)
        for place in jurisdictions()
        for _, rule in load(place).file.rules()
        if rule.effect == "conditional" and rule.read and rule.in_force(DAY) and rule.regions == "all"
    )
    condition = {"id": "one_thing_more", "type": "text", "class": "narrowing", "text": "one thing more"}
    step = {"type": "set", "rule": rule.id, "fields": {"conditions": [condition]}}
    found = whatif(bill(tmp_path, step, place=place), DAY)
    change = next(c for c in found if c.after_rule == rule.id)
    assert change.before is change.after is Verdict.CONDITIONAL
    assert "one_thing_more" in change.after_needs
    assert "one_thing_more" not in change.before_needs


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([{"type": "add_profession", "profession": "naprapath", "entry": {}}] * 2, "changes[0]: entry"),
        ([{"type": "add_profession", "profession": "naprapath", "entry": {"rules": None}}] * 2, "changes[0]"),
        ([{"type": "add_profession", "profession": "naprapath", "entry": {**ENTRY, "rules": ["x"]}}], "rules[0]"),
        (
            [{"type": "add_profession", "profession": "naprapath", "entry": {**ENTRY, "rules": [{"a": 1}]}}] * 2,
            "changes[0]: entry.rules[0]",
        ),
        ([{"type": "add_profession", "profession": "chiropractor", "entry": {}}], "already"),
        ([{"type": "add_profession", "profession": "naprapat", "entry": {**ENTRY, "rules": []}}], "naprapath"),
        ([{"type": "add", "profession": "chiropractor", "rule": {**NEW, "id": 5}}] * 2, "changes[0]: rule.id"),
        ([{"type": "add", "profession": "chiropractor", "rule": {**NEW, "id": f"{RULE}x"}}] * 2, "number"),
        ([{"type": "add", "profession": "chiropractor", "rule": {**NEW, "id": RULE}}], "twice"),
        ([{"type": "add", "profession": "chiropractor", "rule": {**NEW, "technique": ["x"]}}], "technique"),
        ([{"type": "add", "profession": "chiropractor", "rule": {**NEW, "citation": None}}], "citation"),
        ([{"type": "add_prerequisite", "prerequisite": {}}], "changes[0]: prerequisite"),
        ([{"type": "add_prerequisite", "prerequisite": {**WANTED, "id": [1]}}] * 2, "changes[0]: prerequisite.id"),
        ([{"type": "reserved_act", "act": {"citation": 1}}], "changes[0]: act.citation"),
        ([{"type": "set", "rule": RULE, "fields": {"effective_to": "1500-01-01", "note": 1}}], "note"),
        ([{"type": "set", "rule": RULE, "fields": {"regions": ["extremity"]}}], "no region extremity"),
        (
            [
                {"type": "set", "rule": RULE, "fields": {"effective_from": "2020-01-01"}},
                {"type": "end", "id": RULE, "on": date(2019, 1, 1)},
            ],
            "before it begins",
        ),
        ([{"type": "end", "id": "US-FL/chiropractor/thrust_spine/9", "on": date(2027, 1, 1)}], RULE),
        ([{"type": "end", "id": RULE, "on": "soon"}], "on"),
    ],
)
def test_a_broken_step_gives_one_line(tmp_path, steps, says):
    with pytest.raises(InputError) as caught:
        whatif(bill(tmp_path, *steps), DAY)
    assert says in str(caught.value)
    assert str(caught.value).startswith("bill.yaml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", ["US-ZZ", "Florida", "../US-FL", ""])
def test_an_unknown_place_names_the_bill(tmp_path, place):
    with pytest.raises(InputError, match=r"bill\.yaml: jurisdiction: "):
        whatif(bill(tmp_path, place=place), DAY)


def test_a_missing_bill_a_folder_and_another_format(tmp_path):
    for path in (tmp_path, tmp_path / "no.yaml", tmp_path / "a\0b"):
        with pytest.raises(InputError):
            whatif(path, DAY)
    with pytest.raises(InputError, match="format must be 1"):
        whatif(bill(tmp_path, format=2), DAY)


KEYS = st.sampled_from(
    ["type", "rule", "fields", "id", "on", "profession", "entry", "prerequisite", "act", "effect", "rules", "x"]
)
LEAVES = st.sampled_from(
    ["set", "end", "add", "add_profession", "add_prerequisite", "reserved_act", RULE, "chiropractor", "naprapath"]
)
JUNK = st.recursive(
    LEAVES | st.none() | st.integers(-1, 10**17) | st.dates() | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
KINDS = st.one_of(
    st.fixed_dictionaries({"type": st.just("set"), "rule": st.just(RULE), "fields": st.dictionaries(KEYS, JUNK)}),
    st.fixed_dictionaries({"type": st.just("add"), "profession": LEAVES, "rule": JUNK}),
    st.fixed_dictionaries({"type": st.just("add_profession"), "profession": LEAVES, "entry": JUNK}),
    st.fixed_dictionaries({"type": st.just("add_prerequisite"), "prerequisite": JUNK}),
    st.fixed_dictionaries({"type": st.just("reserved_act"), "act": JUNK}),
    st.fixed_dictionaries({"type": st.just("end"), "id": LEAVES, "on": st.dates()}),
)


@given(st.lists(KINDS | JUNK, max_size=3))
def test_any_bill_is_applied_or_refused_in_one_line(tmp_path_factory, steps):
    path = bill(tmp_path_factory.mktemp("bill"), *steps)
    refused = None
    try:
        apply(read_patch(path), path.name)
    except InputError as error:
        refused = str(error)
    assert refused is None or (refused.startswith("bill.yaml") and "\n" not in refused)


def _stands(place, profession, technique, region, day):
    decision = decide(Case(place, technique, [Credential(profession)], region=region, on=day))
    return decision.verdict, decision.leaning, frozenset(need.id for need in decision.needs)


DAYS = sorted(
    {
        day + timedelta(days=shift)
        for place in jurisdictions()
        for profession in load(place).file.professions
        for technique in TECHNIQUES
        for day in load(place).changes(profession, technique)
        for shift in (-1, 0)
    }
)


@settings(max_examples=40)
@given(st.sampled_from(jurisdictions()), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_looking_only_at_cells_that_change_misses_nothing(place, one, other):
    first, last = sorted((one, other))
    found = {(c.profession, c.technique) for c in changes(first, last) if c.jurisdiction == place}
    differing = {
        (profession, technique)
        for profession in PROFESSIONS
        for technique in TECHNIQUES
        for region in (None, *TECHNIQUES[technique].regions)
        if _stands(place, profession, technique, region, first)
        != _stands(place, profession, technique, region, last)
    }
    assert found == differing


@given(st.sampled_from(DAYS), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_events_of_two_spans_are_those_of_the_whole(one, two, three):
    first, middle, last = sorted((one, two, three))
    assert sorted(map(str, events(first, middle) + events(middle, last))) == sorted(map(str, events(first, last)))


def test_a_prerequisite_that_begins_or_ends_is_an_event_too():
    dated = [
        prerequisite
        for place in jurisdictions()
        for prerequisite in load(place).file.prerequisites
        if prerequisite.effective_from or prerequisite.effective_to
    ]
    assert dated
    told = {event.rule for event in events(date.min, date.max) if event.effect == "prerequisite"}
    assert told == {prerequisite.id for prerequisite in dated}


def test_who_may_and_instead_go_by_the_law_given(tmp_path):
    """In a bill that lets naprapaths thrust and chiropractors mobilize, both show."""
    naprapath = {"type": "add_profession", "profession": "naprapath", "entry": {**ENTRY, "rules": [NEW]}}
    more = {"type": "add", "profession": "chiropractor", "rule": {**NEW, "technique": "mobilization"}}
    patched = apply(read_patch(bill(tmp_path, naprapath, more)))
    case = Case(PLACE, "thrust_spine", [Credential("chiropractor")], on=DAY)
    now, then = decide(case), decide(case, law=patched)
    assert "naprapath" not in [who.profession for who in now.who_may]
    assert "naprapath" in [who.profession for who in then.who_may]
    assert "mobilization" not in [other.technique for other in now.instead]
    assert "mobilization" in [other.technique for other in then.instead]
