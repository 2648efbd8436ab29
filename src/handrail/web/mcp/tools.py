"""The tools: the same functions that the command line and the pages use."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from handrail.ask import ask as ask_
from handrail.ask import card, who_in, who_question
from handrail.ask.answer import Overview
from handrail.ask.answer import Who as Who_
from handrail.decide import Case, Client, Credential, Decision, Finding, Period, Reason, decide, parse_day
from handrail.law import load
from handrail.law.model import Dated
from handrail.safety import contraindications, red_flags
from handrail.terms import PROFESSIONS, TECHNIQUES, InputError, find_place, known
from handrail.web.mcp.shapes import (
    Answered,
    Asked,
    Checked,
    Citation,
    FoundOne,
    LawHere,
    LawRule,
    Screened,
    Standing,
    WhoHere,
)

#: A record with more signs is refused.
MAX_RECORD = 2_000_000

Place = Annotated[
    str, Field(description="State, province or territory: US-FL, CA-ON, or its name.", max_length=80)
]
Technique = Annotated[
    Literal["soft_tissue", "mobilization", "thrust_spine", "thrust_extremity"],
    Field(
        description="soft_tissue: massage. mobilization: slow, within range. thrust_*: fast, small ('cracking')."
    ),
]
Regions = Annotated[
    list[Literal["cervical", "thoracic", "lumbar", "sacral", "extremity"]],
    Field(description="Regions of the body; none: all that the technique has.", max_length=5),
]
On = Annotated[str | None, Field(description="YYYY-MM-DD, YYYY-MM or YYYY; none: today.", max_length=10)]
Professions = Annotated[
    list[Annotated[str, Field(max_length=60)]],
    Field(
        description=f"Professions held; the best counts. Known: {', '.join(PROFESSIONS)}.",
        min_length=1,
        max_length=10,
    ),
]
Ids = list[Annotated[str, Field(max_length=120)]]


def ask(
    question: Annotated[
        str,
        Field(
            description="In English or French, such as: Can a masseuse crack my back in Florida?", max_length=2000
        ),
    ],
) -> Asked:
    """Answer a question in plain words on who may massage, mobilize or adjust ("crack") where, with the law."""
    answer = ask_(question)
    asked = answer.question
    return Asked(
        understood={
            "heard": [{"words": h.words, "as": h.id} for h in asked.heard],
            "not_understood": list(asked.not_understood),
            "notes": list(asked.notes),
            "health_not_weighed": asked.health,
        },
        ask_back=[f"{c.prompt} ({', '.join(c.options)})" for c in asked.choices],
        answers=[_answered(made, card(made, asked.language, health=asked.health)) for made, _ in answer.decisions],
        overviews=[_overview(one) for one in answer.overviews],
        who=[_who(one, str(asked.on or date.today())) for one in answer.who],  # noqa: DTZ011
    )


def check(
    place: Place,
    professions: Professions,
    technique: Technique,
    regions: Regions = [],  # noqa: B006  (the schema needs a plain default; it is never changed)
    findings: Annotated[
        Ids,
        Field(
            description="Findings by id, or id@site, such as osteoporosis. They make it a visit.", max_length=200
        ),
    ] = [],  # noqa: B006
    done: Annotated[
        Ids,
        Field(
            description="Steps done: history, examination, diagnosis, contraindication_screen, consent.",
            max_length=50,
        ),
    ] = [],  # noqa: B006
    age: Annotated[float | None, Field(description="The client's age in years.", ge=0, le=130)] = None,
    visit: Annotated[
        bool, Field(description="Ask about a visit even with nothing found and nothing done.")
    ] = False,
    endorsements: Annotated[
        Ids, Field(description="Endorsements, rosters and the like held.", max_length=50)
    ] = [],  # noqa: B006
    met: Annotated[Ids, Field(description="Ids of needs that somebody confirms to be met.", max_length=100)] = [],  # noqa: B006
    on: On = None,
) -> Checked:
    """Decide one case: may these professions do this technique here, on this day, to this client?"""
    about = None
    if findings or done or visit or age is not None:
        about = Client(findings=tuple(Finding.of(one) for one in findings), steps=tuple(done), age=age)
    made = decide(_case(place, professions, technique, regions, on, about, endorsements, met))
    return Checked(answer=_answered(made, card(made)))


def who_may(place: Place, technique: Technique, regions: Regions = [], on: On = None) -> WhoHere:  # noqa: B006
    """How every profession stands for a technique in a place, each with its law."""
    asked = who_question(find_place(place), technique, regions, on)
    return _who(who_in(asked.jurisdictions[0], asked), Period.of(on).text)


def law(
    place: Place,
    profession: Annotated[str | None, Field(description="Only this profession.", max_length=60)] = None,
    technique: Annotated[Technique | None, Field(description="Only this technique.")] = None,
    on: Annotated[str | None, Field(description="The day asked, YYYY-MM-DD; none: today.", max_length=10)] = None,
) -> LawHere:
    """The law of a place on manual therapy: every rule with its citation, dates, basis and doubts."""
    found = load(find_place(place))
    day = parse_day(on) if on else date.today()  # noqa: DTZ011
    if profession:
        known("profession", profession, PROFESSIONS)
    rules = [
        LawRule(
            id=rule.id,
            profession=name,
            technique=rule.technique,
            regions=rule.regions if isinstance(rule.regions, str) else ", ".join(rule.regions),
            effect=rule.effect.value,
            status=_status(rule, day),
            conditions=[condition.text for condition in found.conditions(rule)],
            citation=_dated(rule, rule.summary or "", rule.citation, rule.source, rule.text_seen),
            basis=rule.basis.value if rule.basis else None,
            note=rule.note,
        )
        for name, rule in found.file.rules()
        if (not profession or name == profession) and (not technique or rule.technique == technique)
    ]
    act = found.file.reserved_act
    return LawHere(
        jurisdiction=found.jurisdiction,
        name=found.file.name,
        on=day.isoformat(),
        law_researched=found.file.researched.isoformat(),
        rules=rules,
        prerequisites=[
            _dated(
                one,
                one.summary or "; ".join(r.text for r in one.requires),
                one.citation,
                one.source,
                one.text_seen,
            )
            for one in found.file.prerequisites
            if not technique or one.technique == technique
        ],
        reserved_act=_dated(act, act.summary, act.citation, act.source, act.text_seen) if act else None,
        regulators={
            name: entry.regulator
            for name, entry in found.file.professions.items()
            if not profession or name == profession
        },
    )


def screen(
    record: Annotated[
        dict[str, Any], Field(description="The client's record: a FHIR R4 Bundle or resource. It is not stored.")
    ],
    place: Place,
    professions: Professions,
    technique: Technique,
    regions: Regions = [],  # noqa: B006
    done: Annotated[Ids, Field(description="Steps of the visit that were done.", max_length=50)] = [],  # noqa: B006
    patient: Annotated[str | None, Field(description="Id of the Patient meant.", max_length=64)] = None,
    on: Annotated[str | None, Field(description="The day, YYYY-MM-DD; none: today.", max_length=10)] = None,
) -> Screened:
    """Find what a client's FHIR R4 record says about a technique, and decide. A silent record clears nobody."""
    from handrail.intake import read
    from handrail.intake import screen as screen_

    raw = json.dumps(record).encode()
    if len(raw) > MAX_RECORD:
        raise InputError(f"has more than {MAX_RECORD} signs", where="record")
    day = parse_day(on) if on else date.today()  # noqa: DTZ011
    case = _case(place, professions, technique, regions, day.isoformat(), None, [], [])
    document = read(raw, "record")
    found = screen_(
        document,
        on=day,
        technique=technique,
        regions=tuple(regions),
        steps=tuple(done),
        where="record",
        patient=patient,
    )
    made = decide(replace(case, client=found.client))
    return Screened(
        findings=[
            FoundOne(
                finding=one.finding.id,
                name=(contraindications().get(one.finding.id) or red_flags()[one.finding.id]).name,
                site=one.finding.site,
                certain=one.finding.match == "exact",
                resource=one.resource,
                code=f"{one.system} {one.code}",
                why=one.why,
            )
            for one in found.evidence
        ],
        not_recognised=[f"{one.system} {one.code} ({one.path}): {one.why}" for one in found.unrecognised],
        set_aside=[f"{one.resource}: {one.why}" for one in found.set_aside],
        not_read=dict(document.not_read),
        notes=list(found.notes),
        answer=_answered(made, card(made)),
    )


