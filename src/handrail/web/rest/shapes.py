"""What answers look like, for the OpenAPI. The rooms' own ``as_dict`` make them; docs/json.md says it in words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from handrail.terms import Leaning, Verdict


class Problem(Struct):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = ""
    where: str = ""
    hint: str = ""


class Standing(Struct):
    """How something stands; ``leaning`` is null unless undetermined."""

    verdict: Verdict
    leaning: Leaning | None


class Reason(Struct):
    """Why, with its source."""

    gate: Literal["licence", "scope", "safety", "process"]
    verdict: Verdict
    text: str
    rule: str | None
    citation: str | None
    source: str | None
    basis: str | None
    explicit: bool | None
    text_seen: bool | None
    effective_from: str | None
    effective_to: str | None
    note: str | None


class Need(Struct):
    """What must be met first."""

    id: str
    text: str
    gate: str
    rule: str | None


class Decision(Struct):
    """The answer to a case, with everything it rests on."""

    verdict: Verdict
    leaning: Leaning | None
    by_region: dict[str, Standing]
    reasons: list[Reason]
    needs: list[Need]
    limits: list[dict[str, Any]]
    before: list[dict[str, Any]]
    verify: dict[str, str | None]
    case: dict[str, Any]
    knowledge: str
    on: str
    who_may: list[dict[str, Any]] = []
    instead: list[dict[str, Any]] = []


class Decisions(Struct):
    """Answers to a batch, in its order: each a decision, or the problem with that case."""

    decisions: list[dict[str, Any]]
    failed: Annotated[int, Meta(description="How many of them are problems")]


class Answer(Struct):
    """The answer to a question in plain words."""

    question: dict[str, Any]
    choices: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    overviews: list[dict[str, Any]]
    who: list[dict[str, Any]]


class Page(Struct):
    """A part of a list; ``next`` is the address of the next part."""

    items: list[dict[str, Any]]
    total: int
    next: str | None


class Audit(Struct):
    """An audit and how far it is."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    file: str
    rows: int
    expected: int | None
    progress: float | None
    created: str
    expires: str
    problem: str | None
    summary: dict[str, Any] | None
