"""Writes tests/cases/decide/findings.txt and decisions.txt: how findings are judged, and some decisions whole.

``make answers`` runs it, after answers.py. Both are there to be read in a diff.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from handrail import Case, Client, Credential, Finding, decide
from handrail.decide.safety import grade
from handrail.safety import contraindications, red_flags
from handrail.terms import TECHNIQUES

FOLDER = Path(__file__).parent.parent / "tests" / "cases" / "decide"
FINDINGS_HEAD = """\
# How each finding is judged, technique by technique and region by region; in brackets what would settle it. What
# is not listed against a region is left out.
# Made by `make answers`; read what changed before you commit it.
"""
DECISIONS_HEAD = """\
# Decisions whole, with every word, source and note: some of each kind. Made by `make answers`; read what changed
# before you commit it. An entry that is empty is left out.
"""
ALL = ("history", "examination", "diagnosis", "contraindication_screen", "consent")
PLACE, DAY = "US-WA", "2026-11-24"


def findings() -> str:
    """How every finding is judged, alone."""
    lines = [FINDINGS_HEAD.rstrip()]
    for id_ in dict.fromkeys((*contraindications(), *red_flags())):
        row = contraindications().get(id_) or red_flags()[id_]
        source = f"{row.source.title}, {'read' if row.text_seen else 'not read'}"
        lines.append(f"\n{id_}: {row.name} ({source})")
        for match in ("exact", "broad"):
            lines += [f"  {line}" for line in _graded(Finding(id_, match=match), match)]  # type: ignore[arg-type]
    return "\n".join(lines) + "\n"


def _graded(finding: Finding, match: str) -> Iterator[str]:
    """A line for what is judged alike; what is not listed against a region is left out."""
    told: dict[str, dict[str, list[str]]] = {}
    for technique, about in TECHNIQUES.items():
        for region in about.regions:
            for reason, need in grade(finding, technique, region):
                settled = f" [{need.id}; {need.gate}]" if need else ""
                text = reason.text.partition(": ")[2]
                line = f"{reason.gate}, {reason.verdict}{settled}: {text}"
                if "not listed against" not in text:
                    told.setdefault(line, {}).setdefault(technique, []).append(region)
    for line, where in told.items():
        if match == "exact" or "[ask:" in line:
            on = "; ".join(f"{technique} on {' '.join(regions)}" for technique, regions in where.items())
            yield f"{match}, {on}: {line}"


def decisions() -> str:
    """Some decisions, whole."""
    told: set[str] = set()
    return DECISIONS_HEAD + "".join(
        f"\n{name}\n{_text(_filled(_whole(case)), told)}" for name, case in _cases().items()
    )


def _text(whole: dict[str, Any], told: set[str]) -> str:
    """A line for each entry, and for each member of a list; what comes first is told once."""
    lines = []
    for key, value in whole.items():
        for each in value if isinstance(value, list) else [value]:
            line = f"  {key}: {json.dumps(each, ensure_ascii=False)}\n"
            if key not in ("before", "verify") or line not in told:
                lines.append(line)
                told.add(line)
    return "".join(lines)


def _whole(case: Case) -> dict[str, Any]:
    whole = decide(case).as_dict()
    del whole["knowledge"]  # it changes with every word of a file
    del whole["who_may"], whole["instead"]  # tests compare them with what decide says
    return whole


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items() if inner not in (None, [], {}, ())}
    return [_filled(inner) for inner in value] if isinstance(value, list | tuple) else value


def _cases() -> dict[str, Case]:
    def about(client: Client | None = None, place: str = PLACE, as_: str = "chiropractor", **more: Any) -> Case:
        held = more.pop("held", {})
        do, on = more.pop("do", "thrust_spine"), more.pop("on", DAY)
        return Case(place, do, [Credential(as_, **held)], on=on, client=client, **more)

    therapist: Callable[..., Case] = lambda **more: about(as_="physical_therapist", **more)  # noqa: E731
    found: dict[str, Case] = {}
    for technique in TECHNIQUES:
        found[f"A visit with nothing done: {technique}"] = about(Client(), do=technique)
        found[f"A visit with all done: {technique}"] = about(Client(steps=ALL), do=technique)
        found[f"A visit in Ontario: {technique}"] = about(Client(), place="CA-ON", do=technique)
        found[f"A question: {technique}"] = about(do=technique, as_="massage_therapist", place="US-FL")
    for age in (1, 2, 12, 13, 17, 18, 19, 20, 55, 56):
        found[f"Age {age}"] = about(Client(age=age, steps=ALL))
    found["Age 12, given as a finding too"] = about(Client(["child_neck_lumbar_thrust"], ALL, age=12))
    found["A finding confirmed"] = about(Client(["osteoporosis"], ALL), met=["decision:osteoporosis"])
    found["A finding elsewhere"] = about(Client(["acute_fracture@thoracic"], ALL), region="cervical")
    found["Something not screened"] = about(Client((), ALL, ["osteoporosis", "diplopia"]))
    for status in ("active", "expired", "unknown"):
        found[f"A licence that is {status}"] = about(held={"status": status})
    found["A licence of elsewhere"] = about(held={"jurisdiction": "US-OR"})
    found["A licence under a compact"] = about(held={"jurisdiction": "US-OR", "compact": "a compact"})
    found["A licence not yet valid"] = about(held={"valid_from": "2027-01-01"})
    found["A licence that ended"] = about(held={"valid_to": "2026-01-01"})
    found["A licence given whole"] = about(
        held={"status": "active", "register_class": "full", "jurisdiction": PLACE, "valid_from": "2020-01-01"}
    )
    found["A register class that nobody names"] = about(held={"register_class": "student"})
    found["An endorsement that nobody asks for"] = about(held={"endorsements": ["spinal_manipulations"]})
    found["Hours that nobody asks for"] = about(held={"training": {"cooking": 40}})
    found["Something confirmed that nobody asks for"] = about(met=["nothing"])
    found["Conditions, none met"] = therapist()
    found["Conditions, one met"] = therapist(held={"training": {"differential_diagnosis": 100}})
    found["Conditions, all met"] = therapist(held={"endorsements": ["spinal_manipulation"]})
    for register in ("provisional", "general", "full"):
        held = {"register_class": register}
        found[f"A condition on the register: {register}"] = therapist(place="CA-AB", held=held)
    found["A condition that the licence meets"] = about(place="US-OH", as_="mechanotherapist")
    found["A year in which the law changes"] = therapist(on="2020")
    found["Two credentials"] = Case(
        PLACE, "thrust_spine", [Credential("massage_therapist"), Credential("physical_therapist")], on=DAY
    )
    found["A region on which nothing speaks"] = about(place="US-VA", region=("lumbar", "sacral"))
    found["Regions, none asked"] = about(place="US-VA")
    found["Reported, not read"] = therapist(place="US-FL")
    found["A rule that supports, beside"] = therapist(place="US-AR")
    found["A rule that is silent, beside"] = therapist(place="US-KS")
    found["Massage where it is unregulated"] = about(place="CA-QC", as_="massage_therapist", do="soft_tissue")
    found["A reserved act and an unlicensed person"] = about(as_="unlicensed_person")
    found["A reserved act and a profession without a rule"] = about(as_="occupational_therapist")
    found["A reserved act that leaves room"] = therapist(on="2010-01-01")
    found["Before anything was researched"] = about(on="1950-01-01")
    found["Before a rule began"] = about(place="CA-PE", as_="massage_therapist", on="2000-01-01")
    found["No rule at all"] = about(as_="naprapath", do="mobilization")
    return found


def documents() -> dict[Path, str]:
    """What each file should say."""
    return {FOLDER / "findings.txt": findings(), FOLDER / "decisions.txt": decisions()}


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
