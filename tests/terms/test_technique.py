"""Descriptions of what hands do, told apart by the definitions of technique.yaml."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from handrail.terms import REGIONS, TECHNIQUES, InputError
from handrail.terms.technique import LIMBS, classify


@pytest.mark.parametrize(
    ("said", "technique"),
    [
        ({"speed": "fast", "amplitude": "small", "tissue": "joint", "region": "cervical"}, "thrust_spine"),
        ({"speed": "fast", "amplitude": "small", "tissue": "joint", "region": "extremity"}, "thrust_extremity"),
        ({"speed": "fast", "can_resist": False, "region": "sacral"}, "thrust_spine"),
        ({"speed": "fast", "amplitude": "small", "tissue": "joint"}, "thrust"),
        ({"beyond_passive_range": True, "can_resist": False, "region": "lumbar", "pop": False}, "thrust_spine"),
        ({"speed": "slow", "tissue": "joint"}, "mobilization"),
        (
            {"can_resist": True, "beyond_passive_range": False, "tissue": "joint", "amplitude": "large"},
            "mobilization",
        ),
        ({"speed": "slow", "tissue": "joint", "pop": True}, "mobilization"),
        ({"tissue": "soft"}, "soft_tissue"),
        ({"tissue": "soft", "speed": "fast"}, "soft_tissue"),
    ],
)
def test_a_description_fits(said: dict[str, Any], technique: str) -> None:
    found = classify(**said)
    assert found.technique == technique
    assert found.contradictions == ()
    assert found.missing == (("region",) if technique == "thrust" else ())


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ({}, "speed"),
        ({"pop": True}, "speed"),
        ({"tissue": "joint"}, "speed"),
        ({"speed": "slow"}, "tissue"),
        ({"speed": "fast"}, "tissue"),
        ({"speed": "fast", "tissue": "joint"}, "range"),
        ({"amplitude": "small", "tissue": "joint"}, "speed"),
        ({"can_resist": False, "tissue": "joint"}, "speed"),
        ({"can_resist": True, "tissue": "joint"}, "speed"),
    ],
)
def test_what_is_missing_is_named(said: dict[str, Any], first: str) -> None:
    found = classify(**said)
    assert found.technique is None
    assert first in found.missing
    assert set(found.missing) <= set(LIMBS)


@pytest.mark.parametrize(
    "said",
    [
        {"speed": "slow", "can_resist": False},
        {"speed": "fast", "can_resist": True},
        {"speed": "fast", "beyond_passive_range": False},
        {"speed": "fast", "amplitude": "large"},
        {"tissue": "soft", "beyond_passive_range": True},
        {"beyond_passive_range": True, "can_resist": True},
    ],
)
def test_a_contradiction_is_said_and_nothing_is_chosen(said: dict[str, Any]) -> None:
    found = classify(**said)
    assert found.technique is None
    assert found.missing == ()
    assert found.contradictions


def test_over_the_whole_space() -> None:
    """A pop never changes the answer; an answer always has its cautions; nothing is left without an outcome."""
    yes_no = (None, True, False)
    space = product(
        (None, "fast", "slow"), (None, "small", "large"), yes_no, (None, "soft", "joint"), yes_no, (None, *REGIONS)
    )
    for speed, amplitude, beyond, tissue, can_resist, region in space:
        said: dict[str, Any] = {
            "speed": speed,
            "amplitude": amplitude,
            "beyond_passive_range": beyond,
            "tissue": tissue,
            "can_resist": can_resist,
            "region": region,
        }
        plain, popped = classify(**said), classify(**said, pop=True)
        assert (plain.technique, plain.missing, plain.contradictions) == (
            popped.technique,
            popped.missing,
            popped.contradictions,
        )
        assert bool(plain.contradictions) + bool(plain.missing) + bool(plain.technique in TECHNIQUES) == 1
        if plain.technique in ("thrust_spine", "thrust_extremity"):
            assert region in TECHNIQUES[plain.technique].regions
            assert speed != "slow"
            assert can_resist is not True
            assert beyond is not False
        if plain.technique == "mobilization":
            assert tissue == "joint"
            assert speed != "fast"
            assert can_resist is not False
            assert beyond is not True


def test_every_statement_names_its_source() -> None:
    found = classify(
        speed="fast",
        amplitude="small",
        beyond_passive_range=True,
        tissue="joint",
        can_resist=False,
        pop=True,
        region="cervical",
    )
    assert len(found.reasons) == 7
    for statement in (*found.reasons, *found.cautions):
        assert statement.text
        assert statement.sources
        assert all(source.title and source.scope for source in statement.sources)


def test_the_cautions_that_must_reach_the_user() -> None:
    cautions = " ".join(each.text for each in classify(beyond_passive_range=True).cautions)
    assert "limit in milliseconds" in cautions
    assert "neither needed for a thrust nor proof" in cautions
    assert "cannot be measured by a sensor" in cautions
    assert "different things in different laws" in cautions


@pytest.mark.parametrize(
    "said", [{"speed": "quick"}, {"amplitude": "big"}, {"tissue": "bone"}, {"region": "neck"}]
)
def test_unknown_words_are_refused(said: dict[str, str]) -> None:
    with pytest.raises(InputError):
        classify(**said)  # type: ignore[arg-type]
