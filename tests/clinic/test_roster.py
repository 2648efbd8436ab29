"""The roster: what is taken, how it is imported, what expires, who may do what."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clinic.conftest import ROSTER

from handrail.clinic import COLUMNS, Held, Practitioner, Roster, Service, export_csv, import_csv
from handrail.clinic.roster import npi
from handrail.clinic.roster_csv import _unguarded, guarded
from handrail.decide import Case, Credential, decide
from handrail.terms import InputError
from handrail.terms.cells import FORMULA

HEAD = b"practitioner_id,name,profession,jurisdiction,status\n"


def errors(found) -> dict[int, set[str]]:
    return {row.line: {column for column, _ in row.errors} for row in found.rows if row.errors}


def test_a_preview_writes_nothing_and_says_what_would_be(store):
    roster = Roster(store)
    found = import_csv(roster, ROSTER)
    assert not found.done
    assert [row.action for row in found.rows] == ["new"] * 5
    assert roster.all() == []
    assert import_csv(roster, ROSTER, commit=True).done
    again = import_csv(roster, ROSTER, commit=True)
    assert [row.action for row in again.rows] == ["same"] * 5
    assert not again.done


def test_one_bad_row_stops_all_unless_only_the_good_are_wanted(store):
    roster = Roster(store)
    data = ROSTER + b"p-fi,Fi,chiropracter,US-WA,active,,,\n"
    found = import_csv(roster, data, commit=True)
    assert not found.done
    assert errors(found) == {7: {"profession"}}
    assert "Did you mean chiropractor" in found.rows[-1].errors[0][1]
    assert roster.all() == []
    assert import_csv(roster, data, commit=True, only_good=True).done
    assert [who.id for who in roster.all()] == ["p-ann", "p-bo", "p-cy", "p-di", "p-el"]


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("p 1,A,chiropractor,US-WA,active", {"practitioner_id"}),
        ("../../etc/passwd,A,chiropractor,US-WA,active", {"practitioner_id"}),
        ("p,,chiropractor,US-WA,active", {"name"}),
        ("p,A,,US-WA,active", {"profession"}),
        ("p,A,unlicensed_person,US-WA,active", {"valid_to", "profession"}),
        ("p,A,chiropractor,Atlantis,active", {"jurisdiction"}),
        ("p,A,chiropractor,US-WA,fine", {"status"}),
        ("p,A,chiropractor,US-WA,", {"status"}),
        ("p,A,chiropractor,US-WA,active,1234567890", {"npi"}),
        ("p,A,chiropractor,US-WA,active,,2026-13-01", {"valid_from"}),
        ("p,A,chiropractor,US-WA,active,,2027-01-01,2026-01-01", {"valid_to"}),
        ("p,A,chiropractor,US-WA,active,,,,a b", {"valid_to", "endorsements"}),
        ("p,A,chiropractor,US-WA,active,,,,,x=much", {"training"}),
        ("p,A,chiropractor,US-WA,active,,,,,x=nan", {"training"}),
        ("p,A,chiropractor,US-WA,active,,,,,=3", {"training"}),
        ("p,A,chiropractor,US-WA,active,,,,,,more", {""}),
        ("p\u202e,A\u202e,chiropractor,US-WA,active", {"practitioner_id", "name"}),
    ],
)
def test_a_mistake_is_told_by_line_and_column(store, row, columns):
    head = "practitioner_id,name,profession,jurisdiction,status,npi,valid_from,valid_to,endorsements,training\n"
    found = import_csv(Roster(store), (head + row + "\n").encode(), commit=True)
    assert found.errors == 1
    assert errors(found)[2] <= columns
    assert Roster(store).all() == []


def test_rows_of_one_practitioner_must_agree(store):
    rows = b"p,A,chiropractor,US-WA,active\np,B,chiropractor,US-OR,active\np,A,chiropractor,US-WA,active\n"
    assert errors(import_csv(Roster(store), HEAD + rows)) == {3: {"name"}, 4: {"profession"}}


def test_an_import_adds_and_replaces_and_takes_nothing_away(clinic):
    roster = Roster(clinic)
    data = HEAD + b"p-bo,Bo Reyes,chiropractor,US-WA,expired\np-bo,Bo Reyes,massage_therapist,US-WA,active\n"
    assert [row.action for row in import_csv(roster, data, commit=True).rows] == ["changed", "changed"]
    bo = roster.get("p-bo")
    assert [(c.profession, c.status) for c in bo.credentials] == [
        ("chiropractor", "expired"),
        ("massage_therapist", "active"),
    ]
    assert len(roster.all()) == 5


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"a,b\n1,2\n", HEAD, HEAD + b'p,"A', b"\xff\xfe" + HEAD, HEAD + b"p,\x00,x,y,z",
        b"practitioner_id,name\np,A\n", HEAD.replace(b"status", b"name") + b"p,A,c,d,e\n", HEAD + b"x" * 2_000_001,
        HEAD + b"p,A,c,d,e\n" * 5001, b"practitioner_id,name,profession,jurisdiction,status,statsu\np\n",
    ],
)  # fmt: skip
def test_a_file_that_is_no_roster_is_refused(store, data):
    with pytest.raises(InputError):
        import_csv(Roster(store), data, commit=True)


def test_a_sheet_with_semicolons_and_a_mark_of_order_is_read(store):
    data = (
        b"\xef\xbb\xbf" + HEAD.replace(b",", b";") + "p;Zoë;chiropractor;Colombie-Britannique;Active\r\n".encode()
    )
    assert import_csv(Roster(store), data, commit=True).done
    assert Roster(store).get("p").held[0].key == ("chiropractor", "CA-BC")


def test_an_export_can_be_read_again_and_holds_no_formula(store):
    roster = Roster(store)
    held = Held(
        Credential("chiropractor", "US-WA", "full", "active", "2020-01-01", None, "x", ["a"], {"b": 4.5}), "-7"
    )
    roster.put(Practitioner("p", '=HYPERLINK("http://x","y")', "1234567893", held=(held,)))
    text = export_csv(roster.all())
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["name"].startswith("'=")
    assert rows[0]["number"] == "'-7"
    assert [row.action for row in import_csv(roster, text.encode()).rows] == ["same"]


@given(st.text(max_size=12))
def test_no_cell_is_a_formula_and_none_is_lost(text):
    cell = guarded(text)
    assert not cell.startswith(FORMULA)
    if text.startswith(FORMULA) or not (text.startswith("'") and text[1:].startswith(FORMULA)):
        assert _unguarded(cell) == text


@given(st.integers(0, 10**10))
def test_the_check_digit_of_an_npi_is_the_audits(number):
    import numpy as np

    from handrail.audit.npi import right

    given = str(number)
    try:
        ours = bool(npi(given))
    except InputError:
        ours = False
    assert ours == bool(right(np.array([number]))[0])


def test_what_expires_comes_worst_first(clinic):
    found = Roster(clinic).expiring(date(2026, 12, 1), within=30)
    assert [(one.practitioner.id, one.days) for one in found] == [("p-di", 396), ("p-bo", 14), ("p-el", None)]
    assert [one.practitioner.id for one in Roster(clinic).expiring(date(2026, 12, 20), within=30)][1] == "p-bo"


def test_the_grid_says_what_decide_says(clinic):
    roster = Roster(clinic)
    roster.put_service(Service("neck", "Neck adjustment", "thrust_spine", ("cervical",)))
    on = date(2026, 12, 1)
    grid = roster.grid(on)
    assert [column.id for column in grid.columns][-1] == "neck"
    for who, cells in grid.rows:
        for column, cell in zip(grid.columns, cells, strict=True):
            case = Case("US-WA", column.technique, who.credentials, column.regions or None, on)
            assert cell.verdict is decide(case).verdict
    roster.put(Practitioner("p-no", "Nobody"))
    assert {cell.verdict for cell in {w.id: c for w, c in roster.grid(on).rows}["p-no"]} == {None}


@pytest.mark.parametrize(
    "service",
    [
        Service("a b", "x", "thrust_spine"), Service("a", "", "thrust_spine"), Service("a", "x", "cracking"),
        Service("a", "x", "thrust_spine", ("extremity",)), Service("thrust_spine", "x", "soft_tissue"),
    ],
)  # fmt: skip
def test_a_service_that_is_none_is_refused(store, service):
    with pytest.raises(InputError):
        Roster(store).put_service(service)


def test_who_left_and_what_is_not_there(clinic):
    roster = Roster(clinic)
    roster.remove("p-ann")
    with pytest.raises(InputError, match="practitioner"):
        roster.get("p-ann")
    with pytest.raises(InputError, match="service"):
        roster.service("neck")
    with pytest.raises(InputError, match="jurisdiction"):
        roster.settle("XX")
