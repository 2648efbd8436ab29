"""Whatever single thing is changed in a log, the check finds it, and names the first bad entry."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handrail.clinic.chain import START, Anchor, Linked, canonical, link, verify


def made(count: int, salt: str = "") -> list[Linked]:
    entries, previous = [], START
    for seq in range(1, count + 1):
        body = {
            "seq": seq,
            "at": f"2026-01-01T00:00:{seq:02}Z",
            "kind": "decision",
            "user": f"u{salt}",
            "client": "c-1",
        }
        body["decision"] = {"verdict": "permitted"}
        text = canonical(body)
        repeated = {"at": body["at"], "user": body["user"], "client": "c-1", "verdict": "permitted"}
        entries.append(Linked(seq, text, previous, link(previous, text), repeated))
        previous = entries[-1].hash
    return entries


def head(entries: list[Linked]) -> Anchor:
    return Anchor(entries[-1].seq, entries[-1].hash) if entries else Anchor(0, START)


@given(st.integers(0, 12))
def test_a_whole_log_is_whole(count):
    entries = made(count)
    found = verify(entries, head(entries), [Anchor(e.seq, e.hash) for e in entries] + [Anchor(0, START)])
    assert found.good
    assert found.entries == count


@given(st.integers(1, 10), st.data())
def test_any_single_change_is_found_where_it_is(count, data):
    entries = made(count)
    at = data.draw(st.integers(0, count - 1))
    entry = entries[at]
    field = data.draw(st.sampled_from(["body", "previous", "hash", "seq", "repeated"]))
    if field == "repeated":
        name = data.draw(st.sampled_from(sorted(entry.repeated)))
        value = data.draw(st.one_of(st.none(), st.text(max_size=8)).filter(lambda v: v != entry.repeated[name]))
        changed = entry._replace(repeated={**entry.repeated, name: value})
    elif field == "seq":
        changed = entry._replace(seq=data.draw(st.integers(-3, 30).filter(lambda v: v != entry.seq)))
    else:
        text = getattr(entry, field)
        place = data.draw(st.integers(0, len(text) - 1))
        sign = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda c: c != text[place]))
        changed = entry._replace(**{field: text[:place] + sign + text[place + 1 :]})
    entries[at] = changed
    found = verify(entries, head(made(count)))
    assert not found.good
    # What was changed is named, or (a hash) the one after it that no longer follows; never an earlier one.
    assert found.bad == at + 1


@given(st.integers(1, 10), st.data())
def test_a_removed_entry_is_found(count, data):
    entries = made(count)
    at = data.draw(st.integers(0, count - 1))
    del entries[at]
    found = verify(entries, head(made(count)))
    assert not found.good
    assert found.bad == at + 1


@given(st.integers(2, 10), st.data())
def test_two_entries_that_changed_places_are_found(count, data):
    entries = made(count)
    one, other = sorted(data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)))
    # As they would be after their numbers were exchanged too: the order of numbers looks right.
    entries[one], entries[other] = (
        entries[other]._replace(seq=entries[one].seq),
        entries[one]._replace(seq=entries[other].seq),
    )
    found = verify(entries, head(made(count)))
    assert not found.good
    assert found.bad == one + 1


@given(st.integers(1, 10), st.data())
def test_a_log_made_anew_is_found_by_an_anchor_only(count, data):
    before, anew = made(count), made(count, salt="x")
    assert verify(anew, head(anew)).good  # nothing inside it tells
    seq = data.draw(st.integers(1, count))
    found = verify(anew, head(anew), [Anchor(seq, before[seq - 1].hash)])
    assert not found.good
    assert found.bad == seq


@given(st.integers(1, 10), st.data())
def test_a_log_cut_together_with_its_head_is_found_by_an_anchor(count, data):
    entries = made(count)
    kept = data.draw(st.integers(0, count - 1))
    cut = entries[:kept]
    assert verify(cut, head(cut)).good
    assert verify(cut, head(cut), [head(entries)]).bad == kept + 1
    assert verify(cut, head(entries)).bad == kept + 1
    assert verify(cut, None).bad == kept + 1


def test_a_body_that_says_the_same_in_other_words_is_not_taken():
    body = json.dumps({"seq": 1, "at": "x"}, indent=1)
    entry = Linked(1, body, START, link(START, body), {})
    assert verify([entry], head([entry])).why == "its text is not in the form in which entries are written"


@pytest.mark.parametrize("body", ["[]", "null", "{", '{"seq":2}', "1", '{"seq":1,"seq":1}'])
def test_a_body_that_is_none_is_not_taken(body):
    entry = Linked(1, body, START, link(START, body), {})
    assert verify([entry], head([entry])).bad == 1


def test_the_hash_can_be_made_by_hand():
    import subprocess

    body = canonical({"seq": 1, "name": "é"})
    by_hand = subprocess.run(
        ["sh", "-c", 'printf \'%s\\n%s\' "$0" "$1" | sha256sum', START, body], capture_output=True, check=True
    )
    assert by_hand.stdout.decode().split()[0] == link(START, body)
