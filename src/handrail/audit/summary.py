"""The summary of an audit: what ``summary.json`` holds, and all that the report is made from."""

from __future__ import annotations

from typing import Any

import msgspec

from handrail.audit.cited import citations
from handrail.audit.judged import WHY
from handrail.audit.reasons import NOTES
from handrail.audit.tally import AXES, STANDS, Tally

#: Raised when a field changes its meaning or goes.
SHAPE = 1
#: So many rules that say no, others, codes and troubles are told one by one.
TOLD = 100
NOTICE = "Law and clinical knowledge as researched. Not legal or medical advice."


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Lines and dollars of one standing."""

    standing: str
    lines: int
    dollars: float


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Lines and dollars of a key, by standing; ``lines`` and ``dollars`` are the denominators."""

    key: str
    lines: int
    dollars: float
    by: tuple[Count, ...]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Lines and dollars of a profession and a technique."""

    profession: str
    technique: str
    lines: int
    dollars: float
    by: tuple[Count, ...]


class RuleCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often a rule decides, and what it rests on."""

    rule: str
    standing: str
    lines: int
    dollars: float
    text: str | None
    citation: str | None
    source: str | None
    text_seen: bool | None


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Lines by the reason of their answer, or why they were not judged."""

    reason: str
    text: str
    standing: str
    lines: int
    dollars: float


class CodeCount(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure code that is not in the map."""

    code: str
    lines: int
    dollars: float


class NoteCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines have a note."""

    note: str
    text: str
    lines: int


class TroubleText(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be read. ``row`` counts from 1, the header not counted; ``rows``: what it cost."""

    file: str
    row: int | None
    where: str
    what: str
    rows: int | None


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read: its name, size, format and how many rows were seen in it."""

    key: str
    format: str
    bytes: int
    rows: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The summary of an audit.

    Attributes:
        shape: the version of this shape.
        notice: what it is not.
        knowledge: a hash of the law and clinical knowledge used.
        codes: a hash of the maps of codes used: procedures, taxonomies, provider types, places.
        parameters: the settings that were given.
        files: the files, with their rows.
        skipped: files of the folders given that are of no known format.
        rows: rows seen, those that could not be read among them.
        rows_lost: rows that could not be read.
        lines: lines counted; a row can hold several.
        dollars: their amounts, in all.
        claims_about, providers_about: how many different claims and NPIs there were, within 1 % or so; 0 where no
            column says them.
        without_amount: lines without an amount.
        findings: lines written to ``findings.parquet``, and which standings these are.
        by_verdict, by_who, by_jurisdiction, by_month: lines and dollars by standing.
        rules: the rules that decide most lines that are not plainly permitted.
        reasons: why lines came out as they did, or were not judged.
        unmapped: procedure codes that are not in the map, the most frequent first; ``unmapped_codes`` in all.
        notes: what else is to be said of lines.
        troubles: what could not be read, the first of them; ``troubles_in_all`` how many there are.
    """

    shape: int
    notice: str
    knowledge: str
    codes: str
    parameters: dict[str, Any]
    files: tuple[InputFile, ...]
    skipped: tuple[str, ...]
    rows: int
    rows_lost: int
    lines: int
    dollars: float
    claims_about: int
    providers_about: int
    without_amount: int
    findings: int
    written: tuple[str, ...]
    by_verdict: tuple[Count, ...]
    by_who: tuple[Pair, ...]
    by_jurisdiction: tuple[Group, ...]
    by_month: tuple[Group, ...]
    rules: tuple[RuleCount, ...]
    reasons: tuple[Why, ...]
    unmapped: tuple[CodeCount, ...]
    unmapped_codes: int
    notes: tuple[NoteCount, ...]
    troubles: tuple[TroubleText, ...]
    troubles_in_all: int


