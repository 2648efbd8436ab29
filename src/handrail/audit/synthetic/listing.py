"""The list of planted violations, which stands beside the claims."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from handrail.audit.synthetic.draw import Chunk, World
from handrail.audit.synthetic.tables import FIRST_CLAIM, Writer
from handrail.compiled import REASONS

#: Its columns. ``row`` is the place of the line among the file's rows, from 0, as findings have it.
SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("claim", pa.string()),
        ("line", pa.int32()),
        ("npi", pa.string()),
        ("jurisdiction", pa.string()),
        ("profession", pa.string()),
        ("procedure", pa.string()),
        ("diagnoses", pa.string()),
        ("service_from", pa.date32()),
        ("kind", pa.string()),
        ("rule", pa.string()),
        ("reason", pa.string()),
        ("why", pa.string()),
    ]
)


class Listing:
    """The planted violations.

    Args:
        world: what they are drawn from.
        by_claim: whether a row of the file is a claim, with all its lines.
        claims: whether there are claims at all.
    """

    def __init__(self, world: World, *, by_claim: bool = False, claims: bool = True) -> None:
        self.world, self.by_claim, self.claims = world, by_claim, claims
        self.found: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.found["row"])

    def add(self, chunk: Chunk) -> None:
        """Adds those of a chunk."""
        world, reasons = self.world, list(REASONS)
        for at, kind, period in zip(chunk.planted.tolist(), chunk.kinds, chunk.period.tolist(), strict=True):
            template, provider = int(chunk.template[at]), int(chunk.provider[at])
            reason = reasons[int(world.cells.reasons[period, template])]
            npi, claim = int(world.people.npi[provider]), int(chunk.claim[at])
            values = {
                "row": claim - 1 if self.by_claim else chunk.first_row + at,
                "claim": str(FIRST_CLAIM + claim) if self.claims else None,
                "line": int(chunk.line[at]) if self.claims else None,
                "npi": str(npi) if npi else None,
                "jurisdiction": world.places[int(world.people.place[provider])],
                "profession": world.professions[int(world.people.profession[provider])],
                "procedure": world.table.lines[template].procedure,
                "diagnoses": " ".join(world.table.visits[int(chunk.visit[at])].diagnoses),
                "service_from": date.fromordinal(date(1970, 1, 1).toordinal() + int(chunk.day[at])),
                "kind": kind,
                "rule": world.cells.names[int(world.cells.rules[period, template])],
                "reason": reason,
                "why": REASONS[reason],
            }
            for name, value in values.items():
                self.found[name].append(value)

    def write(self, out: Path) -> Path:
        """Writes the list beside the claims, under a name that an audit of the folder leaves out."""
        listed = beside(out, "planted.csv")
        writer = Writer(listed)
        writer.write(pa.RecordBatch.from_pydict(self.found, schema=SCHEMA))
        writer.close()
        return listed


def beside(out: Path, ending: str) -> Path:
    """A file beside the claims, named after them and not read as claims."""
    return out.with_name(f"_{out.name.split('.')[0]}.{ending}")
