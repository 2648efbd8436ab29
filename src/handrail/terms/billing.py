"""What billing codes say: procedures, provider taxonomies and types, and the region that a diagnosis names.

The maps are data, in ``billing.yaml``, with a source for each entry. Descriptions of CPT codes are our own words.
A code never says more than it does: one that covers several techniques gives them all as candidates, one that
counts regions leaves which they are to the diagnoses (``@dx``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal

import msgspec

from handrail.terms.places import find_place
from handrail.terms.vocabulary import PROFESSIONS, REGIONS, TECHNIQUES, read_yaml

#: Regions of billing that are none of ours. Claims that name them are judged without them, and that is said.
OTHER_REGIONS = ("head", "pelvic", "rib_cage", "abdomen_viscera")
#: Regions of billing that are a part of one of ours.
PARTS = {"lower_extremity": "extremity", "upper_extremity": "extremity"}
#: Professions that codes name and the law files do not have: known, and not judged.
OTHER_PROFESSIONS = ("podiatrist", "kinesiotherapist", "occupational_therapy_assistant", "other")
#: The regions of a line are read from its diagnoses.
FROM_DIAGNOSES = "@dx"

#: Lists of billing.yaml whose entries name a source.
NAMES_OF_LISTS = ("procedures", "nucc_taxonomy", "provider_types", "region_diagnoses")

_NO_TECHNIQUE = "no manual technique implied"
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an entry was found."""

    title: str
    url: str | None = None


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many regions a code stands for."""

    min: int
    max: int


class Taxonomy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A code of the NUCC Health Care Provider Taxonomy.

    Args:
        code: ten characters, the last of them X.
        display: its label.
        profession: the profession's id; one of OTHER_PROFESSIONS is known and not judged.
        may_be: further professions whose members use the code: then the code alone does not tell.
    """

    code: str
    display: str
    profession: str
    may_be: tuple[str, ...] = ()
    source: Source | None = None
    text_seen: bool = False
    note: str | None = None


