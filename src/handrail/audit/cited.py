"""What a rule, a reserved act or a finding rests on, by its id."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from handrail import safety
from handrail.law import jurisdictions, load


class Cited(NamedTuple):
    """What an id rests on. ``source`` is where it was read."""

    text: str | None
    citation: str | None
    source: str | None
    text_seen: bool
    note: str | None


@cache
def citations() -> dict[str, Cited]:
    """Every rule, reserved act, contraindication and red flag by its id."""
    found: dict[str, Cited] = {}
    for flag in safety.red_flags().values():
        found[flag.id] = Cited(flag.name, flag.source.title, flag.source.url, flag.text_seen, flag.note)
    for row in safety.contraindications().values():
        found[row.id] = Cited(row.name, row.source.title, row.source.url, row.text_seen, row.note)
    for place in jurisdictions():
        file = load(place).file
        for _, rule in file.rules():
            found[rule.id] = Cited(rule.summary, rule.citation, rule.source, rule.text_seen, rule.note)
        act = file.reserved_act
        if act:
            found[f"{place}/reserved_act"] = Cited(act.summary, act.citation, act.source, act.text_seen, act.note)
    return found
