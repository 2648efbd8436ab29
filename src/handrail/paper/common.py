"""What the papers share: the head, the authority, findings and reasons as facts with their sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from handrail.decide import Before, Credential, Decision, Finding, Need, Reason
from handrail.paper.names import Names
from handrail.paper.sources import Sources
from handrail.paper.words import Voice
from handrail.safety import finding_name as named
from handrail.terms import PLACES, PROFESSIONS, REGIONS, STEPS, TECHNIQUES

_FILE_NAME = re.compile(r" \(\w+\.yaml\)")


class Fact(NamedTuple):
    """Words of the knowledge (in English), how sure they are (in the paper's language), and their sources."""

    text: str
    refs: tuple[int, ...]
    how: str = ""
    note: str | None = None


class StepLine(NamedTuple):
    """A step: its name, what it contains, and whether it was done."""

    id: str
    name: str
    of_law: bool  # the name is the law's own text, in English
    contains: str
    done: bool | None
    refs: tuple[int, ...]


def head(decision: Decision, names: Names, w: Voice, sources: Sources) -> dict[str, Any]:
    """What every paper needs."""
    return {
        "names": names,
        "decision": decision,
        "technique": technique(decision, w),
        "plain": plain(decision.case.technique, w),
        "regions": regions(decision, w),
        "place": place(decision, w),
        "day": w.day(decision.on),
        "as_of": w.day(decision.as_of),
        "profession": profession(decision.profession, w),
        "verdict": verdict(decision, w),
        "sources": sources,
    }


def technique(decision: Decision, w: Voice) -> str:
    """The technique's name."""
    about = TECHNIQUES[decision.case.technique]
    return w.own(about.name if w.language == "en" else about.name_fr)


def plain(name: str, w: Voice) -> str:
    """A technique in plain words."""
    about = TECHNIQUES[name]
    return w.own(about.plain if w.language == "en" else about.plain_fr)


def regions(decision: Decision, w: Voice) -> str:
    """The regions looked at, by their everyday names."""
    return w.listed([region(name, w) for name in decision.case.regions])


def region(name: str, w: Voice) -> str:
    """A region's everyday name."""
    return w.own(REGIONS[name].name if w.language == "en" else REGIONS[name].name_fr)


def site(name: str, w: Voice) -> str:
    """The name of where a finding sits."""
    return region(name, w) if name in REGIONS else w(f"site_{name}")


def place(decision: Decision, w: Voice) -> str:
    """The place's name and code."""
    code = decision.case.jurisdiction
    name = PLACES[code].name if w.language == "en" else PLACES[code].name_fr
    return f"{name} ({code})"


def profession(name: str, w: Voice) -> str:
    """A profession's name."""
    return w.own(PROFESSIONS[name].name if w.language == "en" else PROFESSIONS[name].name_fr)


def verdict(decision: Decision, w: Voice) -> str:
    """The verdict in words, with its leaning."""
    said = w(f"verdict_{decision.verdict.value}")
    return f"{said}{w('colon')}{w(f'leaning_{decision.leaning.value}')}" if decision.leaning else said


def credential(decision: Decision) -> Credential:
    """The credential that the answer is about."""
    held = decision.case.credentials
    return next((one for one in held if one.profession == decision.profession), held[0])


def held(decision: Decision, w: Voice) -> list[str]:
    """What was given of the credential, in words."""
    given = credential(decision)
    said = [
        w(f"held_{key}", value=value)
        for key, value in (
            ("status", given.status),
            ("class", given.register_class),
            ("from", given.valid_from and w.day(given.valid_from.isoformat())),
            ("to", given.valid_to and w.day(given.valid_to.isoformat())),
            ("place", given.jurisdiction),
            ("compact", given.compact),
        )
        if value
    ]
    said += [w("held_endorsement", value=one) for one in given.endorsements]
    said += [f"{subject}: {w('held_training', value=f'{hours:g}')}" for subject, hours in given.training.items()]
    return said


def facts(reasons: Iterable[Reason], w: Voice, sources: Sources) -> list[Fact]:
    """Reasons as facts."""
    return [fact(reason, w, sources) for reason in reasons]


def fact(reason: Reason, w: Voice, sources: Sources) -> Fact:
    """A reason with how sure it is and where it comes from."""
    how = []
    if reason.gate == "scope" and reason.rule:
        if reason.basis:
            how.append(w(f"basis_{reason.basis}"))
        if reason.text_seen is not None:
            how.append(w("text_read" if reason.text_seen else "unread"))
        if reason.explicit is False and reason.text_seen:
            how.append(w("follows"))
        how += _dates(reason.effective_from, reason.effective_to, w)
    elif reason.text_seen is False:
        how.append(w("unread"))
    cited = f"{reason.citation}: " if how and reason.citation and reason.gate == "scope" else ""
    return Fact(clean(reason.text), sources.of_reason(reason), cited + ", ".join(how), reason.note)


def _dates(start: date | None, end: date | None, w: Voice) -> list[str]:
    said = []
    if start:
        said.append(w("from_day", day=w.day(start.isoformat())))
    if end:
        said.append(w("to_day", day=w.day(end.isoformat())))
    return said


def clean(text: str) -> str:
    """The knowledge's words without the names of its files."""
    return _FILE_NAME.sub("", text)


def steps(decision: Decision, w: Voice, sources: Sources) -> list[StepLine]:
    """The steps that come first, with what they contain."""
    lines = []
    for step in decision.before:
        name, contains = _named(step)
        if step.step in STEPS:
            name = step_name(step.step, w)
        lines.append(StepLine(step.step, name, step.step not in STEPS, contains, step.done, sources.of_step(step)))
    return lines


def step_name(step: str, w: Voice) -> str:
    """A step's name; a need that is no step keeps its own text elsewhere."""
    if w.has(f"step_{step}"):  # papers are read by others than the client too: "your consent" would mislead
        return w(f"step_{step}")
    return w.own(STEPS[step].name if w.language == "en" else STEPS[step].name_fr)


def _named(step: Before) -> tuple[str, str]:
    if step.step not in STEPS:
        return clean(step.text), ""
    rest = clean(step.text).removeprefix(STEPS[step.step].name)
    return STEPS[step.step].name, rest.removeprefix(":").strip()


def needs(decision: Decision, w: Voice, *, without: tuple[str, ...] = ()) -> list[tuple[str, bool]]:
    """What is still needed, each with whether it is in the knowledge's words (English)."""
    return [need_line(need, w) for need in decision.needs if need.id not in without]


def need_line(need: Need, w: Voice) -> tuple[str, bool]:
    """A need: a step by its name, anything else in the knowledge's words."""
    if need.id in STEPS and need.gate == "process":
        return step_name(need.id, w), False
    return clean(need.text), True


def finding_name(finding: Finding | str, w: Voice) -> str:
    """A finding's name in the paper's language."""
    return w.own(named(finding if isinstance(finding, str) else finding.id, w.language))


def about(reasons: Iterable[Reason], finding: str) -> list[Reason]:
    """The reasons that a finding gave."""
    return [reason for reason in reasons if reason.rule == finding and not reason.text.startswith("Not screened")]
