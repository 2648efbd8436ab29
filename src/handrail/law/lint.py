"""Checks law files: errors that must be mended, notices of what a reader should know.

"Clean" means no errors. Notices never fail: they mark gaps, and marking a gap is good work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from handrail.files import convert, one_line, parse, read_bytes
from handrail.law.load import FOLDER, misfits, problems
from handrail.law.model import Dated, Effect, LawFile, Regulated, Rule, day_after
from handrail.terms import TECHNIQUES, InputError


class Problem(NamedTuple):
    """Something wrong, or worth knowing, in a law file; ``where`` is its rule and field, or its line."""

    severity: Literal["error", "notice"]
    file: str
    where: str
    text: str


def lint(paths: Iterable[Path] | None = None) -> list[Problem]:
    """All problems of some law files, or of all shipped ones; errors first."""
    found = [problem for path in (paths or sorted(FOLDER.glob("*.yaml"))) for problem in lint_file(path)]
    return sorted(found, key=lambda problem: problem.severity)


def lint_file(path: Path) -> list[Problem]:
    """The problems of one file.

    A file that is no YAML has that one error; one that does not fit the format has an error for each field that
    does not; only one that fits is checked further.
    """
    try:
        data = parse(read_bytes(path), path.name)
    except InputError as error:
        return [_error(path, error)]
    misfitting = [_error(path, error) for error in misfits(data, path.name)]
    if misfitting:
        return misfitting
    file = convert(data, LawFile, path.name)
    found = [Problem("error", path.name, *_placed(text)) for text in problems(file)]
    if path.stem != file.jurisdiction:
        found.append(Problem("error", path.name, "jurisdiction", f"is {file.jurisdiction}, not the file's name"))
    found += [Problem("error", path.name, where, text) for where, text in contradictions(file)]
    found += [Problem("notice", path.name, where, text) for where, text in _notices(file)]
    return found


def _error(path: Path, error: InputError) -> Problem:
    where = error.where.removeprefix(one_line(str(path))).removeprefix(path.name).lstrip(": ")
    text = f"{error.message}. {error.hint}" if error.hint else error.message
    return Problem("error", path.name, f"line {where}" if where.isdigit() else where, text)


def _placed(text: str) -> tuple[str, str]:
    """A problem's rule (or other place), and the rest of it."""
    place, colon, rest = text.partition(": ")
    return (place, rest) if colon and " " not in place else ("", text)


def contradictions(file: LawFile) -> Iterator[tuple[str, str]]:
    """Read rules of one cell that say different things of one region on one day."""
    cells: dict[tuple[str, str], list[Rule]] = {}
    for profession, rule in file.rules():
        if rule.read and rule.effect.speaks:
            cells.setdefault((profession, rule.technique), []).append(rule)
    for (_, technique), rules in cells.items():
        told: set[frozenset[str]] = set()
        for day in _days(rules):
            for region in TECHNIQUES[technique].regions:
                reach = [rule for rule in rules if rule.in_force(day) and rule.covers(region)]
                # A rule that names the region beats one that says `all`: these do not contradict each other.
                reach = [rule for rule in reach if rule.regions != "all"] or reach
                pair = frozenset(rule.id for rule in reach)
                if len({rule.effect for rule in reach}) > 1 and pair not in told:
                    told.add(pair)
                    says = ", ".join(f"{rule.id.rsplit('/', 1)[1]} says {rule.effect}" for rule in reach)
                    when = "" if day == date.min else f" {day},"
                    yield reach[0].id, f"effect: on {region},{when} {says}: their texts are marked as read"


def _days(items: Iterable[Dated]) -> set[date]:
    """A day in every period between the dates of some rules."""
    days = {date.min}
    for item in items:
        if item.effective_from:
            days.add(item.effective_from)
        if item.effective_to:
            days.add(day_after(item.effective_to))
    return days


def _notices(file: LawFile) -> Iterator[tuple[str, str]]:
    for name, entry in file.professions.items():
        if entry.regulated is Regulated.UNKNOWN:
            yield f"professions.{name}.regulated", "how the profession is regulated is not known"
        if not entry.regulator_url and (entry.regulator or entry.regulated is not Regulated.NONE):
            yield f"professions.{name}.regulator_url", "no address of the regulator"
    for _, rule in file.rules():
        if rule.effect in (Effect.PERMITTED, Effect.CONDITIONAL, Effect.PROHIBITED) and not rule.read:
            yield f"{rule.id}.text_seen", f"{rule.effect} without a read text"
    for _profession, rule in unsucceeded(file):
        yield f"{rule.id}.effective_to", f"ends on {rule.effective_to} and no successor is there"


def unsucceeded(file: LawFile) -> Iterator[tuple[str, Rule]]:
    """Rules that end with no rule of their cell in force on the day after, on one of their regions."""
    for profession, rule in file.rules():
        if rule.effective_to in (None, date.max):
            continue
        after = day_after(rule.effective_to)
        cell = [r for p, r in file.rules() if p == profession and r.technique == rule.technique]
        follow = [other for other in cell if other.in_force(after)]
        regions = filter(rule.covers, TECHNIQUES[rule.technique].regions)
        if not all(any(other.covers(region) for other in follow) for region in regions):
            yield profession, rule
