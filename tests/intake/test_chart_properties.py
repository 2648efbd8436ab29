"""What stays true of FHIR records over random charts: order, refuted entries, dates of coarse precision."""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import date, timedelta

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from handrail import Case, Credential, decide
from handrail.intake import read, screen
from handrail.safety import contraindications_file
from handrail.safety.code_files import medications_file, snomed_file
from handrail.terms import TECHNIQUES, standing

LEAN = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
DAY = date(2026, 11, 24)
STEPS = ("history", "examination", "diagnosis", "contraindication_screen", "consent")
SUBJECT = {"reference": "Patient/p"}
ICD, SCT, LOINC = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct", "http://loinc.org"
LISTED = sorted({code for row in contraindications_file().contraindications for code in row.icd10cm})
SNOMED = sorted({c for group in snomed_file().groups if group.kind == "condition" for c in group.codes})
MEDICINES = sorted({name for held in medications_file().medicines for name in held.names})
SITES = sorted({code for codes in snomed_file().body_sites.sites.values() for code in codes})


def status(kind: str, code: str) -> dict:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/condition-{kind}", "code": code}]}


def concept(system: str, code: str) -> dict:
    return {"coding": [{"system": system, "code": code}]}


def written(day: date, precision: str) -> str:
    return f"{day:%Y}" if precision == "year" else f"{day:%Y-%m}" if precision == "month" else f"{day:%Y-%m-%d}"


dates = st.builds(
    written, st.dates(DAY - timedelta(900), DAY - timedelta(1)), st.sampled_from(["day", "day", "month", "year"])
)


@st.composite
def conditions(draw, clinical=("active", "recurrence", "relapse"), certain=("confirmed",)):
    code = draw(
        st.one_of(
            st.sampled_from(LISTED).map(lambda c: concept(ICD, c)),
            st.sampled_from(LISTED).map(lambda c: concept(ICD, f"{c.replace('.', '').ljust(6, 'X')[:6]}A")),
            st.sampled_from(SNOMED).map(lambda c: concept(SCT, c)),
        )
    )
    made = {
        "resourceType": "Condition",
        "subject": SUBJECT,
        "code": code,
        "clinicalStatus": status("clinical", draw(st.sampled_from(clinical))),
        "verificationStatus": status("ver-status", draw(st.sampled_from(certain))),
    }
    if draw(st.booleans()):
        made["onsetDateTime"] = draw(dates)
    if draw(st.booleans()):
        made["bodySite"] = [concept(SCT, draw(st.sampled_from(SITES)))]
    return made


taken = st.builds(
    lambda name, kind: {
        "resourceType": kind,
        "subject": SUBJECT,
        "status": "active",
        "medicationCodeableConcept": {"text": name},
        **({"intent": "order"} if kind == "MedicationRequest" else {}),
    },
    st.sampled_from([*MEDICINES, "examplomab"]),
    st.sampled_from(["MedicationStatement", "MedicationRequest"]),
)
operations = st.builds(
    lambda on, site: {
        "resourceType": "Procedure",
        "subject": SUBJECT,
        "status": "completed",
        "category": concept(SCT, "387713003"),
        "code": {"text": "operation"},
        "performedDateTime": on,
        "bodySite": [concept(SCT, site)],
    },
    dates,
    st.sampled_from(SITES),
)
pregnant = st.builds(
    lambda on: {
        "resourceType": "Observation",
        "status": "final",
        "subject": SUBJECT,
        "code": concept(LOINC, "82810-3"),
        "effectiveDateTime": f"{on:%Y-%m-%d}",
        "valueCodeableConcept": concept(LOINC, "LA15173-0"),
    },
    st.dates(DAY - timedelta(100), DAY),
)
counted = st.one_of(conditions(), conditions(), taken, operations, pregnant)
patients = st.one_of(
    st.just({"resourceType": "Patient", "id": "p"}),
    st.dates(date(1925, 1, 1), DAY - timedelta(1)).map(
        lambda born: {"resourceType": "Patient", "id": "p", "birthDate": f"{born:%Y-%m-%d}"}
    ),
)


@st.composite
def questions(draw):
    technique = draw(st.sampled_from(list(TECHNIQUES)))
    return technique, draw(st.sampled_from(TECHNIQUES[technique].regions))


def screened(resources, question):
    named = [{**resource, "id": resource.get("id", f"r{n}")} for n, resource in enumerate(resources)]
    return screened_as_named(named, question)


def screened_as_named(named, question):
    raw = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in named]}
    document = read(json.dumps(raw).encode(), "chart.json")
    return screen(document, on=DAY, technique=question[0], regions=(question[1],), steps=STEPS)


def decided(result, question):
    decision = decide(Case("US-AK", question[0], [Credential("chiropractor")], question[1], DAY, result.client))
    return decision.verdict, {need.id for need in decision.needs}, decision


