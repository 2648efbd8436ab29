"""Which code system a coding names, and what is said of one that is not read. No address is guessed."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from handrail.intake.fhir_model import Coding
from handrail.terms import did_you_mean

#: The code systems that are read, by address: those of FHIR's list of external code systems, and their OIDs.
SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "http://snomed.info/sct": "snomed",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
}
#: Addresses of other systems of that list. They are no slips of the pen.
OTHERS = {
    "http://hl7.org/fhir/sid/icd-10": "ICD-10 (not the Clinical Modification)",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://www.whocc.no/atc": "ATC",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "http://unitsofmeasure.org": "UCUM",
}
STATUS = "http://terminology.hl7.org/CodeSystem/"
LONGEST = 60


class Reading(NamedTuple):
    """A coding: the short name of its system (None: not read), its code, and why it is not read."""

    system: str | None
    code: str
    why: str


def shown(text: str | None) -> str:
    """Text of a record that may be shown: printable, on one line, short."""
    if text and len(text) <= LONGEST and text.isprintable():
        return text
    text = "".join(c if c.isprintable() else " " for c in (text or "")[: LONGEST + 20])
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@lru_cache(maxsize=4096)
def _not_read(address: str) -> str:
    if address in OTHERS:
        return f"{OTHERS[address]} is not read"
    known = [known for known in SYSTEMS if known.startswith("http")]
    from rapidfuzz import fuzz

    near = [known for known in known if fuzz.ratio(address.casefold(), known) >= 80]
    hint = f". {did_you_mean(address, near)}" if near else ""
    return f"a code system that is not read{hint}"


def reading(coding: Coding) -> Reading:
    """The short name of a coding's system and its code, or why it is not read.

    >>> reading(Coding("http://snomed.info/sct", "64859006")).system
    'snomed'
    >>> reading(Coding("http://snomed.info/stc", "64859006")).why
    'a code system that is not read. Did you mean http://snomed.info/sct?'
    """
    if not coding.code:
        return Reading(None, "", "has no code")
    if not coding.system:
        return Reading(None, coding.code, "names no code system")
    system = SYSTEMS.get(coding.system)
    if system is None:
        return Reading(None, coding.code, _not_read(coding.system))
    return Reading(system, coding.code, "")