def summary(tally: Tally, **about: Any) -> Summary:
    """The summary of what was counted.

    Args:
        about: the fields of Summary that are no counts.
    """
    where, cents = tally.lines["where"], tally.cents["where"]
    return Summary(
        shape=SHAPE,
        notice=NOTICE,
        lines=int(where.sum()),
        dollars=_dollars(cents.sum()),
        claims_about=tally.claims.about(),
        providers_about=tally.providers.about(),
        without_amount=tally.without_amount,
        by_verdict=_counts(where.sum(axis=0), cents.sum(axis=0)),
        by_who=tuple(_pairs(tally)),
        by_jurisdiction=_groups(AXES["jurisdiction"], where, cents),
        by_month=_groups(AXES["month"], tally.lines["when"], tally.cents["when"]),
        rules=tuple(_rules(tally)),
        reasons=tuple(_reasons(tally)),
        unmapped=tuple(
            CodeCount(code=code, lines=lines, dollars=_dollars(sums))
            for code, (lines, sums) in sorted(tally.unmapped.items(), key=lambda item: (-item[1][0], item[0]))[
                :TOLD
            ]
        ),
        unmapped_codes=len(tally.unmapped),
        notes=tuple(
            NoteCount(note=note, text=NOTES.get(note, note), lines=count)
            for note, count in sorted(tally.notes.items(), key=lambda item: (-item[1], item[0]))
        ),
        **about,
    )


def _most_first(item: tuple[str, list[int]]) -> tuple[int, str]:
    return -item[1][0], item[0]


def _dollars(cents: Any) -> float:
    return int(cents) / 100


def _counts(lines: Any, cents: Any) -> tuple[Count, ...]:
    return tuple(
        Count(standing=standing, lines=int(lines[n]), dollars=_dollars(cents[n]))
        for n, standing in enumerate(STANDS)
        if lines[n]
    )


def _groups(keys: tuple[str, ...], lines: Any, cents: Any) -> tuple[Group, ...]:
    return tuple(
        Group(
            key=key,
            lines=int(lines[n].sum()),
            dollars=_dollars(cents[n].sum()),
            by=_counts(lines[n], cents[n]),
        )
        for n, key in enumerate(keys)
        if lines[n].any()
    )


def _pairs(tally: Tally) -> list[Pair]:
    lines, cents = tally.lines["who"], tally.cents["who"]
    return [
        Pair(
            profession=profession,
            technique=technique,
            lines=int(lines[p, t].sum()),
            dollars=_dollars(cents[p, t].sum()),
            by=_counts(lines[p, t], cents[p, t]),
        )
        for p, profession in enumerate(AXES["profession"])
        for t, technique in enumerate(AXES["technique"])
        if lines[p, t].any()
    ]


def _rules(tally: Tally) -> list[RuleCount]:
    """The rules behind lines that are not plainly permitted: those that say no, then others."""
    order = {standing: -number for number, standing in enumerate(STANDS)}
    rows = [
        (rule, standing, counts) for (rule, standing), counts in tally.rules.items() if standing != "permitted"
    ]
    rows.sort(key=lambda row: (order[row[1]], -row[2][0], row[0]))
    flagged = [row for row in rows if row[1] in ("prohibited", "urgent")]
    others = sorted(rows[len(flagged) :], key=lambda row: (-row[2][0], row[0]))
    known = citations()
    made = []
    for rule, standing, (lines, cents) in (*flagged[:TOLD], *others[:TOLD]):
        cited = known.get(rule)
        made.append(
            RuleCount(
                rule=rule,
                standing=standing,
                lines=lines,
                dollars=_dollars(cents),
                text=cited.text if cited else None,
                citation=cited.citation if cited else None,
                source=cited.source if cited else None,
                text_seen=cited.text_seen if cited else None,
            )
        )
    return made


def _reasons(tally: Tally) -> list[Why]:
    lines, cents = tally.lines["why"], tally.cents["why"]
    return [
        Why(
            reason=reason,
            text=WHY[reason],
            standing=standing,
            lines=int(lines[r, s]),
            dollars=_dollars(cents[r, s]),
        )
        for r, reason in enumerate(AXES["reason"])
        for s, standing in enumerate(STANDS)
        if lines[r, s]
    ]


def as_json(made: Summary) -> bytes:
    """The summary as ``summary.json``."""
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def read_summary(raw: bytes) -> Summary:
    """A summary from ``summary.json``; raises msgspec's errors if it is none."""
    return msgspec.json.decode(raw, type=Summary)
