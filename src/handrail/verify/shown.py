"""A counterexample as a command that a reader can run."""

from __future__ import annotations

import shlex
from datetime import date
from typing import Any, NamedTuple

from handrail.law import jurisdictions
from handrail.terms import FULL_REGISTER_CLASSES, STEPS
from handrail.verify.model import SymbolicCase, the_day, z3
from handrail.verify.world import FIRST, Group, Key, RuleRow


class Counterexample(NamedTuple):
    """What a proof failed on: in words, and as commands that show it."""

    text: str
    commands: tuple[str, ...]


def named(key: Key) -> str:
    """A jurisdiction, profession and technique in words."""
    jurisdiction, profession, technique = key
    return f"{technique} by {profession} in {jurisdiction}"


def dated(row: RuleRow) -> str:
    """A rule with its days."""
    first = "" if row.first == FIRST else f" from {date.fromordinal(row.first)}"
    return f"{row.id} ({row.effect}{first})"


def day_of(model: Any) -> int:
    """The day that a model is about."""
    return int(_value(model, the_day()).as_long())


def true_in(model: Any, formula: Any) -> bool:
    """Whether a formula is true in a model; what the model leaves open counts as false."""
    return bool(z3().is_true(_value(model, formula)))


def regions_in(model: Any, case: SymbolicCase) -> list[str]:
    """The regions asked."""
    names = [region.region for region in case.structure.regions]
    return [name for name in names if true_in(model, case.asked(name))]


def check(key: Key, regions: list[str], day: int) -> str:
    """The command of a general question."""
    words = [*_asked(key), *_each("--region", regions), "--on", str(date.fromordinal(day))]
    return shlex.join(words)


def command(model: Any, case: SymbolicCase, group: Group) -> str:
    """The command of a whole case."""
    true = [name for name, fact in case.facts.items() if true_in(model, fact)]
    words = [*_asked(group[:3]), *_each("--region", regions_in(model, case))]
    words += ["--on", str(date.fromordinal(day_of(model)))]
    words += _client(true, case)
    words += _each("--endorsement", _of("held", true))
    for subject, hours in case.hours.items():
        value = _value(model, hours).as_fraction()
        if value > 0:
            words += ["--training", f"{subject}={float(value):g}"]
    if not case.structure.unlicensed:
        words += _credential(model, true, case, group)
    return shlex.join(words)


def _asked(key: Key) -> list[str]:
    jurisdiction, profession, technique = key
    return ["handrail", "check", "--in", jurisdiction, "--as", profession, "--do", technique]


def _client(true: list[str], case: SymbolicCase) -> list[str]:
    samples = {present.name: present.sample for present in (case.found.present if case.found else ())}
    found = [samples[name] for name in true if name in samples]
    visit = "kind:visit" in true
    words = _each("--with", [f"{id_}@{site}" if site else id_ for id_, site, _ in found])
    words += _each("--unscreened", _of("unscreened", true))
    for id_ in _of("confirmed", true):
        words += ["--done" if visit and id_ in STEPS else "--met", id_]
    if "kind:record" in true:
        words.append("--record")
    elif visit and not {"--with", "--unscreened", "--done"} & set(words):
        words.append("--client")
    return words


def _credential(model: Any, true: list[str], case: SymbolicCase, group: Group) -> list[str]:
    given = _of("credential", true)
    words: list[str] = []
    if "class" in given:
        spoken = {*FULL_REGISTER_CLASSES, *(name.partition(":")[2] for name in case.facts if name[:6] == "class:")}
        other = next(name for name in ("provisional", "student", "temporary", "another") if name not in spoken)
        words += ["--register-class", next(iter(_of("class", true)), other)]
    if "not_active" in given:
        words += ["--status", "suspended"]
    if "status_unknown" in given:
        words += ["--status", "unknown"]
    _, first, last = case.days
    for fact, option, symbol in (("from", "--valid-from", first), ("to", "--valid-to", last)):
        if fact in given:
            words += [option, str(date.fromordinal(_value(model, symbol).as_long()))]
    if "elsewhere" in given:
        words += ["--licensed-in", next(place for place in jurisdictions() if place != group.jurisdiction)]
        if "compact" in given:
            words += ["--compact", "a compact"]
    return words


def _of(kind: str, names: list[str]) -> list[str]:
    return [name.partition(":")[2] for name in names if name.startswith(f"{kind}:")]


def _each(option: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _value(model: Any, formula: Any) -> Any:
    return model.eval(formula, model_completion=True)
