"""The law as arrays, asked of the reference cell by cell.

A cell is a jurisdiction in a period between two days of change, a profession, and a technique on one region. What
stands in it is what the scope gate answers about the bare profession there: for a record the licence gate and the
process gate add nothing (``decide`` says so, and the agreement tests compare the whole of it).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from handrail import law as law_
from handrail import safety
from handrail.compiled.words import REASON
from handrail.decide import scope
from handrail.decide.conditions import Shown
from handrail.decide.judgement import Judgement
from handrail.law import Effect, Law
from handrail.terms import PROFESSIONS, TECHNIQUES, Verdict, standing

EPOCH = date(1970, 1, 1).toordinal()
NOTHING_SHOWN = Shown(frozenset(), frozenset(), {}, None)
#: Every technique with each of its regions, in the vocabulary's order.
PLACES_OF_WORK: tuple[tuple[str, str], ...] = tuple(
    (technique, region) for technique, about in TECHNIQUES.items() for region in about.regions
)
EFFECTS: tuple[str, ...] = tuple(effect.value for effect in Effect)


class Base(NamedTuple):
    """The law as arrays. A period is a row of ``standing``; those of one jurisdiction follow each other.

    Args:
        jurisdictions: codes, sorted.
        professions: ids.
        rules: ids of all rules and reserved acts, then of all findings.
        conditions: ids of conditions; a bit each in ``needs`` and ``rule_conditions``.
        first_period: per jurisdiction, its first row; one more at the end.
        changes: per period, the first day of it, in days since 1970-01-01; the least int32 for a first period.
        standing: [period, profession, place of work], as ``terms.standing``.
        rule: likewise: the rule of the first reason, as 1 + its number in ``rules``; 0: none.
        reason: likewise: the number of the reason's code.
        speaks: likewise: whether something that says yes or no reaches the region.
        needs: likewise: which row of ``need_sets`` the unmet conditions are.
        need_sets: sets of conditions, as bits.
        rule_effect: per law rule, its effect (in EFFECTS); 255 for reserved acts and findings.
        rule_conditions: per law rule, its conditions as bits.
    """

    jurisdictions: tuple[str, ...]
    professions: tuple[str, ...]
    rules: tuple[str, ...]
    conditions: tuple[str, ...]
    first_period: npt.NDArray[np.int32]
    changes: npt.NDArray[np.int32]
    standing: npt.NDArray[np.uint8]
    rule: npt.NDArray[np.uint16]
    reason: npt.NDArray[np.uint8]
    speaks: npt.NDArray[np.bool_]
    needs: npt.NDArray[np.uint16]
    need_sets: npt.NDArray[np.uint64]
    rule_effect: npt.NDArray[np.uint8]
    rule_conditions: npt.NDArray[np.uint64]


class _Cell(NamedTuple):
    standing: int
    rule: int
    reason: int
    speaks: bool
    needs: int


def build() -> Base:
    """The arrays, from the law files through the reference: a second or two."""
    places, professions = tuple(law_.jurisdictions()), tuple(PROFESSIONS)
    laws = [law_.load(place) for place in places]
    rules = tuple(dict.fromkeys([*_law_ids(laws), *safety.contraindications(), *safety.red_flags()]))
    conditions = tuple(sorted({c.id for law in laws for _, r in law.file.rules() for c in law.conditions(r)}))
    number = {name: n for n, name in enumerate(rules, 1)}
    bit = {name: 1 << n for n, name in enumerate(conditions)}
    sets: dict[int, int] = {0: 0}
    first_period, changes = [0], []
    rows: list[list[list[_Cell]]] = []
    for law in laws:
        days = sorted({day for p in professions for t in TECHNIQUES for day in law.changes(p, t)})
        changes += [np.iinfo(np.int32).min, *(day.toordinal() - EPOCH for day in days)]
        first = len(rows)
        before = days[0] - timedelta(days=1) if days else law.file.researched
        for day in (before, *days):
            row = []
            for at, profession in enumerate(professions):
                cells: list[_Cell] = []
                for technique, about in TECHNIQUES.items():
                    if day is before or day in law.changes(profession, technique):
                        for region in about.regions:
                            judged = scope.judge(law, profession, technique, region, day, NOTHING_SHOWN)
                            cells.append(_cell(judged, law, day, number, bit, sets))
                    else:
                        cells += rows[-1][at][len(cells) : len(cells) + len(about.regions)]
                row.append(cells)
            rows.append(row)
        first_period.append(first + 1 + len(days))
    words = -(-len(conditions) // 64)
    effects, bits = _about_rules(laws, number, bit)
    cells_array = np.array(rows, dtype=np.int64)  # [period, profession, place of work, field]
    return Base(
        places,
        professions,
        rules,
        conditions,
        np.array(first_period, dtype=np.int32),
        np.array(changes, dtype=np.int32),
        np.ascontiguousarray(cells_array[..., 0].astype(np.uint8)),
        np.ascontiguousarray(cells_array[..., 1].astype(np.uint16)),
        np.ascontiguousarray(cells_array[..., 2].astype(np.uint8)),
        np.ascontiguousarray(cells_array[..., 3].astype(np.bool_)),
        np.ascontiguousarray(cells_array[..., 4].astype(np.uint16)),
        _bits(list(sets), words),
        np.array(effects, dtype=np.uint8),
        _bits(bits, words),
    )


def _law_ids(laws: list[Law]) -> Iterator[str]:
    for law in laws:
        yield from law.rules_by_id
        if law.file.reserved_act:
            yield f"{law.jurisdiction}/reserved_act"


def _about_rules(laws: list[Law], number: dict[str, int], bit: dict[str, int]) -> tuple[list[int], list[int]]:
    effects, bits = [255] * len(number), [0] * len(number)
    for law in laws:
        for rule in law.rules_by_id.values():
            at = number[rule.id] - 1
            effects[at] = EFFECTS.index(rule.effect.value)
            bits[at] = sum({bit[condition.id] for condition in law.conditions(rule)})
    return effects, bits


def _bits(numbers: list[int], words: int) -> npt.NDArray[np.uint64]:
    low = (1 << 64) - 1
    return np.array(
        [[(number >> 64 * word) & low for word in range(words)] for number in numbers], dtype=np.uint64
    ).reshape(len(numbers), words)


def _cell(
    judged: Judgement, law: Law, day: date, number: dict[str, int], bit: dict[str, int], sets: dict[int, int]
) -> _Cell:
    at = standing(judged.verdict, judged.leaning)
    # The first of the worst, as Decision.rule: decide sorts by standing, then by gate, and is stable.
    first = next(r for r in judged.reasons if standing(r.verdict, r.leaning) == at)
    rule = number[first.rule] if first.rule else 0
    needs = sum({bit[need.id] for need in judged.needs})
    return _Cell(
        at,
        rule,
        REASON[_reason(judged.verdict, first.rule, law, day)],
        judged.speaks,
        sets.setdefault(needs, len(sets)),
    )


def _reason(verdict: Verdict, id_: str | None, law: Law, day: date) -> str:
    rule = law.rules_by_id.get(id_ or "")
    if verdict is Verdict.PERMITTED:
        return "unregulated" if rule and rule.effect is Effect.SILENT else "granted"
    if verdict is Verdict.CONDITIONAL:
        return "conditions"
    if verdict is Verdict.PROHIBITED:
        return "forbidden" if rule else "reserved_act"
    if id_ is None:
        return "no_rule"
    if rule is None:
        return "reserved_act_open"
    if not rule.in_force(day):
        return "lapsed"
    if rule.effect is Effect.SILENT and not rule.read:
        return "not_read"
    return {Effect.SILENT: "silent", Effect.UNKNOWN: "not_settled"}.get(rule.effect, "not_read")
