"""Every row of the clinical files does what its level says, computed again here from the raw YAML.

A small oracle, written from the design and not from the program: a level that a read source gives decides, one
that was inferred or recalled asks for a clinician's decision, a precaution is said, and a stronger technique is
never judged better than a gentler one. The files are read raw, without the program's own types.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from pathlib import Path
from typing import Any

import pytest
import yaml

import handrail.safety
from handrail import Case, Client, Credential, Finding, decide
from handrail.safety import icd10cm, is_valid

FOLDER = Path(handrail.safety.__file__).parent / "knowledge"
FILE = yaml.safe_load((FOLDER / "contraindications.yaml").read_text(encoding="utf-8"))
ROWS: dict[str, dict[str, Any]] = {row["id"]: row for row in FILE["contraindications"]}
PROCESS: dict[str, dict[str, Any]] = {row["id"]: row for row in FILE["process_conditions"]}
FLAGS: dict[str, dict[str, Any]] = {
    flag["id"]: flag
    for flag in yaml.safe_load((FOLDER / "red_flags.yaml").read_text(encoding="utf-8"))["red_flags"]
}

SPINE = ("cervical", "thoracic", "lumbar", "sacral")
REGIONS = {
    "soft_tissue": (*SPINE, "extremity"),
    "mobilization": (*SPINE, "extremity"),
    "thrust_spine": SPINE,
    "thrust_extremity": ("extremity",),
}
PARTS = {"head": "cervical", "chest": "thoracic", "abdomen": "lumbar", "pelvis": "sacral"}
NAMES = {
    "soft tissue work": "soft_tissue",
    "joint mobilization": "mobilization",
    "spinal thrust": "thrust_spine",
    "extremity thrust": "thrust_extremity",
}
GENTLE_FIRST = ["permitted", "conditional", "prohibited", "urgent"]
STEPS = ("history", "examination", "diagnosis", "contraindication_screen", "consent")
ALL = [(technique, region) for technique, regions in REGIONS.items() for region in regions]


def covers(row: dict[str, Any], region: str) -> bool:
    return row["regions"] == "all" or region in row["regions"]


def worst(verdicts: list[str]) -> str:
    return max(verdicts, key=GENTLE_FIRST.index, default="permitted")


def of_level(row: dict[str, Any], technique: str) -> str:
    level, basis = row["level"][technique], row["level_basis"][technique]
    read = row["text_seen"] and row["source"]["url"]
    if level == "precaution":
        return "permitted"
    return "prohibited" if level == "absolute" and basis == "source" and read else "conditional"


def of_row(row: dict[str, Any], technique: str, region: str, site: str | None = None) -> str:
    """What a row demands for a technique on a region, the finding being present at a site."""
    if not covers(row, region):
        return "permitted"
    if site is not None and row["scope"] == "at_site" and PARTS.get(site, site) != region:
        return "permitted"
    counted = [technique]
    if technique.startswith("thrust"):
        counted.append("mobilization")  # in the same region, always
    if row["scope"] == "general":
        counted.append("soft_tissue")
    return worst([of_level(row, named) for named in counted if named in row["level"]])


def of_flag(flag: dict[str, Any], region: str) -> str:
    by_action = {"emergency": "urgent", "urgent_referral": "prohibited"}
    if flag["action"] == "refer":
        return "conditional" if covers(flag, region) else "permitted"
    return by_action[flag["action"]]


def expected(id_: str, technique: str, region: str, site: str | None = None) -> str:
    parts = []
    if id_ in FLAGS:
        parts.append(of_flag(FLAGS[id_], region))
    row = ROWS.get(id_) or PROCESS.get(id_)
    if row:
        parts.append(of_row(row, technique, region, site))
    return worst(parts)


def decided(technique: str, region: str, *findings: Finding) -> Any:
    """A visit at which all is in order but for the findings: Alaska's law lets a chiropractor do all of it."""
    client = Client(findings=findings, steps=STEPS)
    return decide(Case("US-AK", technique, [Credential("chiropractor")], region, "2026-11-24", client))


def test_without_a_finding_everything_is_permitted():
    """Or the law, and not the finding, would decide below."""
    for technique, region in ALL:
        assert decided(technique, region).verdict == "permitted", (technique, region)


@pytest.mark.parametrize("id_", [*ROWS, *PROCESS, *(flag for flag in FLAGS if flag not in ROWS)])
def test_every_level_gives_the_verdict_that_it_stands_for(id_):
    for technique, region in ALL:
        decision = decided(technique, region, Finding(id_))
        assert decision.verdict == expected(id_, technique, region), (technique, region)
        mine = [reason for reason in decision.reasons if reason.rule == id_]
        assert mine, (technique, region)  # said even where it bars nothing
        assert worst([str(reason.verdict) for reason in mine]) == decision.verdict
        needs = {f"{kind}:{id_}" for kind in ("decision", "clearance")}
        assert {need.id for need in decision.needs} <= needs
        assert bool(decision.needs) == (decision.verdict == "conditional")


@pytest.mark.parametrize("id_", list(ROWS))
def test_every_level_at_every_site(id_):
    listed = (*SPINE, "extremity") if ROWS[id_]["regions"] == "all" else tuple(ROWS[id_]["regions"])
    sites = [s for s in (*SPINE, "extremity", *PARTS) if PARTS.get(s, s) in listed]
    for site in sites:
        for technique, region in ALL:
            decision = decided(technique, region, Finding(id_, site))
            assert decision.verdict == expected(id_, technique, region, site), (site, technique, region)


