"""What a screening gives back: findings tied to the resource that made them, and all that made none."""

from __future__ import annotations

from typing import Any, NamedTuple

from handrail.decide import Client, Finding


class Evidence(NamedTuple):
    """A finding, and what in the record made it.

    Args:
        finding: the finding.
        resource: such as ``Condition/abc``, or the path where it has no id.
        path: where it stands, such as ``Bundle.entry[3].resource``.
        system: ``icd10cm``, ``snomed``, ``rxnorm``, ``name``, ``loinc``, ``answer`` or ``category``.
        code: the code in that system.
        name: what Handrail's files call the code; never the record's own words.
        why: why the code means the finding, or may mean it.
        source: where it was seen that the code means it.
    """

    finding: Finding
    resource: str
    path: str
    system: str
    code: str
    name: str | None
    why: str
    source: str | None


class Unrecognised(NamedTuple):
    """A code that Handrail's files do not have, or something that cannot be read."""

    resource: str
    path: str
    system: str
    code: str
    why: str


class SetAside(NamedTuple):
    """A resource, or one meaning of it, that does not count on the day asked."""

    resource: str
    path: str
    why: str


class Screening(NamedTuple):
    """What a record says about one client."""

    client: Client
    evidence: tuple[Evidence, ...]
    unrecognised: tuple[Unrecognised, ...]
    set_aside: tuple[SetAside, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The screening as plain data, in the documented shape (docs/json.md)."""
        return {
            "age": self.client.age,
            "findings": [
                {
                    "finding": {"id": e.finding.id, "site": e.finding.site, "match": e.finding.match},
                    **{key: value for key, value in e._asdict().items() if key != "finding"},
                }
                for e in self.evidence
            ],
            "unscreened": list(self.client.unscreened),
            "unrecognised": [u._asdict() for u in self.unrecognised],
            "set_aside": [s._asdict() for s in self.set_aside],
            "notes": list(self.notes),
        }


class Collected:
    """What the readers of the resource types gather, in the order of the record."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []
        self.unrecognised: list[Unrecognised] = []
        self.set_aside: list[SetAside] = []
        self.notes: list[str] = []
        self.unscreened: list[str] = []
        self.steps: list[str] = []
        self.age: int | None = None
