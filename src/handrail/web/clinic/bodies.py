"""What requests to ``/v1/clinic`` bring, and what answers hold. Client data are codes only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Role = Literal["viewer", "front_desk", "clinician", "owner"]


class Body(BaseModel):
    """Unknown fields are an error: a misspelt one would be a silent wrong answer."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class CheckBody(Body):
    """A booking."""

    practitioner: Word = Field(description="Id on the roster.", examples=["p-ann"])
    service: Word = Field(description="Id of a service, or of a technique.", examples=["thrust_spine"])
    time: Word = Field(description="When, by the clinic's clock.", examples=["2026-12-01T09:30"])
    codes: list[Annotated[str, StringConstraints(max_length=200)]] | None = Field(
        None,
        max_length=200,
        description="Of the client: findings (id or id@site), ICD-10-CM and SNOMED CT codes, medicines.",
        examples=[["M81.0"]],
    )
    steps: list[Word] | None = Field(None, max_length=50, description="What was done already; null: not known.")
    age: float | None = Field(None, ge=0, le=130, description="The client's, in years.")
    met: list[Word] = Field(default_factory=list, max_length=100, description="Needs confirmed to be met, by id.")
    client: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="The clinic's own code for the client, never a name.", examples=["c-0042"]
    )


class OverrideBody(Body):
    """Somebody went against a decision."""

    of: int = Field(ge=1, lt=2**63, description="The decision's number in the log.", examples=[12])
    reason: str = Field(
        min_length=1, max_length=1000, description="Why, without the client's name.", examples=["cleared by MD"]
    )


class ServiceBody(Body):
    """A service of the clinic."""

    name: str = Field(min_length=1, max_length=200, examples=["Neck adjustment"])
    technique: Word = Field(examples=["thrust_spine"])
    regions: list[Word] = Field(default_factory=list, max_length=5, examples=[["cervical"]])


class UserBody(Body):
    """A new account."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(examples=["ben"])
    role: Role
    password: str = Field(min_length=1, max_length=256, examples=["a sentence that only ben knows"])


class UserChange(Body):
    """What to change of an account; its sessions end."""

    role: Role | None = None
    password: str | None = Field(None, min_length=1, max_length=256)
    disabled: bool | None = None


class KeyBody(Body):
    """A new API key."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(examples=["booking system"])
    role: Role
    days: int | None = Field(365, ge=1, le=3660, description="Until it ends; null for never.")


class SwitchBody(Body):
    """Whether the log is on."""

    on: bool


class ProblemBody(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    where: str | None = None
    hint: str | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers that say what went wrong, for OpenAPI."""
    media = {"application/problem+json": {"schema": ProblemBody.model_json_schema()}}
    said = {
        400: "Bad input",
        401: "Nobody known is asking",
        403: "Not allowed, or a forged form",
        404: "Not there, or no clinic here",
        409: "The Idempotency-Key is another request's, or under way",
        413: "Too large",
        429: "Too many attempts",
        503: "The store is full, busy, away or not set up",
    }
    return {status: {"description": said[status], "content": media} for status in statuses}


#: What any address of the clinic's can answer.
ALWAYS = problems(400, 401, 403, 404, 413, 429, 503)
WRITES = {**ALWAYS, **problems(409)}
