"""Billing codes: what they stand for, that nothing of the source is lost, and users' own maps."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handrail.audit import codes
from handrail.terms import PROFESSIONS, REGIONS, TECHNIQUES, InputError
from handrail.terms.billing import (
    OTHER_PROFESSIONS,
    OTHER_REGIONS,
    billing_file,
    procedure,
    provider_type,
    region_of_diagnosis,
    shipped,
    taxonomy,
)

ALL_FOUR = "soft_tissue|mobilization|thrust_spine|thrust_extremity"


@pytest.mark.parametrize("code", ["97140", "98925", "98926", "98927", "98928", "98929", "S8990"])
def test_a_code_for_any_technique_never_says_a_thrust(code: str) -> None:
    found = procedure(code)
    assert found is not None
    assert found.technique == ALL_FOUR
    assert found.likely is None


@pytest.mark.parametrize(
    ("code", "technique", "region"),
    [
        ("97124", "soft_tissue", ""),
        ("97140", ALL_FOUR, ""),
        ("98940", "thrust_spine", "@dx"),
        ("98942", "thrust_spine", "@dx"),
        ("98943", "thrust_extremity", "extremity"),
        ("98927", ALL_FOUR, "@dx"),
        ("97112", None, ""),
    ],
)
def test_techniques_and_regions(code: str, technique: str | None, region: str) -> None:
    found = procedure(code)
    assert found is not None
    assert (found.technique, found.region) == (technique, region)


def test_traction_by_a_machine_is_no_manual_technique() -> None:
    found = procedure("S9090")
    assert found is not None
    assert found.technique is None


def test_codes_are_found_however_they_are_written() -> None:
    assert procedure(" s8990 ") == procedure("S8990")
    assert procedure("98941-AT") == procedure("98941")
    assert procedure("99213") is None


def test_regions_of_diagnoses() -> None:
    assert region_of_diagnosis("M99.03") == "lumbar"
    assert region_of_diagnosis("m9907") == "extremity"
    assert {region_of_diagnosis(f"M99.0{n}") for n in (0, 5, 8, 9)} == set(OTHER_REGIONS)
    assert region_of_diagnosis("M54.2") is None


def test_a_specialty_that_md_and_do_share_says_neither() -> None:
    assert provider_type("Physical Medicine and Rehabilitation") is None
    assert provider_type("Physical Therapist in Private Practice") == "physical_therapist"
    assert provider_type("OSTEOPATHIC MANIPULATIVE MEDICINE") == "osteopathic_physician"
    found = taxonomy("208100000x")
    assert found is not None
    assert found.may_be == ("osteopathic_physician",)


def test_letters_choose_only_among_what_is_open() -> None:
    both = ("physician", "osteopathic_physician")
    assert shipped().profession_by_letters("D.O.", both) == "osteopathic_physician"
    assert shipped().profession_by_letters("MD, FAAPMR", both) == "physician"
    assert shipped().profession_by_letters("MD, DO", both) is None
    assert shipped().profession_by_letters("D.O.", ("chiropractor", "physician")) is None


def test_the_shipped_map_is_sound() -> None:
    assert [problem for problem in codes.lint() if problem.severity == "error"] == []
    file = billing_file()
    for row in file.procedures:
        assert set(row.techniques) <= set(TECHNIQUES)
        assert row.source is not None
        assert set((row.region or "").split("|")) <= {"", "@dx", *REGIONS}
    for entry in (*file.nucc_taxonomy, *file.provider_types):
        assert {entry.profession, *entry.may_be} <= {*PROFESSIONS, *OTHER_PROFESSIONS}


def test_compare_finds_what_differs(tmp_path: Path) -> None:
    ours = msgspec.to_builtins(billing_file())
    ours["procedures"] = [dict(row) for row in ours["procedures"]]
    ours["procedures"][0]["note"] = "a note that only the dossier has"
    ours["traps"] = [*ours["traps"], "a trap more"]
    path = tmp_path / "codes.yaml"
    path.write_bytes(msgspec.json.encode(ours))  # JSON is YAML too
    found = codes.compare(tmp_path)
    assert [difference.where for difference in found] == [
        "procedures.97124.note",
        f"traps.{len(ours['traps']) - 1}",
    ]
    assert (found[0].product, found[1].product) == ("None", "(not there)")


MORE = """
procedures:
  - code: W0123
    description: our clinic's joint mobilization of the neck
    techniques: [mobilization]
    technique_certainty: certain
    regions: [cervical]
nucc_taxonomy:
  - {code: 225600000X, display: Dance Therapist, profession: other}
provider_types:
  - {name: Massage Clinic, profession: massage_therapist}
place_names:
  Sunshine State: US-FL
"""


def test_users_extend_every_map(tmp_path: Path) -> None:
    path = tmp_path / "more.yaml"
    path.write_text(MORE)
    found = codes.load(path)
    new = found.procedure("W0123")
    assert new is not None
    assert (new.technique, new.region) == ("mobilization", "cervical")
    assert found.professions_of_type("massage clinic") == ("massage_therapist",)
    assert found.place("sunshine state") == "US-FL"
    assert found.procedure("97124") == procedure("97124")


@pytest.mark.parametrize(
    ("old", "new", "where", "hint"),
    [
        ("[mobilization]", "[mobilisation]", "more.yaml: procedures[0] (W0123).techniques", "mobilization"),
        (": certain", ": sure", "more.yaml: procedures[0] (W0123).technique_certainty", ""),
        ("[cervical]", "[neck]", "more.yaml: procedures[0] (W0123).regions", ""),
        ("massage_therapist", "masseuse", "more.yaml: provider_types[0] (Massage Clinic).profession", ""),
        ("US-FL", "US-XX", "more.yaml: place_names.Sunshine State", ""),
        ("techniques:", "technics:", "more.yaml: procedures[0]", "techniques"),
        ("225600000X", "2256Y", "more.yaml: nucc_taxonomy[0] (2256Y).code", ""),
    ],
)
def test_errors_in_a_users_map_name_file_and_field(
    tmp_path: Path, old: str, new: str, where: str, hint: str
) -> None:
    path = tmp_path / "more.yaml"
    path.write_text(MORE.replace(old, new))
    with pytest.raises(InputError) as error:
        codes.load(path)
    assert error.value.where == where
    assert hint in str(error.value)


@given(st.text(max_size=12))
def test_no_text_is_too_odd_for_a_code(text: str) -> None:
    shipped().procedure(text)
    shipped().place(text)
    shipped().professions_of_type(text)
    shipped().profession_by_letters(text, ("physician", "osteopathic_physician"))
    assert region_of_diagnosis(text) in {None, *REGIONS, *OTHER_REGIONS}
