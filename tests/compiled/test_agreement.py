"""The kernel says what ``decide`` says: over the whole finite space, and over random lines.

``HANDRAIL_SOAK=1`` asks every day around every change of every cell, and a million random lines.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pyarrow as pa
import pytest

from handrail import compiled
from handrail.decide import Case, Client, Credential, Decision, Finding, Period, decide
from handrail.law import jurisdictions, load
from handrail.safety import contraindications, icd10cm, strongest
from handrail.terms import PROFESSIONS, REGIONS, TECHNIQUES, InputError, Verdict
from handrail.terms.billing import region_of_diagnosis

SOAK = bool(os.environ.get("HANDRAIL_SOAK"))
#: ``HANDRAIL_LINES`` says how many, where the kernel runs as plain Python (scripts/mutate_code.py).
LINES = int(os.environ.get("HANDRAIL_LINES", 1_000_000 if SOAK else 20_000))
RECENT = date(2026, 11, 24)
YES, NO = ("permitted", "conditional"), ("prohibited", "urgent")


class Line(NamedTuple):
    """A line as a reader of a claim would write it down."""

    jurisdiction: str | None
    profession: str | None
    technique: str | None
    regions: str | None
    first: date | None
    last: date | None
    diagnoses: tuple[str | None, ...] = ()


class Said(NamedTuple):
    """What is compared."""

    verdict: str
    leaning: str | None
    rule: str | None
    candidates: str | None


NOT_JUDGED = Said("not_judged", None, None, None)


# The reference: one case for each candidate, put together as docs/compiled.md says.


@cache
def findings(codes: tuple[str | None, ...]) -> tuple[Finding, ...]:
    """The findings of a line's diagnoses."""
    matches = []
    for code in codes:
        try:
            matches += icd10cm(code or "").matches
        except InputError:
            continue
    return tuple(dict.fromkeys(Finding(m.finding, m.site, m.match) for m in strongest(matches)))


@cache
def decided(
    place: str, profession: str, technique: str, regions: tuple[str, ...], days: Period, found: tuple[Finding, ...]
) -> tuple[str, str | None, str | None]:
    """What decide says: verdict, leaning, and the rule of the first reason."""
    client = Client(findings=found, steps=None)
    answer: Decision = decide(Case(place, technique, (Credential(profession),), regions, days, client))
    return answer.verdict.value, answer.leaning.value if answer.leaning else None, answer.rule


def expected(line: Line) -> Said:
    """What the kernel must say of a line."""
    if line.jurisdiction not in jurisdictions() or line.profession not in PROFESSIONS or line.first is None:
        return NOT_JUDGED
    techniques = tuple(dict.fromkeys((line.technique or "").split("|")))
    last = line.last or line.first
    if any(name not in TECHNIQUES for name in techniques) or last < line.first:
        return NOT_JUDGED
    had = {name: TECHNIQUES[name].regions for name in techniques}
    if line.regions == "@dx":
        read = {region_of_diagnosis(code or "") for code in line.diagnoses}
        asked = [region for region in REGIONS if region in read and any(region in own for own in had.values())]
    else:
        asked = [region for region in (line.regions or "").split("|") if region]
        if any(region not in REGIONS for region in asked):
            return NOT_JUDGED
        if any(all(region not in own for own in had.values()) for region in asked):
            return NOT_JUDGED
    answers = {}
    for name in techniques:
        own = tuple(region for region in asked if region in had[name])
        if asked and not own:
            continue
        days = Period.between(line.first, last)
        answers[name] = decided(line.jurisdiction, line.profession, name, own, days, findings(line.diagnoses))
    first = next(iter(answers.values()))
    if len(techniques) == 1:
        return Said(*first, None)
    text = "; ".join(f"{name}: {v}{f', leaning {lean}' if lean else ''}" for name, (v, lean, _) in answers.items())
    if len({answer[:2] for answer in answers.values()}) == 1:
        return Said(*first, text)
    leanings = {lean or ("yes" if verdict in YES else "no") for verdict, lean, _ in answers.values()}
    return Said("undetermined", leanings.pop() if len(leanings) == 1 else "none", None, text)


