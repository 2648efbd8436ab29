"""The booking check: a licence that is not good then and there stops it, says why, and who else may."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from handrail.clinic import Roster, Service, check
from handrail.clinic.booking import day_of, read_codes
from handrail.clinic.roster import Practitioner
from handrail.decide import Case, Client, Finding, decide
from handrail.terms import InputError

WHEN = "2026-12-01T09:30"


def test_a_good_licence_may(clinic):
    found = check(clinic, "p-bo", "thrust_spine", WHEN)
    assert found.may
    assert found.decision == decide(
        Case("US-WA", "thrust_spine", found.practitioner.credentials, on=date(2026, 12, 1))
    )


@pytest.mark.parametrize(
    ("who", "when", "why"),
    [
        ("p-bo", "2026-12-16T09:30", "The licence ended on 2026-12-15, before 2026-12-16."),
        ("p-di", WHEN, "The licence is suspended."),
        ("p-cy", WHEN, "The licence is of US-OR, not of Washington."),
    ],
)
def test_an_expired_suspended_or_foreign_licence_stops_it(clinic, who, when, why):
    found = check(clinic, who, "thrust_spine", when)
    assert not found.may
    assert found.decision.verdict.value == "prohibited"
    assert why in found.why
    assert why in found.credentials[0].stopped
    others = [other.practitioner.id for other in found.others]
    assert "p-ann" in others
    assert who not in others
    assert not {"p-di", "p-cy", "p-el"} & set(others)


def test_the_last_day_counts_by_the_clinics_clock(clinic):
    assert check(clinic, "p-bo", "thrust_spine", "2026-12-15T23:59:59-08:00").may
    assert not check(clinic, "p-bo", "thrust_spine", "2026-12-16T00:00:00+14:00").may
    assert day_of(datetime(2026, 12, 15, 23, 59)) == date(2026, 12, 15)  # noqa: DTZ001
    for bad in ("", "tomorrow", "2026-13-01", "12/01/2026"):
        with pytest.raises(InputError, match="not a time"):
            check(clinic, "p-bo", "thrust_spine", bad)


def test_who_else_may_is_asked_of_the_same_client(clinic):
    found = check(clinic, "p-el", "thrust_spine", WHEN, ["osteoporosis"])
    for other in found.others:
        case = Case("US-WA", "thrust_spine", other.practitioner.credentials, on=date(2026, 12, 1))
        decision = decide(Case(**{**_fields(case), "client": Client((Finding("osteoporosis"),), None)}))
        assert decision.verdict is other.verdict
        assert "decision:osteoporosis" in other.needs
    assert check(clinic, "p-el", "thrust_spine", WHEN, ["cauda_equina_syndrome"]).others == ()


def _fields(case: Case) -> dict:
    names = ("jurisdiction", "technique", "credentials", "region", "on")
    return {name: getattr(case, name) for name in names}


def test_the_best_credential_counts_and_each_is_told(clinic):
    roster = Roster(clinic)
    both = roster.get("p-el").held + roster.get("p-di").held + roster.get("p-bo").held[:0]
    roster.put(Practitioner("p-el", "El Sato", held=both))
    found = check(clinic, "p-el", "soft_tissue", WHEN)
    assert [one.profession for one in found.credentials] == ["massage_therapist", "chiropractor"]
    assert found.credentials[1].stopped == ("The licence is suspended.",)
    assert found.decision.verdict is found.credentials[0].verdict


def test_codes_are_read_by_the_clinical_files(clinic):
    read = read_codes(["osteoporosis", "acute_fracture@extremity", "M81.0", "M54.50", "warfarin"])
    ids = {str(finding) for finding in read.findings}
    assert {"osteoporosis", "acute_fracture@extremity"} <= ids
    assert len(read.findings) == len(set(read.findings))
    assert "M81.0" not in read.unrecognised
    found = check(clinic, "p-bo", "thrust_spine", WHEN, ["M81.0"])
    assert "decision:osteoporosis" in [need.id for need in found.decision.needs] or not found.may


@pytest.mark.parametrize(
    "bad", [[""], ["has a headache"], [None], ["x" * 200], ["osteoporosis@moon"], ["a"] * 201]
)
def test_a_code_that_is_none_is_refused_and_not_repeated(clinic, bad):
    with pytest.raises(InputError) as caught:
        check(clinic, "p-bo", "thrust_spine", WHEN, bad)
    assert "headache" not in str(caught.value)
    assert "moon" not in str(caught.value)


def test_a_service_is_its_technique_and_regions(clinic):
    Roster(clinic).put_service(Service("neck", "Neck", "thrust_spine", ("cervical",)))
    found = check(clinic, "p-bo", "neck", WHEN, [])
    assert found.decision.case.asked_regions == ("cervical",)
    assert found.as_dict()["service"]["id"] == "neck"


def test_who_is_not_here_is_not_booked(clinic):
    roster = Roster(clinic)
    with pytest.raises(InputError, match="practitioner"):
        check(clinic, "p-xx", "thrust_spine", WHEN)
    roster.put(Practitioner("p-no", "Nobody"))
    with pytest.raises(InputError, match="no credential"):
        check(clinic, "p-no", "thrust_spine", WHEN)
    bo = roster.get("p-bo")
    roster.put(Practitioner(bo.id, bo.name, active=False, held=bo.held))
    with pytest.raises(InputError, match="no longer works"):
        check(clinic, "p-bo", "thrust_spine", WHEN)
    assert "p-bo" not in [o.practitioner.id for o in check(clinic, "p-el", "thrust_spine", WHEN).others]


def test_a_status_nobody_looked_up_is_no_yes(clinic):
    roster = Roster(clinic)
    from handrail.clinic import import_csv

    head = b"practitioner_id,name,profession,jurisdiction,status\n"
    import_csv(roster, head + b"p-un,Un,chiropractor,US-WA,unknown\n", commit=True)
    assert not check(clinic, "p-un", "thrust_spine", WHEN).may
