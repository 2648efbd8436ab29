"""The order of the gaps, and what each says."""

from __future__ import annotations

from handrail.law import load
from handrail.law.gaps import WANTED_PROFESSIONS, WANTED_TECHNIQUES, gaps


def test_the_order_is_technique_then_profession_then_what_is_missing():
    def rank(gap):
        others = len(WANTED_PROFESSIONS)
        profession = WANTED_PROFESSIONS.index(gap.profession) if gap.profession in WANTED_PROFESSIONS else others
        missing = ("unread", "unknown", "no rule").index(gap.missing)
        return WANTED_TECHNIQUES.index(gap.technique), profession, missing, gap.rule

    found = gaps(every=True)
    assert [rank(gap) for gap in found] == sorted(rank(gap) for gap in found)
    assert len(set(found)) == len(found)


def test_a_gap_says_where_it_was_looked_for():
    for gap in gaps():
        rule = load(gap.jurisdiction).rules_by_id[gap.rule]
        assert (gap.note, gap.citation) == (rule.note, rule.citation)
    assert sum(gap.note is not None for gap in gaps()) > 40


def test_what_has_no_rule_really_has_none():
    missing = [gap for gap in gaps(every=True) if gap.missing == "no rule"]
    assert missing
    assert not any(load(gap.jurisdiction).cell(gap.profession, gap.technique) for gap in missing)
