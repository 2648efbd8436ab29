"""Makes synthetic claims with known violations, in any of the layouts that an audit reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from handrail.audit.synthetic.cells import KINDS
from handrail.audit.synthetic.draw import Chunk, World
from handrail.audit.synthetic.figures import figures
from handrail.audit.synthetic.tables import FIRST_CLAIM, Writer, plain
from handrail.compiled import REASONS
from handrail.law import jurisdictions
from handrail.terms import InputError, did_you_mean

#: Days of service, unless others are asked for.
FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2025, 12, 31)
#: One violation in so many lines, unless their number is given.
LINES_A_VIOLATION = 2000
MOST_ROWS = 10_000_000_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Planted:
    """What was made.

    Attributes:
        files: the claims, first, and files that belong beside them.
        listed: the list of planted violations.
        rows: lines of claims.
        violations: how many were planted; fewer than asked for, if there was no room for more.
        asked: how many were asked for.
        options: what an audit of these claims must be told.
    """

    files: tuple[Path, ...]
    listed: Path
    rows: int
    violations: int
    asked: int
    options: tuple[str, ...] = ()


def generate(
    rows: int,
    *,
    seed: int = 1,
    layout: str = "plain",
    out: Path,
    violations: int | None = None,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    progress: Progress | None = None,
) -> Planted:
    """Makes claims. The same arguments and the same knowledge make the same claims.

    The lines that are listed as violations are prohibited, and no other is: which cells are is asked of the law and
    safety rooms. Beside the claims stands ``_NAME.planted.csv``, which an audit of the folder leaves out.

    Args:
        rows: lines of claims.
        seed: chooses among all claims that could be made.
        layout: one of LAYOUTS.
        out: the file to write; its ending says the format.
        violations: how many to plant; None: one in 2,000 lines, and at least one.
        first, last: the days of service lie between, both included.
        progress: called with the lines made, and their number.

    Raises:
        InputError: for an argument that is none of these, or a file that cannot be written.
    """
    if layout not in LAYOUTS:
        raise InputError(f"{layout!r} is not a layout that can be made", hint=did_you_mean(layout, LAYOUTS))
    if not 1 <= rows <= MOST_ROWS:
        raise InputError(f"{rows} is not a number of rows", hint=f"Give 1 to {MOST_ROWS:,}")
    wanted = max(1, rows // LINES_A_VIOLATION) if violations is None else violations
    if not 0 <= wanted <= rows:
        raise InputError(f"{wanted} violations do not fit {rows} rows")
    if not 0 <= seed < 1 << 63:
        raise InputError(f"{seed} is not a seed", hint="Give a whole number from 0")
    if first > last:
        raise InputError(f"the last day ({last}) lies before the first ({first})")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return LAYOUTS[layout](rows, seed, out, wanted, first, last, progress)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(out)) from None


def _plain(
    rows: int, seed: int, out: Path, wanted: int, first: date, last: date, progress: Progress | None
) -> Planted:
    known = figures()
    world = World(known, rows, seed, list(jurisdictions()), list(known.professions), first, last, coded=True)
    writer = Writer(out)
    listing = Listing(world)
    try:
        for chunk in world.chunks(wanted):
            writer.write(plain(world, chunk))
            listing.add(chunk)
            if progress:
                progress(chunk.first_row + len(chunk), rows)
    finally:
        writer.close()
    return Planted((out,), listing.write(out), rows, listing.count, wanted)


class Listing:
    """The planted violations, as they are listed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: dict[str, list[Any]] = {
            name: []
            for name in (
                "row", "claim", "line", "npi", "jurisdiction", "profession", "procedure", "diagnoses", "service_from",
                "kind", "rule", "reason", "why",
            )
        }  # fmt: skip

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
            npi = int(world.people.npi[provider])
            values = {
                "row": chunk.first_row + at,
                "claim": str(FIRST_CLAIM + int(chunk.claim[at])),
                "line": int(chunk.line[at]),
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
        """Writes the list beside the claims."""
        listed = out.with_name(f"_{out.name.split('.')[0]}.planted.csv")
        writer = Writer(listed)
        writer.write(pa.RecordBatch.from_pydict(self.found, schema=_LISTED))
        writer.close()
        return listed


_LISTED = pa.schema(
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
LAYOUTS: dict[str, Callable[..., Planted]] = {"plain": _plain}
__all__ = ["KINDS", "LAYOUTS", "Planted", "generate"]
