"""What is not known, and what has grown old."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handrail.law import Effect, jurisdictions, load
from handrail.law.gaps import WANTED_TECHNIQUES, gaps
from handrail.law.stale import duration, stale
from handrail.terms import InputError


def test_every_unread_or_unknown_rule_is_a_gap_and_no_other():
    wanted = {
        rule.id
        for place in jurisdictions()
        for _, rule in load(place).file.rules()
        if rule.effect is Effect.UNKNOWN or (rule.effect.speaks and not rule.read)
    }
    assert {gap.rule for gap in gaps()} == wanted


def test_the_most_wanted_gap_is_a_massage_therapists_spinal_thrust():
    found = gaps()
    assert (found[0].profession, found[0].technique, found[0].missing) == (
        "massage_therapist",
        "thrust_spine",
        "unread",
    )
    order = [WANTED_TECHNIQUES.index(gap.technique) for gap in found]
    assert order == sorted(order)


def test_every_lists_cells_without_any_rule_too():
    assert {gap.missing for gap in gaps(every=True)} == {"unread", "unknown", "no rule"}


@pytest.mark.parametrize(("given", "days"), [("365d", 365), ("12w", 84), ("6m", 180), ("1y", 365), ("0d", 0)])
def test_lengths_of_time(given, days):
    assert duration(given) == timedelta(days=days)


@pytest.mark.parametrize("given", ["", "365", "d", "-1d", "1 year", "1e9d"])
def test_what_is_no_length_of_time(given):
    with pytest.raises(InputError, match="365d"):
        duration(given)


def test_files_grow_stale():
    day = date(2026, 11, 24)
    assert not any(item.what == "file" for item in stale(timedelta(days=365), day))
    old = [item for item in stale(timedelta(days=365), date(2028, 1, 1)) if item.what == "file"]
    assert len(old) == 64


def test_a_rule_that_ended_without_a_successor_is_listed():
    assert "US-MS/chiropractor/thrust_spine/1" in {
        item.what for item in stale(timedelta(days=365), date(2026, 11, 24))
    }