def batch(lines: list[Line]) -> pa.RecordBatch:
    """The lines as columns."""
    most = max((len(line.diagnoses) for line in lines), default=0)
    columns = {
        name: pa.array([getattr(line, name) for line in lines], pa.utf8()).dictionary_encode()
        for name in ("jurisdiction", "profession", "technique", "regions")
    }
    columns["service_from"] = pa.array([line.first for line in lines], pa.date32())
    columns["service_to"] = pa.array([line.last for line in lines], pa.date32())
    for number in range(most):
        codes = [line.diagnoses[number] if number < len(line.diagnoses) else None for line in lines]
        columns[f"dx{number + 1}"] = pa.array(codes, pa.utf8()).dictionary_encode()
    return pa.RecordBatch.from_pydict(columns)


def judged(lines: list[Line]) -> list[Said]:
    """What the kernel says."""
    found = compiled.judge(batch(lines))
    return [Said(*row) for row in zip(*(found.column(name).to_pylist() for name in Said._fields), strict=True)]


def compare(lines: Iterable[Line]) -> int:
    """Compares all, and shows the smallest line on which the two differ."""
    lines = list(lines)
    wrong = []
    for line, ours in zip(lines, judged(lines), strict=True):
        theirs = expected(line)
        if ours != theirs:
            wrong.append((len(repr(line)), line, ours, theirs))
    if wrong:
        _, line, ours, theirs = min(wrong, key=lambda row: row[0])
        pytest.fail(f"{len(wrong)} of {len(lines)} lines differ.\n{line}\nkernel: {ours}\ndecide: {theirs}")
    return len(lines)


# The whole finite space


def region_sets(technique: str) -> list[str]:
    """No region, each, and several in both orders."""
    regions = TECHNIQUES[technique].regions
    several = [*("|".join(pair) for pair in pairwise(regions)), "|".join(reversed(regions))]
    return list(dict.fromkeys(["", *regions, *several]))


def days_of(place: str, profession: str, technique: str) -> list[date]:
    """The days around every change; unless soaking, only those of changes that touch the cell."""
    law = load(place)
    changes = law.changes(profession, technique)
    if SOAK:
        changes = {day for p in PROFESSIONS for t in TECHNIQUES for day in law.changes(p, t)}
    around = {day + timedelta(days=days) for day in changes for days in (-1, 0, 1)}
    return sorted({*around, RECENT, *((date(1, 1, 1), date(9999, 12, 31)) if SOAK else ())})


def space(places: list[str]) -> Iterator[Line]:
    """Every cell on every day worth asking, and in the months and years in which it changes."""
    for place in places:
        for profession in PROFESSIONS:
            for technique in TECHNIQUES:
                changes = sorted(load(place).changes(profession, technique))
                periods = [(day, day) for day in days_of(place, profession, technique)]
                for day in changes:
                    month = Period.of(f"{day:%Y-%m}")
                    year = Period.of(f"{day:%Y}")
                    periods += [month[:2], year[:2], (day - timedelta(days=1), day)]
                if changes:
                    periods.append((changes[0] - timedelta(days=1), changes[-1] + timedelta(days=1)))
                sets = region_sets(technique)
                for at, (first, last) in enumerate(periods):
                    # Many days are asked of one region and of none; every set of regions on a few.
                    some = sets if SOAK or at < 2 else sets[:2]
                    yield from (Line(place, profession, technique, text, first, last) for text in some)


PLACES = jurisdictions()


@pytest.mark.parametrize("part", range(8))
def test_the_whole_finite_space(part: int) -> None:
    assert compare(space(PLACES[part::8])) > 5000


# Random lines


@cache
def some_codes() -> tuple[list[str], list[str]]:
    """Codes that mean something (each listed one, its group, and longer ones), and others."""
    listed = {code for row in contraindications().values() for code in row.icd10cm}
    groups = {code[:3] for code in listed}
    longer = {f"{code.replace('.', ''):X<6}{end}"[:7] for code in listed for end in "ADS" if len(code) > 4}
    dotted = {f"{code[:3]}.{code[3:]}" for code in longer}
    regions = [f"M99.0{digit}" for digit in range(10)]
    none = ["M54.5", "M54.50", "M25.511", "Z00.00", "m54.2", "7242", "nonsense", "", " ", "M99.99", "Q.", "M545 "]
    lower = {code.lower() for code in list(listed)[:20]}
    return sorted(listed | groups | dotted | lower), regions * 4 + none