class ProviderType(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A provider's type or specialty by name, such as Medicare's. ``also``: other spellings, and its code."""

    name: str
    profession: str
    also: tuple[str, ...] = ()
    may_be: tuple[str, ...] = ()
    source: Source | None = None
    text_seen: bool = False
    note: str | None = None


class CredentialText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Letters after a name. They choose among professions that a taxonomy or type leaves open, nothing else."""

    text: str
    profession: str
    note: str | None = None


class Procedure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A procedure code of CPT or HCPCS, or of the user's own.

    Args:
        code: as it is written on a claim.
        system: ``CPT``, ``HCPCS`` or another.
        description: our own words.
        techniques: every technique that it can stand for; none: it implies no manual technique.
        technique_certainty: ``certain``, ``likely X``, ``ambiguous`` or ``no manual technique implied``.
        regions: ``all``, or regions of billing.
        region_count: how many regions it stands for, where it gives a number and not which.
    """

    code: str
    description: str
    techniques: tuple[str, ...]
    technique_certainty: str
    regions: Literal["all"] | tuple[str, ...]
    system: str = "other"
    region_count: Count | None = None
    unit: str | None = None
    usual_billers: tuple[str, ...] = ()
    source: Source | None = None
    text_seen: bool = False
    also: tuple[Source, ...] = ()
    note: str | None = None

    @property
    def likely(self) -> str | None:
        """The technique that a line with this code is judged as, where others are possible too."""
        word, _, technique = self.technique_certainty.partition(" ")
        return technique if word == "likely" else None

    @property
    def technique(self) -> str | None:
        """The technique to judge, or candidates joined by ``|``; None if the code implies none."""
        return self.likely or "|".join(self.techniques) or None

    @property
    def region(self) -> str:
        """Regions joined by ``|``, ```` where none is named, ``@dx`` where the code only counts them."""
        if self.region_count:
            return FROM_DIAGNOSES
        named = () if self.regions == "all" else self.regions
        return "|".join(dict.fromkeys(PARTS.get(name, name) for name in named if name not in OTHER_REGIONS))


class RegionDiagnosis(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A diagnosis that names the region treated. The region may be one of OTHER_REGIONS."""

    code: str
    meaning: str
    region: str
    source: Source | None = None
    text_seen: bool = False


class BillingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``billing.yaml``, or a user's file that extends it. Everything may be left out."""

    meta: dict[str, Any] = {}
    nucc_taxonomy: tuple[Taxonomy, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    region_diagnoses: tuple[RegionDiagnosis, ...] = ()
    provider_types: tuple[ProviderType, ...] = ()
    credential_texts: tuple[CredentialText, ...] = ()
    place_names: dict[Annotated[str, msgspec.Meta(min_length=1)], str] = {}
    traps: tuple[str, ...] = ()

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong in it, as field and text."""
        for number, row in enumerate(self.procedures):
            yield from ((f"procedures[{number}] ({row.code}).{at}", text) for at, text in _procedure(row))
        for number, taxonomy in enumerate(self.nucc_taxonomy):
            where = f"nucc_taxonomy[{number}] ({taxonomy.code})"
            if not _TAXONOMY.fullmatch(taxonomy.code):
                yield f"{where}.code", "a taxonomy code has ten letters or digits, the last an X"
            yield from _professions(where, taxonomy.profession, taxonomy.may_be)
        for number, kind in enumerate(self.provider_types):
            yield from _professions(f"provider_types[{number}] ({kind.name})", kind.profession, kind.may_be)
        for number, letters in enumerate(self.credential_texts):
            yield from _professions(f"credential_texts[{number}] ({letters.text})", letters.profession, ())
        for number, diagnosis in enumerate(self.region_diagnoses):
            if diagnosis.region not in (*REGIONS, *OTHER_REGIONS):
                yield f"region_diagnoses[{number}] ({diagnosis.code}).region", f"{diagnosis.region!r} is no region"
        for name, place in self.place_names.items():
            try:
                find_place(place)
            except ValueError:
                yield f"place_names.{name}", f"{place!r} is not a jurisdiction that Handrail knows"
        for what, ids in self._ids().items():
            for name in {name for name in ids if ids.count(name) > 1}:
                yield what, f"{name} is there twice"

    def _ids(self) -> dict[str, list[str]]:
        return {
            "procedures": [row.code for row in self.procedures],
            "nucc_taxonomy": [row.code for row in self.nucc_taxonomy],
            "region_diagnoses": [plain_code(row.code) for row in self.region_diagnoses],
            "provider_types": [plain_name(n) for row in self.provider_types for n in (row.name, *row.also)],
        }


def _professions(where: str, profession: str, may_be: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for field, name in (("profession", profession), *(("may_be", name) for name in may_be)):
        if name not in PROFESSIONS and name not in OTHER_PROFESSIONS:
            yield f"{where}.{field}", f"{name!r} is not a known profession"


def _procedure(row: Procedure) -> Iterator[tuple[str, str]]:
    for name in row.techniques:
        if name not in TECHNIQUES:
            yield "techniques", f"{name!r} is not a known technique"
    wanted = {"certain": len(row.techniques) == 1, "ambiguous": len(row.techniques) > 1}
    wanted |= {_NO_TECHNIQUE: not row.techniques, f"likely {row.likely}": row.likely in row.techniques}
    if row.technique_certainty not in wanted:
        yield "technique_certainty", f"{row.technique_certainty!r} is none of: {', '.join(wanted)}, likely X"
    elif not wanted[row.technique_certainty]:
        yield "technique_certainty", f"{row.technique_certainty!r} does not fit its techniques"
    for name in () if row.regions == "all" else row.regions:
        if name not in (*REGIONS, *OTHER_REGIONS, *PARTS):
            yield "regions", f"{name!r} is no region of billing"
    if row.region_count and not 1 <= row.region_count.min <= row.region_count.max:
        yield "region_count", "min and max are no range"


def plain_code(code: str) -> str:
    """A diagnosis or procedure code in capitals, without dots and blanks around it."""
    return code.strip().upper().replace(".", "")


def plain_name(name: str) -> str:
    """A name as it is compared: small letters, ``&`` for ``and``, single blanks, no word of a prefix.

    >>> plain_name("Physician/Physical Medicine & Rehabilitation")
    'physical medicine and rehabilitation'
    """
    name = name.casefold().removeprefix("physician/").replace("&", " and ")
    return " ".join(name.split())


def plain_letters(text: str) -> list[str]:
    """The letters after a name, each of them: ``M.D., FACP`` gives MD and FACP.

    >>> plain_letters("M.D., Ph.D.")
    ['MD', 'PHD']
    """
    return [word for part in re.split(r"[,;/\s]+", text) if (word := part.replace(".", "").upper())]


class Codes(msgspec.Struct, frozen=True):
    """All maps, by code or name: the shipped ones, and what users add."""

    procedures: dict[str, Procedure]
    taxonomies: dict[str, Taxonomy]
    provider_types: dict[str, ProviderType]
    credentials: dict[str, str]
    regions: dict[str, str]
    places: dict[str, str]

    @staticmethod
    def of(file: BillingFile) -> Codes:
        """The maps of one file."""
        return Codes(
            {plain_code(row.code): row for row in file.procedures},
            {row.code: row for row in file.nucc_taxonomy},
            {plain_name(name): row for row in file.provider_types for name in (row.name, *row.also)},
            {row.text.replace(".", "").upper(): row.profession for row in file.credential_texts},
            {plain_code(row.code): row.region for row in file.region_diagnoses},
            {plain_name(name): find_place(place) for name, place in file.place_names.items()},
        )

    def extended(self, file: BillingFile) -> Codes:
        """These maps and a file's; where both have an entry, the file's."""
        more = Codes.of(file)
        return Codes(*({**getattr(self, name), **getattr(more, name)} for name in self.__struct_fields__))

    def procedure(self, code: str) -> Procedure | None:
        """A procedure by its code; a modifier written behind it (``98941-AT``) is no part of it."""
        found = self.procedures.get(plain_code(code))
        return found or self.procedures.get(re.split(r"[-:\s]", plain_code(code), maxsplit=1)[0])

    def professions_of_taxonomy(self, code: str) -> tuple[str, ...] | None:
        """The professions that a taxonomy code can mean; None if the map does not have it."""
        row = self.taxonomies.get(code.strip().upper())
        return (row.profession, *row.may_be) if row else None

    def professions_of_type(self, name: str) -> tuple[str, ...] | None:
        """The professions that a provider type can mean; None if the map does not have it."""
        row = self.provider_types.get(plain_name(name))
        return (row.profession, *row.may_be) if row else None

    def profession_by_letters(self, text: str, among: tuple[str, ...]) -> str | None:
        """The one of some professions that the letters after a name point to; None if none, or several."""
        found = {self.credentials.get(word) for word in plain_letters(text)} & set(among)
        return found.pop() if len(found) == 1 else None

    def place(self, given: str) -> str | None:
        """The jurisdiction of a place as it is written on a claim; None if it is not known."""
        found = self.places.get(plain_name(given))
        if found:
            return found
        try:
            return find_place(given)
        except ValueError:
            return None

    def region_of_diagnosis(self, code: str) -> str | None:
        """The region, perhaps one of OTHER_REGIONS, that a diagnosis names."""
        return self.regions.get(plain_code(code))


@cache
def billing_file() -> BillingFile:
    """The shipped ``billing.yaml``, typed."""
    return msgspec.convert(read_yaml("billing.yaml"), BillingFile)


@cache
def shipped() -> Codes:
    """The shipped maps."""
    return Codes.of(billing_file())


def procedure(code: str) -> Procedure | None:
    """A procedure of the shipped map.

    >>> found = procedure("98941")
    >>> found.technique, found.region
    ('thrust_spine', '@dx')
    """
    return shipped().procedure(code)


def taxonomy(code: str) -> Taxonomy | None:
    """A taxonomy code of the shipped map."""
    return shipped().taxonomies.get(code.strip().upper())


def provider_type(name: str) -> str | None:
    """The profession of a provider type, where it can be only one; None if it is not known or several can be.

    >>> provider_type("Chiropractic"), provider_type("Family Practice")
    ('chiropractor', None)
    """
    found = shipped().professions_of_type(name)
    return found[0] if found and len(found) == 1 else None


def region_of_diagnosis(code: str) -> str | None:
    """The region that a diagnosis names, or a part of the body that is no region of ours.

    >>> region_of_diagnosis("M99.01"), region_of_diagnosis("M9905"), region_of_diagnosis("M54.5")
    ('cervical', 'pelvic', None)
    """
    return shipped().region_of_diagnosis(code)
