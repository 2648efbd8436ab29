"""Why a line cannot be judged, and what else there is to say of it."""

from __future__ import annotations

#: Why a line cannot be judged. Of several reasons the last in this list is given.
UNJUDGED: dict[str, str] = {
    "ambiguous_profession": "the provider can have one of several professions",
    "profession_not_in_law": "the provider's profession is none of those whose law Handrail holds",
    "unmapped_provider": "the provider's taxonomy or type is not in the map",
    "unknown_provider": "nothing says what the provider's profession is",
    "deactivated_npi": "only the register says the profession, and the NPI was deactivated on that day",
    "unknown_place": "the place is none that Handrail knows",
    "bad_day": "the day of service is no date, ends before it begins, or lies outside the plausible window",
    "no_day": "no day of service is given",
    "unmapped_procedure": "the procedure code is not in the map",
    "no_manual_technique": "the procedure implies no manual technique",
    "no_procedure": "no procedure is given",
    "not_a_charge": "the row is a payment or an adjustment, not a charge",
}
#: What else there is to say of a line, judged or not.
NOTES: dict[str, str] = {
    "likely": "the code covers several techniques; it is judged as the likely one",
    "bad_npi": "the NPI has not ten digits, or its check digit is wrong",
    "deactivated_npi": "the NPI was deactivated on that day",
    "profession_by_letters": "the letters after the provider's name chose the profession",
    "licensed_elsewhere": "the register names no licence of that place for the provider",
    "diagnoses_not_read": "diagnoses of another code system than ICD-10-CM are there, and judge nothing",
    "bad_amount": "the amount, or the number of units, is no number",
    "region_head": "a diagnosis names the head, no region of ours: not judged",
    "region_pelvic": "a diagnosis names the pelvis, no region of ours: not judged",
    "region_rib_cage": "a diagnosis names the rib cage, no region of ours: not judged",
    "region_abdomen_viscera": "a diagnosis names the abdomen, no region of ours: not judged",
}
REASON = {name: number for number, name in enumerate(UNJUDGED, 1)}
FLAG = {name: 1 << number for number, name in enumerate(NOTES)}