TOOLS = (ask, check, who_may, law, screen)


def _case(
    place: str,
    professions: list[str],
    technique: str,
    regions: list[Any],
    on: str | None,
    client: Client | None,
    endorsements: list[str],
    met: list[str],
) -> Case:
    return Case(
        find_place(place),
        known("technique", technique, TECHNIQUES),
        tuple(Credential(name, endorsements=tuple(endorsements)) for name in professions),
        region=tuple(regions) if len(regions) > 1 else regions[0] if regions else None,
        on=on,
        client=client,
        met=tuple(met),
    )


def _answered(made: Decision, shown: Any) -> Answered:
    lines: dict[str, list[str]] = {}
    for line in shown.lines:
        lines.setdefault(line.label, []).append(line.text)
    return Answered(
        headline=shown.headline,
        verdict=made.verdict.value,
        leaning=made.leaning.value if made.leaning else None,
        jurisdiction=made.case.jurisdiction,
        profession=made.profession,
        technique=made.case.technique,
        lines=lines,
        citations=[_citation(reason) for reason in made.reasons],
        needs=[f"{need.id}: {need.text}" for need in made.needs],
        law_researched=made.as_of,
        on=made.on,
        knowledge=made.knowledge,
    )


def _citation(reason: Reason) -> Citation:
    return Citation(
        text=reason.text,
        citation=reason.citation,
        source=reason.source,
        text_seen=reason.text_seen,
        in_force_from=reason.effective_from.isoformat() if reason.effective_from else None,
        in_force_to=reason.effective_to.isoformat() if reason.effective_to else None,
    )


def _dated(item: Dated, text: str, citation: str | None, source: str | None, seen: bool) -> Citation:
    return Citation(
        text=text,
        citation=citation,
        source=source,
        text_seen=seen,
        in_force_from=item.effective_from.isoformat() if item.effective_from else None,
        in_force_to=item.effective_to.isoformat() if item.effective_to else None,
    )


def _status(item: Dated, day: date) -> str:
    if item.in_force(day):
        return "in force"
    return "not yet" if item.effective_from and day < item.effective_from else "ended"


def _overview(one: Overview) -> dict[str, Any]:
    return one.as_dict()


def _who(who: Who_, on: str) -> WhoHere:
    return WhoHere(
        jurisdiction=who.jurisdiction,
        technique=who.technique,
        on=on,
        law_researched=who.researched.isoformat(),
        professions=[
            Standing(
                profession=one.profession,
                verdict=one.decision.verdict.value,
                leaning=one.decision.leaning.value if one.decision.leaning else None,
                needs=[need.text for need in one.decision.needs],
                citations=[_citation(r) for r in one.decision.reasons if r.gate == "scope"],
            )
            for one in who.standings
        ],
    )
