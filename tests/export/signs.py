"""A law whose texts hold every sign that means something to some format."""

from __future__ import annotations

from datetime import date

import msgspec

from handrail.export import Flat, Tables
from handrail.law import Law, load

DAY = date(2026, 11, 24)
#: What some format or other takes for its own sign.
NASTY = "=1+1 it's \"so\" \\ \\n %s {x} <b>&amp; $1 `y` ${z} ;-- '); DROP TABLE x; \n=SUM(A1)\tend\\"
#: The same in a decision table: plain.
PLAIN = "=1+1 it's 'so' / /n %s {x} <b>&amp; $1 `y` ${z} ;-- '); DROP TABLE x; =SUM(A1) end/"


def spoilt(text: str) -> tuple[Tables, str, Flat]:
    """A place's law with a rule whose texts are full of signs, the rule's id, and a case that it decides."""
    law = load("US-FL")
    file = law.file
    entry = file.professions["massage_therapist"]
    rule = next(rule for _, rule in file.rules() if rule.id.startswith("US-FL/massage_therapist/thrust_spine/"))
    new = msgspec.structs.replace(rule, citation=text, summary=text, note=text)
    rules = tuple(new if old.id == rule.id else old for old in entry.rules)
    professions = {**file.professions, "massage_therapist": msgspec.structs.replace(entry, rules=rules)}
    patched = Law(msgspec.structs.replace(file, professions=professions), "patched")
    case = Flat("US-FL", "massage_therapist", "thrust_spine", (), DAY)
    return Tables([patched]), rule.id, case
