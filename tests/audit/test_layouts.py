"""Every known layout, from small files with the headers that their sources write."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from handrail.audit import layouts, open_claims
from handrail.audit.layouts import ROLES, find
from handrail.audit.plan import year_in
from handrail.terms import InputError

X12 = Path(__file__).parents[1] / "cases" / "audit" / "claims.837"
ALL_FOUR = "soft_tissue|mobilization|thrust_spine|thrust_extremity"

PUF = (
    "Rndrng_NPI,Rndrng_Prvdr_Last_Org_Name,Rndrng_Prvdr_First_Name,Rndrng_Prvdr_MI,Rndrng_Prvdr_Crdntls,"
    "Rndrng_Prvdr_Ent_Cd,Rndrng_Prvdr_St1,Rndrng_Prvdr_St2,Rndrng_Prvdr_City,Rndrng_Prvdr_State_Abrvtn,"
    "Rndrng_Prvdr_State_FIPS,Rndrng_Prvdr_Zip5,Rndrng_Prvdr_RUCA,Rndrng_Prvdr_RUCA_Desc,Rndrng_Prvdr_Cntry,"
    "Rndrng_Prvdr_Type,Rndrng_Prvdr_Mdcr_Prtcptg_Ind,HCPCS_Cd,HCPCS_Desc,HCPCS_Drug_Ind,Place_Of_Srvc,Tot_Benes,"
    "Tot_Srvcs,Tot_Bene_Day_Srvcs,Avg_Sbmtd_Chrg,Avg_Mdcr_Alowd_Amt,Avg_Mdcr_Pymt_Amt,Avg_Mdcr_Stdzd_Amt"
)


def puf(
    npi: str, letters: str, state: str, kind: str, code: str, services: str = "100", paid: str = "20.5"
) -> str:
    before = f"{npi},Doe,Jane,,{letters},I,1 Main St,,Town,{state},12,33101,1,Metropolitan,US"
    return f'{before},{kind},Y,{code},"What, was done",N,O,11,{services},{services},60,30,{paid},21'


def test_cms_public_use_file(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "MUP_PHY_R24_P05_V10_D22_Prov_Svc.csv"
    rows = [
        puf("1234567893", "D.C.", "FL", "Chiropractic", "98941"),
        puf("1234567893", "D.O.", "TX", "Family Practice", "98925"),
        puf("1234567893", "PT", "NY", "Physical Therapist in Private Practice", "97140"),
        puf("1234567893", "", "NY", "Family Practice", "97140"),
        puf("1234567893", "NP", "PR", "Nurse Practitioner", "97140"),
    ]
    path.write_text("\n".join([PUF, *rows]) + "\n")
    lines, troubles = read(path)
    assert troubles == []
    assert [line.get("profession") for line in lines] == [
        "chiropractor",
        "osteopathic_physician",
        "physical_therapist",
        None,
        None,
    ]
    assert [line.get("unjudged") for line in lines[3:]] == ["ambiguous_profession", "unknown_place"]
    assert lines[1]["notes"] == "profession_by_letters"
    assert (lines[0]["service_from"], lines[0]["service_to"]) == (date(2022, 1, 1), date(2022, 12, 31))
    assert (lines[0]["units"], lines[0]["amount"]) == (100, 2050)  # the file's amount is that of one service


def test_the_year_of_a_public_use_file_must_be_said(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "services.csv"
    path.write_text("\n".join([PUF, puf("1234567893", "D.C.", "FL", "Chiropractic", "98941")]) + "\n")
    with pytest.raises(InputError, match="--year"):
        _ = open_claims(path).plan
    lines, _ = read(path, year=2021)
    assert lines[0]["service_from"] == date(2021, 1, 1)


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("MUP_PHY_R24_P05_V10_D22_Prov_Svc.csv", 2022),
        ("MUP_PHY_R19_P04_V10_D13_Prov_Svc.csv", 2013),
        ("puf-2019.csv.gz", 2019),
        ("2019_2020.csv", None),
        ("file.csv", None),
    ],
)
def test_years_in_names(name: str, year: int | None) -> None:
    assert year_in(name) == year


def desynpuf_header() -> list[str]:
    numbered = [
        "PRF_PHYSN_NPI",
        "TAX_NUM",
        "HCPCS_CD",
        "LINE_NCH_PMT_AMT",
        "LINE_BENE_PTB_DDCTBL_AMT",
        "LINE_BENE_PRMRY_PYR_PD_AMT",
        "LINE_COINSRNC_AMT",
        "LINE_ALOWD_CHRG_AMT",
        "LINE_PRCSG_IND_CD",
        "LINE_ICD9_DGNS_CD",
    ]
    fixed = ["DESYNPUF_ID", "CLM_ID", "CLM_FROM_DT", "CLM_THRU_DT", *(f"ICD9_DGNS_CD_{n}" for n in range(1, 9))]
    return fixed + [f"{name}_{n}" for name in numbered for n in range(1, 14)]


def test_desynpuf_carrier_claims(tmp_path: Path, read: Any, register: Path) -> None:
    header = desynpuf_header()
    row = dict.fromkeys(header, "")
    row |= {"DESYNPUF_ID": "B1", "CLM_ID": "887213386947664", "CLM_FROM_DT": "20090103", "CLM_THRU_DT": "20090104"}
    row |= {"ICD9_DGNS_CD_1": "7242", "HCPCS_CD_1": "98941", "HCPCS_CD_3": "97140", "LINE_NCH_PMT_AMT_3": "30.00"}
    row |= {"PRF_PHYSN_NPI_1": CHIRO, "PRF_PHYSN_NPI_3": MASSAGE, "LINE_ICD9_DGNS_CD_3": "7231"}
    path = tmp_path / "DE1_0_2008_to_2010_Carrier_Claims_Sample_1A.csv"
    path.write_text(",".join(header) + "\n" + ",".join(row.values()) + "\n" + ",".join(row.values()) + "\n")
    lines, troubles = read(path, place="US-FL", providers=register)
    assert troubles == []
    assert [(line["row"], line["line"], line["procedure"]) for line in lines] == [
        (0, 1, "98941"),
        (0, 3, "97140"),
        (1, 1, "98941"),
        (1, 3, "97140"),
    ]
    assert [line["profession"] for line in lines[:2]] == ["chiropractor", "massage_therapist"]
    assert lines[0]["service_to"] == date(2009, 1, 4)
    assert lines[1]["amount"] == 30
    assert all("diagnoses_not_read" in line["notes"] for line in lines)  # they are ICD-9-CM
    assert not any(name.startswith("dx") for name in lines[0])


SYNTHEA = (
    "ID,CLAIMID,CHARGEID,PATIENTID,TYPE,AMOUNT,METHOD,FROMDATE,TODATE,PLACEOFSERVICE,PROCEDURECODE,MODIFIER1,"
    "MODIFIER2,DIAGNOSISREF1,DIAGNOSISREF2,DIAGNOSISREF3,DIAGNOSISREF4,UNITS,DEPARTMENTID,NOTES,UNITAMOUNT,"
    "TRANSFEROUTID,TRANSFERTYPE,PAYMENTS,ADJUSTMENTS,TRANSFERS,OUTSTANDING,APPOINTMENTID,LINENOTE,"
    "PATIENTINSURANCEID,FEESCHEDULEID,PROVIDERID,SUPERVISINGPROVIDERID"
)


def synthea(kind: str, code: str, amount: str = "120.5") -> str:
    start = f"t1,c1,1,p1,{kind},{amount},,2021-03-04T09:00:00Z,2021-03-04T09:30:00Z,org1,{code},,,1,,,,1,20,note"
    return f"{start},120.5,,,,,,,a1,,i1,1,doc1,doc1"


def test_synthea(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "claims_transactions.csv"
    path.write_text("\n".join([SYNTHEA, synthea("CHARGE", "97124"), synthea("PAYMENT", "97124", "")]) + "\n")
    with pytest.raises(InputError, match=r"needs (providers|organizations)\.csv beside it"):
        _ = open_claims(path).plan
    (tmp_path / "providers.csv").write_text(
        "Id,ORGANIZATION,NAME,GENDER,SPECIALITY\ndoc1,org1,Jo,F,CHIROPRACTIC\n"
    )
    (tmp_path / "organizations.csv").write_text("Id,NAME,ADDRESS,CITY,STATE\norg1,Clinic,1 St,Boston,MA\n")
    lines, troubles = read(path)
    assert troubles == []
    assert (lines[0]["jurisdiction"], lines[0]["profession"]) == ("US-MA", "chiropractor")
    assert (lines[0]["technique"], lines[0]["service_from"]) == ("soft_tissue", date(2021, 3, 4))
    assert lines[0]["notes"] == "diagnoses_not_read"  # they are SNOMED CT
    assert lines[1]["unjudged"] == "not_a_charge"


def test_x12_837p(read: Any) -> None:
    lines, troubles = read(X12)
    assert [str(trouble) for trouble in troubles] == []
    assert [(line["claim"], line["line"], line["procedure"]) for line in lines] == [
        ("CLAIM1", 1, "97140"),
        ("CLAIM1", 2, "97124"),
        ("CLAIM1", 3, "98941"),
        ("CLAIM2", 1, "98940"),
    ]
    first, second, third, fourth = lines
    assert first["profession"] == "massage_therapist"  # who rendered it, not who billed it
    assert (first["jurisdiction"], first["modifiers"], first["units"]) == ("US-FL", "59 GP", 2)
    # The diagnoses pointed at come first, the client's others follow, but no region of another line.
    assert [first["dx1"], first["dx2"], first["dx3"]] == ["M5450", "M9901", "M810"]
    assert [second["dx1"], second["dx2"]] == ["M810", "M5450"]
    assert "dx3" not in second
    assert (second["service_from"], second["service_to"]) == (date(2024, 1, 3), date(2024, 1, 4))
    assert third["profession"] == "chiropractor"  # the line's own rendering provider
    assert (fourth["profession"], fourth["jurisdiction"]) == (
        "chiropractor",
        "US-GA",
    )  # billing; where it was done
    assert "diagnoses_not_read" in fourth["notes"]  # ICD-9-CM


def claim(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Claim",
        "id": "claim-1",
        "billablePeriod": {"start": "2024-02-01", "end": "2024-02-02"},
        "provider": {"reference": "Organization/org1"},
        "facility": {"reference": "Location/loc1"},
        "careTeam": [
            {
                "sequence": 1,
                "provider": {"reference": "Practitioner/pr1"},
                "qualification": {
                    "coding": [{"system": "http://nucc.org/provider-taxonomy", "code": "225100000X"}]
                },
            }
        ],
        "diagnosis": [
            {
                "sequence": 1,
                "diagnosisCodeableConcept": {
                    "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50"}]
                },
            },
            {
                "sequence": 2,
                "diagnosisCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "64859006"}]},
            },
        ],
        "item": [
            {
                "sequence": 1,
                "careTeamSequence": [1],
                "diagnosisSequence": [1],
                "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "97140"}]},
                "modifier": [{"coding": [{"code": "59"}]}],
                "servicedDate": "2024-02-01",
                "quantity": {"value": 2},
                "net": {"value": 61.5, "currency": "USD"},
            }
        ],
        **more,
    }


def test_fhir_bulk_export(tmp_path: Path, read: Any) -> None:
    others = {
        "Practitioner.ndjson": {
            "resourceType": "Practitioner",
            "id": "pr1",
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
        },
        "Location.ndjson": {"resourceType": "Location", "id": "loc1", "address": {"state": "CA"}},
        "Patient.ndjson": {"resourceType": "Patient", "id": "x"},
    }
    for name, resource in others.items():
        (tmp_path / name).write_text(json.dumps(resource) + "\n")
    eob = claim(resourceType="ExplanationOfBenefit", id="eob-1", careTeam=[])
    eob["item"][0] |= {"locationAddress": {"state": "NV"}}
    eob["item"][0].pop("servicedDate")
    (tmp_path / "Claim.ndjson").write_text(json.dumps(claim()) + "\n{broken\n" + json.dumps(eob) + "\n")
    lines, troubles = read(tmp_path)
    assert len(lines) == 2
    first, second = lines
    assert (first["claim"], first["npi"], first["profession"]) == ("claim-1", "1234567893", "physical_therapist")
    assert (first["jurisdiction"], first["technique"], first["amount"]) == ("US-CA", ALL_FOUR, 61.5)
    assert (first["dx1"], first["modifiers"], first["units"]) == ("M54.50", "59", 2)
    assert first["notes"] == "diagnoses_not_read"  # the SNOMED CT one
    assert (second["jurisdiction"], second["row"]) == ("US-NV", 2)
    assert (second["service_from"], second["service_to"]) == (date(2024, 2, 1), date(2024, 2, 2))
    assert second["unjudged"] == "unknown_provider"
    told = [str(trouble) for trouble in troubles]
    assert "Claim.ndjson, row 2 (line 2): is no FHIR resource in JSON" in told
    assert any("Patient.ndjson: 1 resources are no claims (Patient): passed over" in text for text in told)


def test_columns_are_found_in_any_case(read: Any, plain: Callable[..., Path]) -> None:
    path = plain("FL,97124,111N00000X,2024-01-05", header="State,PROCEDURE,Taxonomy, service_from ")
    lines, _ = read(path)
    assert lines[0]["technique"] == "soft_tissue"


def test_other_columns_are_mapped_by_the_user(read: Any, plain: Callable[..., Path]) -> None:
    path = plain("FL,97124,Chiropractic,01/05/2024,M54.5,I10", header="ST,CPT,SPEC,DOS,DIAG1,DIAG2")
    with pytest.raises(InputError) as error:
        _ = open_claims(path).plan
    assert "Columns seen: ST, CPT, SPEC, DOS, DIAG1, DIAG2" in str(error.value)
    assert "--map procedure=COLUMN" in str(error.value)
    columns = {
        "state": "st",
        "procedure": "CPT",
        "provider_type": "SPEC",
        "service_from": "DOS",
        "dx": "DIAG1,DIAG2",
    }
    lines, _ = read(path, columns=columns)
    assert (lines[0]["profession"], lines[0]["dx2"]) == ("chiropractor", "I10")
    assert lines[0]["service_from"] == date(2024, 1, 5)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"procedures": "CPT"}, "Did you mean procedure"),
        ({"procedure": "CPTT"}, "Did you mean CPT"),
        ({"procedure": "CPT,DOS"}, "takes one column"),
        ({"procedure": "CPT"}, "nothing says the day"),
        ({"procedure": "CPT", "service_from": "DOS"}, "nothing says the place"),
        ({"procedure": "CPT", "service_from": "DOS", "state": "ST"}, "nothing says the profession"),
    ],
)
def test_what_is_missing_is_said(plain: Callable[..., Path], columns: dict[str, str], message: str) -> None:
    path = plain("FL,97124,x,01/05/2024", header="ST,CPT,SPEC,DOS")
    with pytest.raises(InputError, match=message) as error:
        _ = open_claims(path, columns=columns).plan
    assert "claims.csv" in str(error.value)


def test_unknown_layouts_and_formats(plain: Callable[..., Path]) -> None:
    path = plain("x", header="x")
    with pytest.raises(InputError, match="Did you mean desynpuf"):
        _ = open_claims(path, layout="synpuf").plan
    with pytest.raises(InputError, match="not a format"):
        open_claims(path, fmt="xlsx")
    with pytest.raises(InputError, match="is not of the layout cms_puf: lacks Rndrng_NPI"):
        _ = open_claims(path, layout="cms_puf").plan


def test_layouts_tell_each_other_apart() -> None:
    tables = {name: layout for name, layout in layouts().items() if layout.signature}
    assert set(tables) == {"plain", "cms_puf", "desynpuf", "synthea"}
    for name, layout in tables.items():
        columns = [column.replace("{n}", "1") for role in layout.columns for column in layout.names(role)]
        assert find([*layout.signature, *columns], None, {})[0] == name


NPPES_HEADER = [
    "NPI",
    "Entity Type Code",
    "Provider Last Name (Legal Name)",
    "Provider Credential Text",
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    *(
        f"{name}_{n}"
        for n in range(1, 16)
        for name in (
            "Healthcare Provider Taxonomy Code",
            "Provider License Number",
            "Provider License Number State Code",
            "Healthcare Provider Primary Taxonomy Switch",
        )
    ),
]
CHIRO, MASSAGE, BOTH, DOCTOR, GONE, BACK, OTHER = (
    "1457382905 1679576722 1003000126 1003000134 1003000142 1003000407 1003000423".split()
)


def nppes(npi: str, *taxonomies: tuple[str, str, str], letters: str = "", off: str = "", on: str = "") -> str:
    row = dict.fromkeys(NPPES_HEADER, "")
    row |= {"NPI": npi, "Entity Type Code": "1", "Provider Last Name (Legal Name)": "Doe"}
    row |= {"Provider Credential Text": letters, "NPI Deactivation Date": off, "NPI Reactivation Date": on}
    for number, (code, state, switch) in enumerate(taxonomies, 1):
        row[f"Healthcare Provider Taxonomy Code_{number}"] = code
        row[f"Provider License Number State Code_{number}"] = state
        row[f"Healthcare Provider Primary Taxonomy Switch_{number}"] = switch
    return ",".join(f'"{value}"' for value in row.values())


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register of providers, in the form of NPPES's monthly file, not sorted."""
    rows = [
        nppes(MASSAGE, ("225700000X", "FL", "Y"), ("251G00000X", "", "N")),
        nppes(CHIRO, ("111N00000X", "FL", "Y")),
        nppes(BOTH, ("111N00000X", "FL", "Y"), ("225100000X", "GA", "N")),
        nppes(DOCTOR, ("208100000X", "TX", "Y"), letters="D.O."),
        nppes(GONE, off="06/30/2023"),
        nppes(BACK, ("111N00000X", "FL", "Y"), off="01/01/2023", on="02/01/2024"),
        nppes(OTHER, ("363L00000X", "FL", "Y"), ("225700000X", "FL", "N")),
    ]
    folder = tmp_path / "register"
    folder.mkdir()
    path = folder / "npidata_pfile_20050523-20240107.csv"
    path.write_text("\n".join([",".join(f'"{name}"' for name in NPPES_HEADER), *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("npi", "state", "taxonomy", "profession", "unjudged", "notes"),
    [
        (CHIRO, "FL", "", "chiropractor", None, ""),
        (CHIRO, "TX", "", "chiropractor", None, "licensed_elsewhere"),
        (MASSAGE, "FL", "", "massage_therapist", None, ""),  # a second taxonomy that is not mapped is let be
        (BOTH, "FL", "", "chiropractor", None, ""),  # the licence of the place chooses
        (BOTH, "GA", "", "physical_therapist", None, ""),
        (BOTH, "TX", "", None, "ambiguous_profession", "licensed_elsewhere"),
        (BOTH, "TX", "225100000X", "physical_therapist", None, "licensed_elsewhere"),  # the claim chooses
        (BOTH, "TX", "225700000X", None, "ambiguous_profession", "licensed_elsewhere"),  # they contradict
        (DOCTOR, "TX", "", "osteopathic_physician", None, "profession_by_letters"),
        (DOCTOR, "TX", "208100000X", "osteopathic_physician", None, "profession_by_letters"),
        (GONE, "FL", "", None, "deactivated_npi", "deactivated_npi"),
        (GONE, "FL", "111N00000X", "chiropractor", None, "deactivated_npi"),
        (BACK, "FL", "", "chiropractor", "deactivated_npi", "deactivated_npi"),
        (OTHER, "FL", "", None, "ambiguous_profession", ""),  # the primary taxonomy is none that is mapped
        ("1003000431", "FL", "", None, "unknown_provider", ""),
        ("", "FL", "", None, "unknown_provider", ""),
    ],
)
def test_the_register_says_the_profession_or_that_it_cannot(
    read: Any,
    plain: Callable[..., Path],
    register: Path,
    npi: str,
    state: str,
    taxonomy: str,
    profession: str | None,
    unjudged: str | None,
    notes: str,
) -> None:
    path = plain(f"C1,1,{npi},{taxonomy},{state},97124,,2024-01-05,,,,")
    lines, _ = read(path, providers=register)
    line = lines[0]
    assert (line.get("profession"), line.get("unjudged"), line.get("notes", "")) == (profession, unjudged, notes)


def test_an_npi_that_came_back_is_active_again(read: Any, plain: Callable[..., Path], register: Path) -> None:
    rows = [
        f"C1,1,{BACK},,FL,97124,,{day},,,," for day in ("2022-12-31", "2023-01-01", "2024-01-31", "2024-02-01")
    ]
    lines, _ = read(plain(*rows), providers=register)
    assert ["notes" in line for line in lines] == [False, True, True, False]


def test_the_register_is_turned_into_parquet_once(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from handrail.audit import nppes as room

    told: list[tuple[int, int]] = []
    made = room.build(register, lambda done, size: told.append((done, size)))
    assert made.parent == register.parent
    assert told[-1] == (register.stat().st_size, register.stat().st_size)
    stamp = made.stat().st_mtime_ns
    assert room.build(register).stat().st_mtime_ns == stamp
    with register.open("a") as file:
        file.write(nppes("1003000472", ("111N00000X", "FL", "Y")) + "\n")
    assert room.build(register) != made


def test_a_file_that_is_no_register_says_so(plain: Callable[..., Path], tmp_path: Path) -> None:
    claims = plain("C1,1,1234567893,,FL,97124,,2024-01-05,,,,")
    other = tmp_path / "other.csv"
    other.write_text("npi_number,name\n1,x\n")
    found = open_claims(claims, providers=other)
    batches = list(found.batches(found.files[0]))
    with pytest.raises(InputError, match="is no NPPES file of providers: lacks the column 'NPI'"):
        _ = batches[0].lines


def test_every_column_and_role_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
    for role in ROLES:
        assert f"| `{role}` | {ROLES[role]} |" in page
    for layout in layouts().values():
        for role in layout.columns:
            for column in layout.names(role):
                assert f"`{column}`" in page