def random_line(random: Random) -> Line:
    """A line with everything that may be on one, and sometimes what may not."""
    place = random.choice(PLACES)
    profession = random.choice(list(PROFESSIONS))
    techniques = list(TECHNIQUES)
    technique = random.choice(techniques)
    regions = random.choice(region_sets(technique))
    if random.random() < 0.3:
        regions = "@dx"
    if random.random() < 0.3:
        some = random.sample(techniques, random.randint(2, 4))
        technique = "|".join(some)
        regions = random.choice([*REGIONS, "", "@dx", "@dx", "lumbar|cervical|extremity"])
    law = load(place)
    changes = sorted({day for t in techniques for day in law.changes(profession, t)})
    first = date(2000, 1, 1) + timedelta(days=random.randrange(11_000))
    if changes and random.random() < 0.7:
        first = random.choice(changes) + timedelta(days=random.randint(-2, 2))
    last: date | None = first
    if random.random() < 0.4:
        last = first + timedelta(days=random.choice([0, 1, 2, 30, 365, 4000]))
    means, other = some_codes()
    count = random.choice([0, 0, 1, 2, 3, 4, 8])
    codes = tuple(random.choice(means if random.random() < 0.5 else other) for _ in range(count))
    line = Line(place, profession, technique, regions, first, last, codes)
    if random.random() < 0.1:
        wrong = {
            "jurisdiction": random.choice([None, "US-XX", "US-fl", ""]),
            "profession": random.choice([None, "masseuse", ""]),
            "technique": random.choice([None, "", "thrust", "mobilization|thrust"]),
            "regions": random.choice([None, "neck", "extremity", "cervical|@dx"]),
            "first": None,
            "last": random.choice([None, first - timedelta(days=1)]),
        }
        name = random.choice(list(wrong))
        line = line._replace(**{name: wrong[name]})
    return line


@pytest.mark.parametrize("seed", range(20 if SOAK else 4))
def test_random_lines(seed: int) -> None:
    random = Random(seed)  # noqa: S311  (a sample, no secret)
    size = LINES // (20 if SOAK else 4)
    lines = [random_line(random) for _ in range(size)]
    assert compare(lines) == size
    # Every way through the kernel was gone, and not once only.
    reasons = Counter(compiled.judge(batch(lines)).column("reason").to_pylist())
    for reason in ("technique_ambiguous", "finding_asks", "finding_forbids", "no_day", "bad_day"):
        assert reasons[reason] > size // 1000, reason


def changing_lines() -> Iterator[Line]:
    """Lines whose days span a change of a rule of their own, with and without diagnoses."""
    random = Random(7)  # noqa: S311
    means, other = some_codes()
    for place in PLACES:
        for profession, rule in load(place).file.rules():
            for day in filter(None, (rule.effective_from, rule.effective_to)):
                for number in range(120):
                    first, last = (
                        day - timedelta(days=random.randint(0, 40)),
                        day + timedelta(days=random.randint(0, 40)),
                    )
                    regions = random.choice([*region_sets(rule.technique), "", "@dx"])
                    technique: str = rule.technique
                    if number % 4 == 0 and regions in ("", "@dx"):
                        technique = "|".join(random.sample(list(TECHNIQUES), 2))
                    count = 0 if number < 10 else random.randint(1, 4)
                    codes = tuple(random.choice(random.choice([means, means, other])) for _ in range(count))
                    yield Line(place, profession, technique, regions, first, last, codes)


def test_days_in_which_the_law_changes() -> None:
    lines = list(changing_lines())
    compare(lines)
    reasons = compiled.judge(batch(lines)).column("reason").to_pylist()
    without = [
        line._replace(diagnoses=(), regions="" if line.regions == "@dx" else line.regions) for line in lines
    ]
    plainly = compiled.judge(batch(without)).column("reason").to_pylist()
    met = Counter(
        (a == "changes_within_period", b == "changes_within_period") for a, b in zip(plainly, reasons, strict=True)
    )
    # A finding can make the change not matter (what it forbids, it forbids on all days), or no difference.
    assert met[True, True] > 100
    assert met[True, False] > 20


@cache
def found_by(code: str) -> tuple[tuple[str, str | None, str], ...]:
    """What a code means."""
    try:
        return tuple((m.finding, m.site, m.match) for m in icd10cm(code).matches)
    except InputError:
        return ()


