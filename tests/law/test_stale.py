"""Files that are old to the day, and rules that will end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handrail.law import jurisdictions, load
from handrail.law.stale import duration, stale
from handrail.terms import InputError


def files(older_than, today):
    return {item.jurisdiction for item in stale(older_than, today) if item.what == "file"}


def test_a_file_is_old_on_the_day_after_its_time_is_up():
    researched = load("US-FL").file.researched
    assert "US-FL" not in files(timedelta(days=30), researched + timedelta(days=30))
    assert "US-FL" in files(timedelta(days=30), researched + timedelta(days=31))


def test_what_will_end_and_what_has_ended():
    found = stale(timedelta(days=3650), date(2026, 11, 24))
    assert {item.text.split(" with")[0] for item in found} == {"ended", "will end"}
    for item in found:
        assert item.text.startswith("ended" if item.since < date(2026, 11, 24) else "will end")
        assert load(item.jurisdiction).rules_by_id[item.what].effective_to == item.since


def test_the_oldest_come_first():
    since = [item.since for item in stale(timedelta(0), date(2030, 1, 1))]
    assert since == sorted(since)


@pytest.mark.parametrize("today", [date.min, date.max])
def test_any_day_will_do(today):
    assert files(duration("99999y"), today) == set()
    assert files(timedelta(0), date.max) == set(jurisdictions())


@given(st.text(max_size=8) | st.from_regex(r"\A[0-9]{1,6}[dwmyDh]?\Z"))
def test_a_length_of_time_is_one_or_is_refused(text):
    refused = None
    try:
        length = duration(text)
    except InputError as error:
        refused = str(error)
    if refused is None:
        assert length >= timedelta(0)
    else:
        assert "Write 365d" in refused
