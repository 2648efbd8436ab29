"""Everything that can be wrong with a record: one clear line with its place, or an answer; no traceback."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.intake.records import DAY, ME, bundle, concept, condition, patient, raw

from handrail.intake import read, screen
from handrail.terms import InputError

NAME = "Zoë O'Roe"
RECORD = bundle(
    patient(name=[{"family": NAME}]),
    condition("icd M81.0", "snomed 64859006", onsetDateTime="2020-01-01", recordedDate="2020-02-01T10:00:00Z"),
    condition(
        "icd S12.000A", clinical="resolved", abatementDateTime="2021", bodySite=[concept("snomed 122494005")]
    ),
    {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": ME,
        "medicationReference": {"reference": "#m"},
        "effectivePeriod": {"start": "2020-01-01"},
        "contained": [
            {
                "resourceType": "Medication",
                "id": "m",
                "ingredient": [
                    {"itemReference": {"reference": "#m"}},
                    {
                        "itemCodeableConcept": {
                            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm"}]
                        }
                    },
                ],
            }
        ],
    },
    {
        "resourceType": "Observation",
        "status": "final",
        "subject": ME,
        "code": concept("loinc 82810-3"),
        "effectiveDateTime": "2026-10-01",
        "valueCodeableConcept": concept("loinc LA15173-0"),
    },
    {
        "resourceType": "Procedure",
        "status": "completed",
        "subject": ME,
        "code": concept("snomed 52734007"),
        "performedPeriod": {"start": "2026-11-01", "end": "2026-11-02"},
    },
    {"resourceType": "Encounter", "id": "e"},
)
WHOLE = json.dumps(RECORD).encode()


def answer(data: bytes):
    name = "record.json"
    return screen(read(data, name), on=DAY, technique="thrust_spine", regions=("cervical",), where=name)


def _one(resource: str) -> bytes:
    return f'{{"resourceType":"Bundle","entry":[{{"resource":{resource}}}]}}'.encode()


CONDITION = '"resourceType":"Condition","subject":{"reference":"Patient/me"}'
BAD = {
    "empty": (b"", "is empty"),
    "blank": (b" \n ", "is empty"),
    "cut off": (WHOLE[:500], "is cut off: the JSON ends too early"),
    "cut off in the middle of a letter": ('{"a":"é'.encode()[:-1], "is not UTF-8"),
    "not JSON": (b"<Bundle xmlns='http://hl7.org/fhir'/>", "is not valid JSON"),
    "not UTF-8": (WHOLE.replace(b"Patient/me", b"Patient/\xe9"), "is not UTF-8 (byte"),
    "UTF-16": (WHOLE.decode().encode("utf-16"), "is UTF-16 or UTF-32"),
    "UTF-16 without a mark": (WHOLE.decode().encode("utf-16-le"), "is UTF-16 or UTF-32"),
    "UTF-32": (WHOLE.decode().encode("utf-32"), "is UTF-16 or UTF-32"),
    "a list": (b"[]", "expected an object, got a list"),
    "a number": (b"1", "expected an object"),
    "no resourceType": (b"{}", "has no resourceType"),
    "a mistyped resourceType": (_one('{"resourceType":"Conditon"}'), "Did you mean Condition"),
    "a resource that says nothing": (b'{"resourceType":"Practitioner"}', "is a Practitioner alone"),
    "resourceType a number": (b'{"resourceType":1}', "resourceType: expected text"),
    "no subject": (_one('{"resourceType":"Condition"}'), "entry[0].resource: lacks subject"),
    "subject a text": (
        _one('{"resourceType":"Condition","subject":"me"}'),
        "entry[0].resource.subject: expected an object",
    ),
    "deep": (b'{"resourceType":"Bundle","x":' + b"[" * 100_000, "is nested too deep"),
    "deep in a resource": (
        _one(f'{{{CONDITION},"extension":{"[" * 100_000}{"]" * 100_000}}}'),
        "is nested too deep",
    ),
    "NaN": (_one(f'{{{CONDITION},"x":NaN}}'), "is not valid JSON"),
    "Infinity": (_one(f'{{{CONDITION},"x":-Infinity}}'), "is not valid JSON"),
    "a key twice": (_one(f'{{{CONDITION},"code":{{}},"code":{{}}}}'), "entry[0].resource: has a key twice"),
    "a key twice, deep": (_one(f'{{{CONDITION},"code":{{"coding":[],"coding":[]}}}}'), "has a key twice"),
    "a resource twice in an entry": (
        _one('{"resourceType":"Encounter"},"resource":{"resourceType":"Encounter"}'),
        "Bundle: has a key twice",
    ),
    "entry twice": (
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Encounter"}}],"entry":[]}',
        "Bundle: has a key twice",
    ),
    "a lone surrogate": (_one(f'{{{CONDITION},"id":"\\ud800","recordedDate":"2020-01-01"}}'), "is not valid JSON"),
    "an id that is none": (_one(f'{{{CONDITION},"id":"a b"}}'), "id: is no FHIR id"),
    "no such day": (_one(f'{{{CONDITION},"onsetDateTime":"2023-02-30"}}'), "onsetDateTime: is no FHIR date"),
    "no such month": (_one(f'{{{CONDITION},"recordedDate":"2023-13"}}'), "recordedDate: is no FHIR date"),
    "no such hour": (_one(f'{{{CONDITION},"onsetDateTime":"2023-01-01T25:00:00Z"}}'), "is no FHIR date"),
    "day zero": (_one(f'{{{CONDITION},"onsetDateTime":"2023-01-00"}}'), "is no FHIR date"),
    "year zero": (_one(f'{{{CONDITION},"onsetDateTime":"0000"}}'), "is no FHIR date"),
    "a date of other digits": (_one(f'{{{CONDITION},"onsetDateTime":"２０２３"}}'), "is no FHIR date"),
    "a birthday that is none": (
        _one('{"resourceType":"Patient","birthDate":"1/2/80"}'),
        "birthDate: is no FHIR date",
    ),
    "STU3": (_one(f'{{{CONDITION},"clinicalStatus":"active"}}'), "is FHIR DSTU2 or STU3"),
    "R5": (_one(f'{{{CONDITION},"participant":[]}}'), "is FHIR R5"),
    "R5 by its medication": (
        _one('{"resourceType":"MedicationRequest","subject":{},"medication":{"concept":{}}}'),
        "medication: is FHIR R5",
    ),
    "R5 by its version": (
        _one('{"resourceType":"CapabilityStatement","fhirVersion":"5.0.0"}'),
        "is FHIR version 5.0.0",
    ),
    "two patients": (raw(patient(), patient(id="you")), "has 2 Patients"),
}


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_with_its_place(data, says):
    with pytest.raises(InputError) as caught:
        answer(data)
    line = str(caught.value)
    assert says in line
    assert line.startswith("record.json")
    assert len(line.splitlines()) == 1
    assert len(line) < 400


GOOD = {
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "indented": json.dumps(RECORD, indent=4).encode(),
    "escaped slashes": WHOLE.replace(b"/", b"\\/"),
    "keys in another order": json.dumps(RECORD, sort_keys=True).encode(),
    "long numbers": WHOLE.replace(b'"id": "e"', b'"id": "e", "x": ' + b"9" * 5000),
    "long numbers in what is read": WHOLE.replace(b'"birthDate"', b'"x": 1e5, "y": 1.50, "birthDate"'),
    "HTML in a name": WHOLE.replace(b"O'Roe", b"<img src=x onerror=alert(1)>"),
    "null where there is nothing": WHOLE.replace(
        b'"resourceType": "Encounter"', b'"resourceType": "Encounter", "x": null'
    ),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_what_is_only_written_otherwise_is_read(data):
    assert answer(data) == answer(WHOLE)


def test_a_long_number_in_a_resource_that_is_read():
    data = WHOLE.replace(b'"birthDate"', b'"x": ' + b"9" * 6000 + b', "birthDate"')
    assert answer(data) == answer(WHOLE)


def test_errors_do_not_carry_the_record():
    lines = []
    for start in range(0, len(WHOLE), 7):
        for data in (WHOLE[:start], WHOLE[:start] + b'"\x00' + WHOLE[start + 2 :]):
            try:
                answer(data)
            except InputError as error:
                lines.append(str(error))
    assert len(lines) > 100
    for word in ("Zo", "Roe", "M81", "64859006", "1980", "2020-0"):
        assert not any(word in line for line in lines)


def _only_a_clear_line(data: bytes) -> None:
    try:
        answer(data)
    except InputError as error:
        line = str(error)
        assert len(line.splitlines()) == 1
        assert len(line) < 500
        assert "Traceback" not in line


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
@example(b"{" * 5000)
def test_any_bytes(data):
    _only_a_clear_line(data)


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_damaged_bytes(seed, times):
    chance = random.Random(seed)  # noqa: S311  (no secret)
    data = bytearray(WHOLE)
    for _time in range(times):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(40)]
            case 2:
                data[at:at] = data[chance.randrange(len(data)) :][: chance.randrange(60)]
            case _:
                data[at:at] = chance.choice(
                    [b'"', b"{", b"]", b",", b"null", b"\\ud800", b"1e999", b"NaN", b"\x00"]
                )
    _only_a_clear_line(bytes(data))


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["me", "2020"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(data, path=()):
    yield path
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        yield from _places(value, (*path, key))


PLACES = [path for path in _places(RECORD) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING | st.just(...)), min_size=1, max_size=3))
def test_damaged_structure(damage):
    data = json.loads(WHOLE)
    for path, value in damage:
        inner = data
        try:
            for key in path[:-1]:
                inner = inner[key]
            if value is ...:
                del inner[path[-1]]
            else:
                inner[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    _only_a_clear_line(json.dumps(data).encode("utf-8", "surrogatepass"))