def stands(result, question):
    decision = decided(result, question)[2]
    return standing(decision.verdict, decision.leaning)


@LEAN
@given(patients, st.lists(counted, max_size=3), counted, questions())
def test_one_more_resource_never_makes_it_better(patient, chart, more, question):
    before, after = screened([patient, *chart], question), screened([patient, *chart, more], question)
    event(f"{decided(before, question)[0]} -> {decided(after, question)[0]}")
    assert stands(after, question) >= stands(before, question)


@LEAN
@given(
    patients,
    st.lists(counted, max_size=3),
    st.one_of(
        conditions(certain=("refuted", "entered-in-error")),
        conditions().map(lambda c: {**c, "subject": {"reference": "Patient/somebody-else"}}),
        conditions().map(lambda c: {**c, "onsetDateTime": "2027-03"}),
        taken.map(lambda t: {**t, "status": "entered-in-error"}),
        operations.map(lambda o: {**o, "status": "not-done"}),
    ),
    questions(),
)
def test_what_does_not_count_changes_nothing_and_is_told(patient, chart, more, question):
    more = {**more, "id": "aside"}
    resources = [{**resource, "id": f"r{n}"} for n, resource in enumerate(chart)]
    before = screened_as_named([patient, *resources], question)
    after = screened_as_named([patient, *resources, more], question)
    assert decided(before, question)[:2] == decided(after, question)[:2]
    assert after.client.findings == before.client.findings
    if not any(meaning.resource.endswith("/aside") for meaning in after.unrecognised):
        assert any(aside.resource.endswith("/aside") for aside in after.set_aside)


@LEAN
@given(patients, conditions(), questions())
def test_what_is_over_is_never_worse_than_what_is_there_and_never_better_than_nothing(patient, made, question):
    made = {key: value for key, value in made.items() if key != "onsetDateTime"}
    over = {**made, "clinicalStatus": status("clinical", "resolved"), "abatementDateTime": "2021-05"}
    none, past, now = (screened([patient, *more], question) for more in ([], [over], [made]))
    assert stands(none, question) <= stands(past, question) <= stands(now, question)
    assert decided(past, question)[0] in ("permitted", "conditional") or stands(past, question) == stands(
        none, question
    )


@LEAN
@given(patients, st.lists(counted, min_size=2, max_size=5), questions(), st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_matter(patient, chart, question, random):
    resources = [{**resource, "id": f"r{n}"} for n, resource in enumerate(chart)] + [patient]
    other = list(resources)
    random.shuffle(other)
    one, two = screened_as_named(resources, question), screened_as_named(other, question)
    assert decided(one, question)[:2] == decided(two, question)[:2]
    assert set(one.client.findings) == set(two.client.findings)
    assert set(one.client.unscreened) == set(two.client.unscreened)
    assert one.client.age == two.client.age


@LEAN
@given(
    st.dates(DAY - timedelta(300), DAY - timedelta(1)), st.sampled_from(["I63.9", "S13.4XXA", "S16.1XXA", "M81.0"])
)
def test_a_month_stands_for_all_its_days(day, code):
    """Surer than some of its days, or less worried than all of them, it never is."""
    question = ("thrust_spine", "cervical")

    def stood(onset):
        made = {
            "resourceType": "Condition",
            "subject": SUBJECT,
            "code": concept(ICD, code),
            "clinicalStatus": status("clinical", "active"),
            "onsetDateTime": onset,
        }
        return stands(screened([{"resourceType": "Patient", "id": "p"}, made], question), question)

    last = min(monthrange(day.year, day.month)[1], 31)
    days = [date(day.year, day.month, n) for n in range(1, last + 1)]
    parts = {stood(f"{d:%Y-%m-%d}") for d in days if d <= DAY}
    whole = stood(f"{day:%Y-%m}")
    assert min(parts) <= whole <= max(parts)
    if len(parts) == 1:
        assert {whole} == parts


@LEAN
@given(st.dates(date(2020, 1, 1), date(2028, 12, 31)), st.sampled_from(["day", "month", "year"]))
def test_a_condition_is_over_only_when_every_day_it_may_have_ended_on_is_past(end, precision):
    made = {
        "resourceType": "Condition",
        "subject": SUBJECT,
        "code": concept(ICD, "I82.401"),
        "clinicalStatus": status("clinical", "active" if end > DAY else "resolved"),
        "onsetDateTime": "2019",
        "abatementDateTime": written(end, precision),
    }
    question = ("thrust_spine", "lumbar")
    result = screened([{"resourceType": "Patient", "id": "p"}, made], question)
    last = {"day": end, "month": date(end.year, end.month, monthrange(end.year, end.month)[1])}.get(
        precision, date(end.year, 12, 31)
    )
    if last > DAY and made["clinicalStatus"] == status("clinical", "active"):
        assert result.client.findings
    if last < DAY:
        assert not result.client.findings
        assert result.set_aside
