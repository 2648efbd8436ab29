"""Many decisions at once: coverage, what changed between two days, what a bill would change."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from handrail import Case, Credential, Leaning, Verdict, decide
from handrail.decide.survey import changes, coverage, events, whatif
from handrail.law import load
from handrail.law.load import FOLDER
from handrail.law.patch import apply, read_patch
from handrail.terms import InputError

DAY = date(2026, 11, 24)
HEAD = "format: 1\ntitle: a bill\nsource: made up\njurisdiction: US-OR\n"
RULE = "US-OR/physical_therapist/thrust_spine/1"
EXAMPLE = re.search(
    r"```yaml\n(.*?)```", (Path(__file__).parents[2] / "docs" / "whatif.md").read_text(encoding="utf-8"), re.DOTALL
)


def bill(tmp_path, text, head=HEAD):
    path = tmp_path / "bill.yaml"
    path.write_text(head + text, encoding="utf-8")
    return path


def test_coverage_is_what_decide_says():
    rows = coverage(DAY, ["massage_therapist", "chiropractor"], ["thrust_spine", "soft_tissue"])
    assert len(rows) == 64
    for row in rows:
        for cell in row.cells:
            decision = decide(Case(row.jurisdiction, cell.technique, [Credential(cell.profession)], on=DAY))
            assert (cell.verdict, cell.leaning) == (decision.verdict, decision.leaning)


def test_british_columbias_change_is_an_event_and_a_difference():
    assert ("CA-BC/massage_therapist/thrust_spine/1", "has ended") in {
        (event.rule, event.what) for event in events(date(2026, 3, 31), date(2026, 4, 1))
    }
    found = changes(date(2026, 3, 31), date(2026, 4, 1))
    assert {change.jurisdiction for change in found} == {"CA-BC"}
    change = next(c for c in found if (c.profession, c.technique) == ("massage_therapist", "thrust_spine"))
    assert (change.before, change.after, change.after_leaning) == (
        Verdict.PROHIBITED,
        Verdict.UNDETERMINED,
        Leaning.NO,
    )


def test_nothing_differs_on_one_day():
    assert events(DAY, DAY) == []
    assert changes(DAY, DAY) == []


def test_the_bill_of_the_documents(tmp_path):
    assert EXAMPLE is not None
    before = (FOLDER / "US-OR.yaml").read_bytes()
    found = whatif(bill(tmp_path, EXAMPLE[1], head=""), DAY)
    assert {(c.profession, c.technique, c.before, c.after) for c in found} == {
        ("physical_therapist", "thrust_spine", Verdict.PERMITTED, Verdict.PROHIBITED)
    }
    assert (FOLDER / "US-OR.yaml").read_bytes() == before
    assert decide(Case("US-OR", "thrust_spine", [Credential("physical_therapist")])).verdict is Verdict.PERMITTED


def test_a_later_day_of_change_is_looked_at_too(tmp_path):
    path = bill(tmp_path, f"changes:\n- {{type: end, id: {RULE}, on: 2030-06-30}}\n")
    found = whatif(path, DAY)
    assert {change.on for change in found} == {date(2030, 7, 1)}


@pytest.mark.parametrize(
    ("steps", "differs"),
    [
        (f"- {{type: set, rule: {RULE}, fields: {{effect: silent}}}}", ("physical_therapist", "thrust_spine")),
        (
            "- type: add_prerequisite\n  prerequisite: {binds: any, technique: thrust_spine, citation: HB 1, "
            "source: x, text_seen: true, requires: [{id: imaging, kind: step, text: imaging}]}",
            None,  # a prerequisite binds a visit, not the profession
        ),
        (
            "- type: add_profession\n  profession: naprapath\n  entry: {regulated: licensed, title: null, "
            "regulator: null, regulator_url: null, practice_act: null, rules: [{"
            "id: US-OR/naprapath/thrust_spine/1, "
            "technique: thrust_spine, effect: permitted, regions: all, conditions: [], citation: HB 1, "
            "basis: statute, explicit: true, summary: yes it may, source: x, text_seen: true, "
            "effective_from: null, effective_to: null, note: null}]}",
            ("naprapath", "thrust_spine"),
        ),
        (
            "- type: reserved_act\n  act: {citation: HB 1, summary: closed, techniques: [thrust_spine], "
            "granted_to: [chiropractor], granted_to_complete: true, source: x, text_seen: true}",
            ("unlicensed_person", "thrust_spine"),
        ),
    ],
)
def test_each_kind_of_step(tmp_path, steps, differs):
    found = {
        (change.profession, change.technique) for change in whatif(bill(tmp_path, f"changes:\n{steps}\n"), DAY)
    }
    assert (differs in found) if differs else not found


def test_a_patched_law_has_a_knowledge_of_its_own(tmp_path):
    path = bill(tmp_path, f"changes:\n- {{type: set, rule: {RULE}, fields: {{effect: silent}}}}\n")
    case = Case("US-OR", "thrust_spine", [Credential("physical_therapist")], on=DAY)
    patched = apply(read_patch(path))
    assert decide(case, law=patched).knowledge != decide(case).knowledge
    assert patched.digest != load("US-OR").digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("changes:\n- {type: end, id: US-OR/physical_therapist/thrust_spine/9, on: 2030-01-01}", "thrust_spine/1"),
        ("changes:\n- {type: remove, id: x}", "type"),
        ("changes: 1", "changes"),
        ("", "changes"),
        (f"changes:\n- {{type: set, rule: {RULE}, fields: {{efect: silent}}}}", "effect"),
        (f"changes:\n- {{type: set, rule: {RULE}, fields: {{effect: silence}}}}", "silent"),
        (f"changes:\n- {{type: set, rule: {RULE}, fields: {{id: x}}}}", "for ever"),
        ("changes:\n- {type: add, profession: naprapath, rule: {}}", "add_profession"),
        ("changes:\n- {type: add, profession: chiropractor, rule: {technique: thrust_spine}}", "lacks the field"),
        ("colour: blue\nchanges: []", "colour"),
    ],
)
def test_a_broken_bill_gives_one_line(tmp_path, text, says):
    with pytest.raises(InputError) as caught:
        whatif(bill(tmp_path, text + "\n"), DAY)
    assert says in str(caught.value)
    assert "bill.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
