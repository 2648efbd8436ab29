"""What codes mean: ICD-10-CM by its own rules, SNOMED CT and medicines by their sources."""

from __future__ import annotations

from datetime import date

import pytest
import simple_icd_10_cm as icd10

from handrail.safety import (
    Facts,
    contraindications,
    description,
    icd10cm,
    icd_site,
    is_valid,
    look_up,
    medicine,
    snomed,
)
from handrail.safety.code_files import FACTS, medications_file, snomed_file
from handrail.terms import InputError


def _meant(coded):
    return {(match.finding, match.match) for match in coded.matches}


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("M81.0", {("osteoporosis", "exact")}),
        ("m810", {("osteoporosis", "exact")}),
        ("Z79.01", {("anticoagulant_therapy", "exact")}),
        ("Z79.52", {("long_term_corticosteroids", "exact")}),
        ("Q76.49", {("dens_anomaly", "broad"), ("cervical_anomaly", "broad")}),
    ],
)
def test_what_a_code_means(code, meant):
    assert meant <= _meant(icd10cm(code))


@pytest.mark.parametrize("character", "ABCDGKP")
def test_an_injury_in_care_or_healing_counts(character):
    assert ("acute_fracture", "exact") in _meant(icd10cm(f"S32.010{character}"))


def test_a_sequela_does_not_count_but_of_cord_and_vessel_it_does():
    assert icd10cm("S32.010S").matches == ()
    assert "acute_fracture" in icd10cm("S32.010S").excluded
    assert _meant(icd10cm("S14.101S"))
    assert _meant(icd10cm("S15.001S"))


def test_a_code_without_its_seventh_character_asks():
    assert ("acute_fracture", "broad") in _meant(icd10cm("S32.01"))


def test_a_date_settles_what_the_code_does_not_say():
    day = date(2026, 11, 1)
    assert ("acute_cerebrovascular_event", "exact") in _meant(icd10cm("I63.9", Facts(day, date(2026, 9, 1))))
    assert ("acute_cerebrovascular_event", "broad") in _meant(icd10cm("I63.9", Facts(day, date(2020, 9, 1))))
    assert ("acute_cerebrovascular_event", "broad") in _meant(icd10cm("I63.9"))


def test_a_broad_row_never_comes_out_exact_by_a_code():
    for row in contraindications().values():
        for code in row.icd10cm:
            for match in icd10cm(code).matches:
                if match.finding == row.id and row.icd10cm_match == "broad":
                    assert match.match == "broad", (row.id, code)


def test_every_conditional_row_says_on_what():
    assert {r.id for r in contraindications().values() if r.icd10cm_match == "conditional"} <= set(FACTS)


@pytest.mark.parametrize("code", ["", "81", "M8", "M81.0.1", "M81.01234", "XX", "é81", "M 81"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(InputError, match="has not the form"):
        icd10cm(code)


def test_an_unrecognised_code_is_said_to_be_one():
    assert icd10cm("L70.0").known is False
    assert snomed("12345678").known is False
    assert look_up("12345678")[0].known is False


def test_validity_and_description_come_from_the_library():
    assert is_valid("M81.0") is True
    assert is_valid("M81.99") is False
    assert "osteoporosis" in description("M81.0").casefold()
    with pytest.raises(InputError, match="no valid ICD-10-CM code"):
        description("M81.99")


# Words of a description that name a place, and the sites that they leave possible.
NAMED = {
    "cervical region": {"cervical", None},
    "occipito-atlanto-axial": {"cervical", None},
    "thoracic region": {"thoracic", None},
    "lumbar region": {"lumbar", None},
    "cervical vertebra": {"cervical", None},
    "thoracic vertebra": {"thoracic", None},
    "lumbar vertebra": {"lumbar", None},
    "of neck": {"cervical", "extremity", None},
    "femur": {"extremity", None},
    "tibia": {"extremity", None},
    "humerus": {"extremity", None},
    "ulna": {"extremity", None},
    "knee": {"extremity", None},
    "shoulder": {"extremity", None},
    "ankle": {"extremity", None},
    "skull": {"head", None},
}


def test_a_site_is_never_another_than_the_description_says():
    wrong = []
    for code in icd10.get_all_codes(with_dots=True):
        if "-" in code or len(code) < 3 or not code[0].isalpha() or code.startswith("Chapter"):
            continue
        try:
            site = icd_site(icd10cm(code).code)
        except InputError:
            continue
        if site is None:
            continue
        text = icd10.get_description(code).casefold()
        for words, allowed in NAMED.items():
            if words in text and site not in allowed:
                wrong.append((code, site, text))
    assert wrong == []


# SNOMED CT and medicines


@pytest.mark.parametrize(
    ("words", "finding"),
    [
        ("osteoporosis (disorder)", "osteoporosis"),
        ("pathological fracture due to osteoporosis", "osteoporosis_severe"),
        ("whiplash", "neck_trauma_recent"),
        ("cerebral infarction", "stroke_tia"),
        ("pregnan", "pregnancy"),
        ("malignant", "active_cancer"),
        ("rheumatoid arthritis", "acute_inflammatory_arthropathy"),
        ("spinal cord", "myelopathy"),
        ("fracture of", "acute_fracture"),
    ],
)
def test_what_problem_lists_use_is_in_the_map(words, finding):
    found = [
        code
        for group in snomed_file().groups
        for code, display in group.codes.items()
        if words in display.casefold() and any(match.finding == finding for match in snomed(code).matches)
    ]
    assert found, f"no SNOMED CT code for {words}"
    for code in found:
        assert snomed(code).source


def test_atrial_fibrillation_is_recognised():
    codes = [
        code
        for group in snomed_file().groups
        for code, display in group.codes.items()
        if "atrial fibrillation" in display.casefold()
    ]
    assert codes
    assert all(snomed(code).known for code in codes)


def test_every_group_and_medicine_names_where_it_was_seen():
    assert all(group.source in snomed_file().sources for group in snomed_file().groups)
    for held in medications_file().medicines:
        assert held.sources
        assert held.ingredients or held.products or held.names


@pytest.mark.parametrize(
    ("code", "words", "meant"),
    [
        ("11289", (), {("anticoagulant_therapy", "exact")}),
        (None, ("Eliquis 5 MG Oral Tablet",), {("anticoagulant_therapy", "exact")}),
        (None, ("aspirin 81 mg",), {("antiplatelet_therapy", "broad")}),
        (None, ("prednisone 5 mg tablet",), {("long_term_corticosteroids", "broad")}),
        (None, ("Hydrocortisone 1% cream",), set()),
    ],
)
def test_medicines(code, words, meant):
    found = medicine(code, *words)
    assert found is not None
    assert _meant(found) == meant


def test_a_medicine_that_is_not_in_the_files_is_not_guessed():
    assert medicine(None, "paracetamol 500 mg") is None
    assert medicine("999999999") is None
