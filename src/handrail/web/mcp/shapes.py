"""What the tools give back: typed, so that an assistant sees what each part is."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

DISCLAIMER = (
    "This is not legal or medical advice. The law was read on the day named; check the licence with the "
    "regulator, and a clinician decides about a body."
)


class Citation(BaseModel):
    """A text that an answer rests on."""

    text: str = Field(description="What it says, in Handrail's words.")
    citation: str | None = Field(default=None, description="The statute, rule, case or study, as it is cited.")
    source: str | None = Field(default=None, description="Where it was read.")
    text_seen: bool | None = Field(
        None, description="Whether that text itself was read; false: known second-hand."
    )
    in_force_from: str | None = Field(default=None, description="First day in force; none: not researched.")
    in_force_to: str | None = Field(default=None, description="Last day in force; none: still in force.")


class Answered(BaseModel):
    """One case, decided."""

    headline: str = Field(description="The answer in one sentence.")
    verdict: str = Field(description="permitted, conditional, undetermined, prohibited or urgent.")
    leaning: str | None = Field(default=None, description="How an undetermined answer leans: yes, none or no.")
    jurisdiction: str = Field(description="ISO 3166-2 code.")
    profession: str = Field(description="The profession that it is about.")
    technique: str = Field(description="The technique.")
    lines: dict[str, list[str]] = Field(
        description="Why, needs, who may, instead, what comes first, notes, by label."
    )
    citations: list[Citation] = Field(description="Every reason with its source.")
    needs: list[str] = Field(description="What must be met first.")
    law_researched: str = Field(description="The day on which the place's law was read.")
    on: str = Field(description="The day, month or year asked.")
    knowledge: str = Field(description="Version of the knowledge: the same case and version give the same answer.")


class _Said(BaseModel):
    disclaimer: str = Field(default=DISCLAIMER, description="To be passed on with every answer.")


class Asked(_Said):
    """The answer to a question in words."""

    understood: dict[str, Any] = Field(description="What the words were taken for; what was not understood.")
    ask_back: list[str] = Field(description="Questions to ask first: until then nothing is decided.")
    answers: list[Answered] = Field(description="One for each place and profession asked.")
    overviews: list[dict[str, Any]] = Field(description="Where no place was named: how it stands in each place.")
    who: list[WhoHere] = Field(description="For a question of who may.")


class Checked(_Said):
    """A case, decided."""

    answer: Answered


class Standing(BaseModel):
    """How a profession stands."""

    profession: str
    verdict: str
    leaning: str | None = None
    needs: list[str]
    citations: list[Citation]


class WhoHere(_Said):
    """Who may do a technique in a place."""

    jurisdiction: str
    technique: str
    on: str = Field(description="The day asked.")
    law_researched: str
    professions: list[Standing]


class LawRule(BaseModel):
    """One rule of law."""

    id: str
    profession: str
    technique: str
    regions: str
    effect: str = Field(description="permitted, conditional, prohibited, silent or unknown.")
    status: str = Field(description="in force, not yet or ended, on the day asked.")
    conditions: list[str]
    citation: Citation
    basis: str | None = Field(default=None, description="Such as statute, regulation or secondary.")
    note: str | None = None


class LawHere(_Said):
    """The law of a place."""

    jurisdiction: str
    name: str
    on: str
    law_researched: str
    rules: list[LawRule]
    prerequisites: list[Citation] = Field(description="What the law wants before a technique.")
    reserved_act: Citation | None = None
    regulators: dict[str, str | None] = Field(description="Regulator by profession.")


class FoundOne(BaseModel):
    """A finding, and what in the record made it."""

    finding: str
    name: str
    site: str | None = None
    certain: bool = Field(description="False: the code only may mean it; ask.")
    resource: str
    code: str
    why: str


class Screened(_Said):
    """What a record says, and the case decided with it."""

    findings: list[FoundOne]
    not_recognised: list[str] = Field(description="Codes that were not recognised, with why.")
    set_aside: list[str] = Field(description="What does not count on the day, with why.")
    not_read: dict[str, int] = Field(description="Resources of types that are not read.")
    notes: list[str]
    answer: Answered


Asked.model_rebuild()
