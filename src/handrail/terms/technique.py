"""Which technique a description fits: speed, amplitude, range, tissue, whether the client can resist, pop, region.

The definitions, their sources and the cautions are data, in ``technique.yaml``. What was not said stays open: the
answer then names what is missing to tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import msgspec

from handrail.terms.vocabulary import REGIONS, known, read_yaml

#: What can be missing to tell, in the order in which it helps most.
LIMBS = ("tissue", "speed", "range", "can_resist", "amplitude", "region")


class _Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    url: str | None
    scope: str
    text_seen: bool


class _Limb(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    source: str


class _Caution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    when: Literal["always", "range", "speed"]
    text: str
    sources: tuple[str, ...]


class _Technique(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, _Source]
    limbs: dict[str, _Limb]
    cautions: dict[str, _Caution]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a definition was found, how much of it was read, and whether the wording itself was seen."""

    title: str
    url: str | None
    scope: str
    text_seen: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A reason or a caution, with its sources."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Classified:
    """What a description fits.

    Args:
        technique: a technique's id; ``thrust`` if it is one but no region says which; None if it cannot be told.
        missing: what would help to tell, of ``LIMBS``, the most helpful first; empty if it can be told.
        contradictions: what does not go together in the description, in words.
        reasons: what each thing said speaks for.
        cautions: what must not be concluded.
    """

    technique: str | None
    missing: tuple[str, ...]
    contradictions: tuple[str, ...]
    reasons: tuple[Statement, ...]
    cautions: tuple[Statement, ...]


@cache
def _data() -> _Technique:
    return msgspec.convert(read_yaml("technique.yaml"), _Technique)


def _sources(ids: tuple[str, ...]) -> tuple[Source, ...]:
    found = (_data().sources[id_] for id_ in ids)
    return tuple(Source(each.title, each.url, each.scope, each.text_seen) for each in found)


def classify(
    *,
    speed: Literal["fast", "slow"] | str | None = None,
    amplitude: Literal["small", "large"] | str | None = None,
    beyond_passive_range: bool | None = None,
    tissue: Literal["soft", "joint"] | str | None = None,
    can_resist: bool | None = None,
    pop: bool | None = None,
    region: str | None = None,
) -> Classified:
    """The technique that a description fits.

    Args:
        speed: ``fast`` or ``slow``.
        amplitude: ``small`` or ``large``.
        beyond_passive_range: whether the joint is carried past its passive range.
        tissue: ``soft`` (muscle, tendon, ligament, fascia, skin) or ``joint``.
        can_resist: whether the client can stop the movement.
        pop: whether a pop was heard; it never decides.
        region: a region's id.

    None means that it was not said.

    Raises:
        InputError: for a word that is not one of these.

    >>> classify(speed="fast", amplitude="small", tissue="joint", region="cervical").technique
    'thrust_spine'
    >>> classify(tissue="joint").missing
    ('speed', 'range', 'can_resist', 'amplitude')
    """
    for what, word, words in (
        ("speed", speed, ("fast", "slow")),
        ("amplitude", amplitude, ("small", "large")),
        ("tissue", tissue, ("soft", "joint")),
        ("region", region, REGIONS),
    ):
        if word is not None:
            known(what, word, words)
    said = _said(speed, amplitude, beyond_passive_range, tissue, can_resist, pop, region)
    against = _contradictions(speed, amplitude, beyond_passive_range, tissue, can_resist)
    technique, missing = (
        (None, ()) if against else _decide(speed, amplitude, beyond_passive_range, tissue, can_resist, region)
    )
    return Classified(
        technique=technique,
        missing=missing,
        contradictions=against,
        reasons=tuple(
            Statement(limb.text, _sources((limb.source,))) for limb in (_data().limbs[key] for key in said)
        ),
        cautions=_cautions(beyond_passive_range is not None or "range" in missing, speed is not None),
    )