@pytest.mark.parametrize("id_", list(ROWS))
def test_a_code_that_may_mean_a_row_asks_and_never_refuses(id_):
    """A broad match: no worse than asking, and no question where the row itself bars nothing."""
    for technique, region in ALL:
        decision = decided(technique, region, Finding(id_, None, "broad"))
        exact = expected(id_, technique, region)
        assert decision.verdict == ("permitted" if exact == "permitted" else "conditional"), (technique, region)
        if exact != "permitted":
            assert [need.id for need in decision.needs] == [f"ask:{id_}"], (technique, region)


# Coverage: nothing in the lists is dead.


def moves(id_: str) -> bool:
    """Whether the finding changes the verdict of some case."""
    return any(decided(technique, region, Finding(id_)).verdict != "permitted" for technique, region in ALL)


@pytest.mark.parametrize("id_", [*ROWS, *PROCESS])
def test_every_contraindication_changes_a_verdict_or_as_a_precaution_the_reasons(id_):
    row = ROWS.get(id_) or PROCESS[id_]
    if set(row["level"].values()) != {"precaution"}:
        assert moves(id_)
        return
    if id_ not in FLAGS:
        assert not moves(id_)
    technique = row["applies_to"][0]
    region = next(region for region in REGIONS[technique] if covers(row, region))
    said = [reason for reason in decided(technique, region, Finding(id_)).reasons if reason.rule == id_]
    assert said
    assert any("Precaution" in reason.text and row["reason"] in reason.text for reason in said)


@pytest.mark.parametrize("id_", list(FLAGS))
def test_every_red_flag_changes_a_verdict_and_names_the_way_on(id_):
    flag = FLAGS[id_]
    assert moves(id_)
    region = SPINE[0] if flag["regions"] == "all" else flag["regions"][0]
    thrust = "thrust_extremity" if region == "extremity" else "thrust_spine"
    for technique in ("soft_tissue", thrust):
        decision = decided(technique, region, Finding(id_))
        (said,) = [r for r in decision.reasons if r.rule == id_ and r.text.startswith("Red flag")]
        word = {"emergency": "emergency services", "urgent_referral": "same day", "refer": "clearance"}
        assert word[flag["action"]] in said.text
        assert "our grading" in said.note  # the file's meta says so of every action


@pytest.mark.parametrize("id_", list(ROWS))
def test_a_level_that_was_not_published_is_never_said_to_be(id_):
    row = ROWS[id_]
    for technique, region in ALL:
        for match in ("exact", "broad"):
            for reason in decided(technique, region, Finding(id_, None, match)).reasons:
                graded = re.search(r"(\w+ contraindication|Precaution) for ([a-z ]+) \(([^)]*)\)", reason.text)
                if reason.rule != id_ or graded is None:
                    continue
                level, spoken_of, how = graded.groups()
                named = NAMES[spoken_of]
                assert level.split()[0].lower() == row["level"][named]
                basis = {
                    "source": "the source cited grades or names it so",
                    "inferred": "our cautious inference",
                    "recalled": "recalled",
                }
                assert basis[row["level_basis"][named]] in how, reason.text
                assert ("not the source's" in reason.text) == (named != technique), reason.text


@pytest.mark.parametrize("id_", list(ROWS))
def test_the_doubt_in_a_row_s_note_reaches_the_reader(id_):
    technique = ROWS[id_]["applies_to"][0]
    region = next(region for region in REGIONS[technique] if covers(ROWS[id_], region))
    reasons = [reason for reason in decided(technique, region, Finding(id_)).reasons if reason.rule == id_]
    if ROWS[id_].get("note"):
        assert any(ROWS[id_]["note"] in (reason.note or "") for reason in reasons)
    assert all(reason.source for reason in reasons)


# Codes


@pytest.fixture(scope="module")
def valid_codes() -> list[str]:
    icd = pytest.importorskip("simple_icd_10_cm")
    codes = [code for code in icd.get_all_codes(with_dots=False) if icd.is_category_or_subcategory(code)]
    return sorted(code for code in codes if icd.is_leaf(code))


def test_every_listed_prefix_matches_a_valid_code(valid_codes):
    """A billable code of the release that starts with the prefix, and that the program gives the row for."""
    for row in ROWS.values():
        for prefix in row["icd10cm"]:
            bare = prefix.replace(".", "")
            first = bisect_left(valid_codes, bare)
            under = []
            while first < len(valid_codes) and valid_codes[first].startswith(bare):
                under.append(valid_codes[first])
                first += 1
            assert under, (row["id"], prefix)
            matched = [code for code in under if row["id"] in {m.finding for m in icd10cm(code).matches}]
            assert matched, (row["id"], prefix)
            for code in set(under) - set(matched):  # only an old injury, or a fact, takes a code out
                assert code.endswith("S"), (row["id"], code)
            how = {m.match for code in matched for m in icd10cm(code).matches if m.finding == row["id"]}
            if row["icd10cm_match"] == "broad":
                assert how == {"broad"}, (row["id"], prefix)
            elif row["icd10cm_match"] == "exact":
                assert how == {"exact"}, (row["id"], prefix)


def test_a_row_of_codes_says_how_they_match():
    for row in ROWS.values():
        assert bool(row["icd10cm"]) == ("icd10cm_match" in row), row["id"]
        if row["icd10cm_match" if row["icd10cm"] else "id"] == "conditional":
            assert row["icd10cm_note"], row["id"]


def test_every_billable_code_is_read_without_an_error(valid_codes):
    for code in valid_codes:
        coded = icd10cm(code)
        assert coded.known or not coded.matches
    assert is_valid(valid_codes[0])
