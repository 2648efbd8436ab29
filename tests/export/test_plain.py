"""The tables, read with nothing but look-ups, say what decide says of any case of one credential and one day."""

from __future__ import annotations

import pytest
from hypothesis import event, example, given, settings
from tests.export.engines import expected
from tests.strategies import MODERATE, cases, promising

from handrail import Case, Client, Credential, Finding, InputError, decide
from handrail.export import Tables, answer, flat
from handrail.law import load
from handrail.safety import contraindications, red_flags

TABLES = Tables()
VIRGINIA = Case("US-VA", "thrust_spine", [Credential("chiropractor")], on="2026-11-24")


@MODERATE
@given(cases(one_day=True) | promising(one_day=True))
@example(VIRGINIA)
def test_the_tables_answer_as_decide(case):
    want = expected(decide(case))
    event(want.verdict)
    assert answer(TABLES, flat(case)) == want


@settings(MODERATE, max_examples=20)
@given(cases(one_day=True) | promising(one_day=True))
def test_the_tables_of_one_place_answer_as_those_of_all(case):
    alone = Tables([load(case.jurisdiction)])
    assert answer(alone, flat(case)) == answer(TABLES, flat(case))


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (Case("US-FL", "thrust_spine", [Credential("chiropractor")], on="2026"), "one day"),
        (
            Case("US-FL", "thrust_spine", [Credential("chiropractor"), Credential("physician")], on="2026-11-24"),
            "one credential",
        ),
        (
            Case("US-FL", "thrust_spine", [Credential("chiropractor")], on="2026-11-24", client=Client(age=70)),
            "know no age",
        ),
    ],
)
def test_what_the_tables_cannot_say_is_refused_in_one_line(case, says):
    with pytest.raises(InputError, match=says):
        flat(case)


def test_a_red_flags_site_makes_no_difference():
    flag = next(
        row.id for row in red_flags().values() if row.action == "emergency" and row.id not in contraindications()
    )

    def about(site: str | None) -> Case:
        client = Client(findings=[Finding(flag, site)], steps=None)
        return Case("US-FL", "thrust_spine", [Credential("chiropractor")], on="2026-11-24", client=client)

    assert flat(about("lumbar")) == flat(about(None))
    assert answer(TABLES, flat(about("lumbar"))).verdict == "urgent"