def _said(
    speed: str | None,
    amplitude: str | None,
    beyond: bool | None,
    tissue: str | None,
    can_resist: bool | None,
    pop: bool | None,
    region: str | None,
) -> list[str]:
    """The keys of the limbs that the description names."""
    keys: list[str] = []
    if tissue:
        keys.append(f"tissue_{tissue}")
    if speed:
        keys.append("speed_any" if tissue == "soft" else f"speed_{speed}")
    if amplitude and tissue != "soft":
        keys.append(f"amplitude_{amplitude}")
    if beyond is not None:
        keys.append("range_beyond" if beyond else "range_within")
    if can_resist is not None:
        keys.append("can_resist" if can_resist else "cannot_resist")
    if region and tissue != "soft":
        keys.append("region_limb" if region == "extremity" else "region_spine")
    if pop is not None:
        keys.append("pop_heard" if pop else "pop_none")
    return keys


def _contradictions(
    speed: str | None, amplitude: str | None, beyond: bool | None, tissue: str | None, can_resist: bool | None
) -> tuple[str, ...]:
    if tissue == "soft":
        found = [
            (beyond is True, "soft tissue work does not carry a joint past its range"),
            (can_resist is False, "soft tissue work leaves the client able to stop it"),
        ]
    else:
        found = [
            (speed == "slow" and can_resist is False, "slow, yet the client cannot stop it"),
            (speed == "slow" and beyond is True, "slow, yet past the passive range"),
            (speed == "fast" and can_resist is True, "fast, yet the client can stop it"),
            (speed == "fast" and beyond is False, "fast, yet within the passive range"),
            (speed == "fast" and amplitude == "large", "fast, yet of large amplitude"),
            (can_resist is True and beyond is True, "the client can stop it, yet it goes past the passive range"),
            (can_resist is False and beyond is False, "the client cannot stop it, yet it stays within range"),
            (amplitude == "large" and beyond is True, "of large amplitude, yet past the passive range"),
            (amplitude == "large" and can_resist is False, "of large amplitude, yet the client cannot stop it"),
        ]
    return tuple(text for holds, text in found if holds)


def _decide(
    speed: str | None,
    amplitude: str | None,
    beyond: bool | None,
    tissue: str | None,
    can_resist: bool | None,
    region: str | None,
) -> tuple[str | None, tuple[str, ...]]:
    """The technique of a description without contradiction, and what is missing to tell it."""
    if tissue == "soft":
        return "soft_tissue", ()
    signs = {"speed": speed, "range": beyond, "can_resist": can_resist, "amplitude": amplitude}
    unsaid = tuple(limb for limb in ("speed", "range", "can_resist", "amplitude") if signs[limb] is None)
    thrust = (speed == "fast") + (beyond is True) + (can_resist is False)
    if thrust:
        # Two signs of a thrust, or speed with small amplitude: one sign alone fits other things too.
        if thrust >= 2 or (speed == "fast" and amplitude == "small" and tissue == "joint"):
            if region is None:
                return "thrust", ("region",)
            return ("thrust_extremity" if region == "extremity" else "thrust_spine"), ()
        return None, (("tissue",) if tissue is None else ()) + unsaid
    if tissue is None:
        # Slow, resisted, within range: massage and mobilization both are.
        return None, ("tissue",) if any(sign is not None for sign in signs.values()) else ("tissue", *unsaid)
    if speed == "slow" or can_resist is True or beyond is False or amplitude == "large":
        settled = speed == "slow" or (can_resist is True and beyond is False)
        return ("mobilization", ()) if settled else (None, unsaid)
    return None, unsaid


def _cautions(about_range: bool, about_speed: bool) -> tuple[Statement, ...]:
    here = {"always": True, "range": about_range, "speed": about_speed}
    return tuple(
        Statement(caution.text, _sources(caution.sources))
        for caution in _data().cautions.values()
        if here[caution.when]
    )
