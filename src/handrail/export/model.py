"""The rows of the flat tables."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from handrail.terms import Leaning, Verdict

#: A rank is where a verdict with its leaning stands: best first.
RANKS: tuple[tuple[Verdict, Leaning | None], ...] = (
    (Verdict.PERMITTED, None),
    (Verdict.CONDITIONAL, None),
    (Verdict.UNDETERMINED, Leaning.YES),
    (Verdict.UNDETERMINED, Leaning.NONE),
    (Verdict.UNDETERMINED, Leaning.NO),
    (Verdict.PROHIBITED, None),
    (Verdict.URGENT, None),
)
#: No region asked.
ANY = "any"
#: What the licence gate looks at in a credential that is not an ``unlicensed_person``.
LICENCE = (
    ("not_active", 5, "its status is given, and is neither active nor unknown"),
    ("not_yet", 5, "its first day lies after the day asked"),
    ("ended", 5, "its last day lies before the day asked"),
    ("elsewhere", 5, "it is of another place, and no compact is named"),
    ("status_unknown", 3, "its status is given as unknown"),
    ("compact", 3, "it is of another place, under a compact whose members were not researched"),
    ("class_unread", 3, "its register class is neither the full one nor one that a rule here names"),
)

Clause = tuple[str, ...]


class Opening(NamedTuple):
    """A conditional rule that was read: met if every atom of some clause holds (no clause: never)."""

    rule: str
    clauses: tuple[Clause, ...]


class Cell(NamedTuple):
    """How the law stands for one profession, technique and region between two changes.

    ``fixed_rank`` is None where only openings decide. ``decides``: whether the region counts where none is asked.
    """

    number: int
    jurisdiction: str
    profession: str
    technique: str
    region: str
    valid_from: date
    valid_to: date
    decides: bool
    fixed_rank: int | None
    fixed_rule: str | None
    openings: tuple[Opening, ...]
    #: Whether the profession has a read ``permitted`` rule of its own here.
    granted: bool
    #: Register classes of which a rule in force here speaks.
    classes: tuple[str, ...]


class Wanted(NamedTuple):
    """Something that must come before a technique at a visit.

    What is not ``needed`` never counts; what is ``of_person`` does not count where every region asked is granted.
    """

    jurisdiction: str
    profession: str
    technique: str
    valid_from: date
    valid_to: date
    position: int
    step: str
    needed: bool
    of_person: bool
    hours: int | None
    rule: str | None


class LicenceFact(NamedTuple):
    """What can be wrong with a credential as it is given, and the rank that follows."""

    fact: str
    rank: int
    text: str


class Answer(NamedTuple):
    """The general answer (nothing known of credential or client) of a cell, or of ``any`` region."""

    jurisdiction: str
    profession: str
    technique: str
    region: str
    valid_from: date
    valid_to: date
    rank: int
    verdict: str
    leaning: str | None
    rule: str | None


class Graded(NamedTuple):
    """What a finding means for a technique on a region; ``need``, once confirmed, settles it (rank 0)."""

    finding: str
    site: str | None
    match: str
    technique: str
    region: str
    part: int
    rank: int
    need: str | None
    rule: str
    gate: str


class Code(NamedTuple):
    """An ICD-10-CM code or prefix as the clinical files list it."""

    code: str
    finding: str
    match: str


class Cited(NamedTuple):
    """What a rule, reserved act, contraindication or red flag rests on."""

    id: str
    kind: str
    text: str | None
    citation: str | None
    source: str | None
    basis: str | None
    text_seen: bool
    note: str | None
