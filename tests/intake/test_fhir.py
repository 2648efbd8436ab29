"""What is read of FHIR R4, and what is passed over."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.intake.records import ME, bundle, concept, condition, patient, raw

from handrail.intake.dates import span
from handrail.intake.fhir import READ, read
from handrail.intake.strict import strict
from handrail.intake.twice import refuse_twice
from handrail.terms import InputError


def test_only_what_a_screening_needs_is_read():
    document = read(
        raw(patient(), condition("icd M81.0", id="c1"), {"resourceType": "Claim"}, {"resourceType": "Claim"}), "x"
    )
    assert [(item.kind, item.reference, item.path) for item in document.items] == [
        ("Patient", "Patient/me", "Bundle.entry[0].resource"),
        ("Condition", "Condition/c1", "Bundle.entry[1].resource"),
    ]
    assert document.not_read == {"Claim": 2}
    assert not hasattr(document.items[0].resource, "name")


def test_one_resource_by_itself():
    document = read(json.dumps(condition("icd M81.0")).encode(), "x")
    assert [item.path for item in document.items] == ["Condition"]


def test_the_type_may_stand_anywhere():
    last = {key: value for key, value in condition("icd M81.0").items() if key != "resourceType"}
    last["resourceType"] = "Condition"
    assert [item.kind for item in read(raw(last), "x").items] == ["Condition"]


def test_entries_without_a_resource_are_nothing():
    data = bundle(patient())
    data["entry"].append({"fullUrl": "urn:uuid:1", "response": {"status": "204"}})
    assert len(read(json.dumps(data).encode(), "x").items) == 1


def test_a_bundle_with_nothing_says_so():
    assert any("Nothing in it" in note for note in read(raw(), "x").notes)


def test_an_observation_of_pregnancy_is_read_and_no_other():
    def observation(code):
        return {"resourceType": "Observation", "subject": ME, "status": "final", "code": concept(f"loinc {code}")}

    document = read(raw(observation("82810-3"), observation("8302-2")), "x")
    assert [item.kind for item in document.items] == ["Observation"]
    assert document.not_read == {"Observation (not of pregnancy)": 1}


def test_large_records_are_not_held_several_times():
    note = {"resourceType": "DocumentReference", "content": ["é" + "x" * 1000] * 30_000}
    data = json.dumps(bundle(patient(), note), ensure_ascii=False).encode()
    tracemalloc.start()
    read(data, "x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(data) > 30_000_000
    assert peak < len(data) / 4


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2024-02-29T23:59:60.5+14:00", "2024-02-29", "2024-02-29"),
        ("2024-02-29T24:00:00Z", "2024-02-29", "2024-02-29"),
    ],
)
def test_dates(text, first, last):
    made = span(text, "x")
    assert (made.first.isoformat(), made.last.isoformat()) == (first, last)


@given(st.text(alphabet="0123456789-T:Z+. ", max_size=25))
def test_any_date_is_a_span_or_an_error(text):
    try:
        made = span(text, "x")
    except InputError:
        return
    else:
        assert made.first <= made.last
        assert text.startswith(f"{made.first.year:04}")


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN, st.sampled_from([None, 1]), st.booleans())
def test_no_key_twice_is_never_refused(data, indent, ascii_):
    refuse_twice(json.dumps(data, indent=indent, ensure_ascii=ascii_).encode(), "x", "y")


@given(PLAIN, PLAIN, st.text(alphabet='ab"\\é:', max_size=3), st.booleans())
def test_a_key_twice_is_always_refused(one, other, key, deep):
    name = json.dumps(key)
    text = f"{{{name}:{json.dumps(one)},{name}:{json.dumps(other)}}}"
    with pytest.raises(InputError, match="has a key twice"):
        refuse_twice((f'[1,{{"x":{text}}}]' if deep else text).encode(), "x", "y")


def test_every_type_that_is_read_can_be_validated():
    for kind in READ:
        with pytest.raises(InputError, match="is not valid R4B"):
            strict()(kind, b'{"resourceType": "%s", "id": 5, "nonsense": 1}' % kind.encode(), "x", "Bundle")


def test_strict_names_the_place_and_quotes_nothing():
    with pytest.raises(InputError) as caught:
        read(raw(patient(gender=["Zoë Roe"])), "x", strict())
    assert (
        str(caught.value) == "x: Bundle.entry[0].resource.gender: is not valid R4B: input should be a valid string"
    )
    with pytest.raises(InputError, match=r"Bundle.entry\[0\].resource.names") as caught:
        read(raw(patient(names="Zoë Roe")), "x", strict())
    assert "Roe" not in str(caught.value)


def test_strict_lets_what_is_valid_pass():
    everything = [
        patient(name=[{"family": "Roe"}]),
        condition("icd M81.0", onsetDateTime="2020", category=[concept("http://a.example/x y")]),
        {
            "resourceType": "Procedure",
            "status": "completed",
            "subject": ME,
            "performedPeriod": {"start": "2026-11-01", "end": "2026-11-02"},
        },
    ]
    assert len(read(raw(*everything), "x", strict()).items) == 3
