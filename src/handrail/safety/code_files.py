"""The types of ``knowledge/snomed.yaml`` and ``knowledge/medications.yaml``, and what a code does not carry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec

from handrail.files import convert, parse, read_bytes
from handrail.safety.load import KNOWLEDGE, contraindications, contraindications_file
from handrail.safety.model import Source

Site = Literal["cervical", "thoracic", "lumbar", "sacral", "extremity", "head", "chest", "abdomen", "pelvis"]


class Meant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row that a code means."""

    id: str
    match: Literal["exact", "broad", "conditional"]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """SNOMED CT codes that mean the same rows. Without findings: recognised, and no row speaks of it."""

    id: str
    name: str
    findings: tuple[Meant, ...]
    source: str
    where: str
    kind: Literal["condition", "procedure"] = "condition"
    site: Site | None = None
    note: str | None = None
    codes: dict[str, str] = {}
    #: Codes of a value set that was taken whole, without their displays.
    code_list: tuple[str, ...] = ()


class BodySites(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body structures by the region they are."""

    source: str
    sites: dict[Site, dict[str, str]]


class ProcedureCategories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Codes of Procedure.category."""

    source: str
    surgical: dict[str, str]
    other: dict[str, str]


class PregnancyStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The LOINC code of a pregnancy status, and its answers in LOINC and SNOMED CT."""

    source: str
    loinc: str
    pregnant: tuple[str, ...]
    not_pregnant: tuple[str, ...]
    unknown: tuple[str, ...]


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Codes that stand for yes, no and don't know."""

    source: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    unknown: tuple[str, ...]


class SnomedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``snomed.yaml``."""

    meta: dict[str, Any]
    sources: dict[str, Source]
    groups: tuple[Group, ...]
    body_sites: BodySites
    procedure_categories: ProcedureCategories
    pregnancy_status: PregnancyStatus
    answers: Answers


class Medicine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A medicine: RxNorm codes of its ingredient and products, and its names."""

    id: str
    finding: str
    match: Literal["exact", "broad"]
    names: tuple[str, ...]
    sources: tuple[str, ...]
    ingredients: tuple[str, ...]
    products: tuple[str, ...]
    systemic_only: bool = False
    note: str | None = None


class MedicationsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``medications.yaml``."""

    meta: dict[str, Any]
    sources: dict[str, Source]
    local_forms: tuple[str, ...]
    medicines: tuple[Medicine, ...]


@cache
def snomed_file() -> SnomedFile:
    """The file of SNOMED CT codes; raises InputError, naming file and field, if it is broken."""
    return convert(parse(read_bytes(KNOWLEDGE / "snomed.yaml"), "snomed.yaml"), SnomedFile, "snomed.yaml")


@cache
def medications_file() -> MedicationsFile:
    """The file of medicines; raises InputError as ``snomed_file`` does."""
    name = "medications.yaml"
    return convert(parse(read_bytes(KNOWLEDGE / name), name), MedicationsFile, name)


class Fact(NamedTuple):
    """What a row needs that its codes do not carry, as the row's ``icd10cm_note`` says.

    ``character``: a 7th character A to R, or, in another code system, that the record calls it active.
    ``recent``: a date at most ``days`` ago (the row, or its neighbour, says how long); no ``days``: nobody says.
    ``flare``: that the record says it has come back. ``ask``: only the client or an examination can tell.
    """

    kind: Literal["character", "recent", "flare", "ask"]
    question: str
    days: int | None = None
    #: Whether an older date rules the row out; if not, it still has to be asked.
    older_is_no: bool = False


#: "Within about three months" in acute_cerebrovascular_event.
THREE_MONTHS = 92
#: "In the last six weeks" in the red flag neck_trauma_recent; "six weeks" in the note of recent_surgery.
SIX_WEEKS = 42

FACTS: dict[str, Fact] = {
    "acute_fracture": Fact("character", "whether the fracture has healed"),
    "acute_spinal_injury_any_region": Fact("character", "whether the injury has healed"),
    "disc_herniation_progressive_deficit": Fact("ask", "whether the neurological deficit is getting worse"),
    "acute_inflammatory_arthropathy": Fact("flare", "whether the disease is active now"),
    "healed_fracture_instability": Fact("ask", "whether there are signs of instability"),
    "stroke_tia": Fact("recent", "when it was", THREE_MONTHS),
    "acute_cerebrovascular_event": Fact("recent", "when it was, and whether it is stable", THREE_MONTHS),
    "thrombocytopenia_severe": Fact("ask", "how low the platelets are"),
    "radiculopathy_progressive": Fact("ask", "whether the neurological signs are getting worse"),
    "spondylolisthesis_unstable": Fact("ask", "whether the slip is changing"),
    "ligament_rupture": Fact("ask", "whether the ligament is torn or sprained"),
    "acute_soft_tissue_injury": Fact("recent", "when the injury was"),
    "acute_soft_tissue_injury_trunk_limb": Fact("recent", "when the injury was"),
    "infection_recent": Fact("recent", "when the infection was"),
    "kidney_infection_stone": Fact("ask", "whether it is acute"),
    "acute_medical_emergency": Fact("ask", "whether it is present now"),
    "intoxication": Fact("ask", "whether the client is intoxicated or sedated now"),
    "neck_trauma_recent": Fact("recent", "when the injury was", SIX_WEEKS, older_is_no=True),
}


def is_snomed(code: str) -> bool:
    """Whether a text has the form of a SNOMED CT identifier, its check digit (Verhoeff's) included.

    >>> is_snomed("64859006"), is_snomed("64859007")
    (True, False)
    """
    from stdnum import verhoeff  # only checks of the files pay for the import

    return code.isascii() and code.isdigit() and 6 <= len(code) <= 18 and bool(verhoeff.is_valid(code))


def problems() -> Iterator[tuple[str, str, str]]:
    """What is wrong in the two files, as file, place and text."""
    rows = contraindications()
    seen: dict[str, str] = {}
    snomed = snomed_file()
    named = [("", snomed.body_sites.source), *((group.id, group.source) for group in snomed.groups)]
    for place, source in named:
        if source not in snomed.sources:
            yield "snomed.yaml", place, f"{source} is not under sources"
    for group in snomed.groups:
        for meant in group.findings:
            if meant.id not in rows:
                yield "snomed.yaml", group.id, f"{meant.id} is no row of contraindications.yaml"
            elif meant.match == "conditional" and meant.id not in FACTS:
                yield "snomed.yaml", group.id, f"{meant.id} is conditional, and nothing says on what"
        for code in (*group.codes, *group.code_list):
            if not is_snomed(code):
                yield "snomed.yaml", group.id, f"{code} is no SNOMED CT code: its check digit is wrong"
            if seen.setdefault(code, group.id) != group.id:
                yield "snomed.yaml", group.id, f"{code} is also in {seen[code]}"
    codes: dict[str, str] = {}
    medicines = medications_file()
    for medicine in medicines.medicines:
        if medicine.finding not in rows:
            yield "medications.yaml", medicine.id, f"{medicine.finding} is no row of contraindications.yaml"
        for source in set(medicine.sources) - set(medicines.sources):
            yield "medications.yaml", medicine.id, f"{source} is not under sources"
        for code in (*medicine.ingredients, *medicine.products, *medicine.names):
            if codes.setdefault(code, medicine.id) != medicine.id:
                yield "medications.yaml", medicine.id, f"{code} is also in {codes[code]}"
    for row in contraindications_file().contraindications:
        if row.icd10cm_match == "conditional" and row.id not in FACTS:
            yield "contraindications.yaml", row.id, "is conditional, and nothing says on what"