def test_each_code_alone() -> None:
    """Every code that means something, and what only looks like one: too long, or with a sign that none has."""
    means, other = some_codes()
    odd = ["M81.0\0", "\0M81.0", "M81.0" + "X" * 9, "  M81.0  ", "M81.0 M81.0", "m81.0", "é" * 8]
    codes = [*means, *other, *odd]
    lines = [Line("US-OR", "chiropractor", "thrust_spine", "", RECENT, RECENT, (code,)) for code in codes]
    assert compare(lines) > 1000
    assert compare(lines) > 1000  # what was learnt of them is remembered right
    compare([line._replace(profession="massage_therapist", technique="soft_tissue") for line in lines])


def covered_lines() -> Iterator[Line]:
    """Lines on which an exact finding makes a broad one of the same row, named before it, count for nothing."""
    random = Random(11)  # noqa: S311
    means = [code for code in some_codes()[0] if found_by(code)]
    by_row: dict[str, dict[str, list[str]]] = {}
    for code in means:
        for row, _, match in found_by(code):
            by_row.setdefault(row, {"exact": [], "broad": []})[match].append(code)
    for both in by_row.values():
        for _ in range(60 if both["exact"] and both["broad"] else 0):
            codes = (random.choice(both["broad"]), random.choice(means), random.choice(both["exact"]))
            technique = random.choice(list(TECHNIQUES))
            yield Line("US-OR", "chiropractor", technique, "", RECENT, RECENT, codes)


def test_findings_that_a_stronger_one_covers() -> None:
    lines = list(covered_lines())
    compare(lines)
    plainly = 0
    for line in lines:
        every = tuple(dict.fromkeys(Finding(*found) for code in line.diagnoses for found in found_by(code or "")))
        asked = (line.jurisdiction or "", line.profession or "", line.technique or "", ())
        days = Period.between(RECENT, RECENT)
        plainly += decided(*asked, days, every) != decided(*asked, days, findings(line.diagnoses))
    assert plainly > 0  # else nothing was tested: with all findings kept the answers would be the same


def test_the_comparison_can_fail() -> None:
    line = Line("US-FL", "massage_therapist", "thrust_spine", "", RECENT, RECENT)
    assert expected(line).verdict == "prohibited"
    assert expected(line) != judged([line._replace(technique="soft_tissue")])[0]


# The reason of a line


OPENINGS = {
    "Massage is read to be unregulated": "unregulated",
    "The text that was read does not say": "silent",
    "Reported to be silent": "not_read",
    "Reported, not confirmed": "not_read",
    "Not found, or not settled": "not_settled",
    "No rule on ": "no_rule",
    "Ended on ": "lapsed",
    "A reserved act": "reserved_act_open",
    "The reserved act leaves room": "reserved_act_open",
}


def test_the_reason_is_that_of_the_rule_that_decides() -> None:
    """As the decision's own first sentence says, on a day of today and on the days after a rule ended."""
    asked: list[tuple[str, str, str, date]] = []
    for place in PLACES:
        asked += [(place, held, technique, RECENT) for held in PROFESSIONS for technique in TECHNIQUES]
        for held, rule in load(place).file.rules():
            if rule.effective_to:
                asked.append((place, held, rule.technique, rule.effective_to + timedelta(days=1)))
    lines = [Line(place, held, technique, "", day, day) for place, held, technique, day in asked]
    said = compiled.judge(batch(lines)).column("reason").to_pylist()
    seen: Counter[str] = Counter()
    for (place, held, technique, day), reason in zip(asked, said, strict=True):
        decision = decide(Case(place, technique, [Credential(held)], on=day))
        first = next(reason.text for reason in decision.reasons if reason.gate == "scope")
        expected = next((reason for opening, reason in OPENINGS.items() if first.startswith(opening)), None)
        if decision.verdict is Verdict.PROHIBITED:
            expected = "reserved_act" if (decision.rule or "").endswith("/reserved_act") else "forbidden"
        elif decision.verdict is Verdict.CONDITIONAL:
            expected = "conditions"
        elif decision.verdict is Verdict.PERMITTED:
            expected = expected or "granted"
        assert reason == expected, (place, held, technique, day, first)
        seen[reason] += 1
    assert len(seen) >= 8, seen
