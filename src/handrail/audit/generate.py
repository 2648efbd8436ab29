"""Makes synthetic claims with known violations, in any of the layouts that an audit reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from handrail.audit.synthetic import records, tables, wide
from handrail.audit.synthetic.draw import Chunk, World
from handrail.audit.synthetic.figures import Figures, figures
from handrail.audit.synthetic.listing import Listing, beside
from handrail.law import jurisdictions
from handrail.terms import InputError, did_you_mean, find_place

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
        rows: lines of claims; fewer than asked for, where a layout has no more.
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


@dataclass
class _Order:
    rows: int
    seed: int
    out: Path
    violations: int
    first: date
    last: date
    place: str | None
    progress: Progress | None
    figures: Figures = field(default_factory=figures)

    def world(self, places: list[str], *, typed: bool = False, coded: bool = True, yearly: bool = False) -> World:
        """What claims of these places are drawn from. ``typed``: only professions that Medicare has a name for."""
        if self.place:
            if self.place not in places:
                raise InputError(f"{self.place} has no claims in this layout", where="--place")
            places = [self.place]
        names = [name for name, about in self.figures.professions.items() if about.provider_type or not typed]
        return World(
            self.figures, self.rows, self.seed, places, names, self.first, self.last, coded=coded, yearly=yearly
        )

    @property
    def counted(self) -> list[str]:
        """The places where providers have NPIs."""
        return [place for place in jurisdictions() if place not in self.figures.elsewhere.people]

    def columns(
        self,
        world: World,
        batch: Callable[[World, Chunk], Any],
        *,
        chunks: Iterator[Chunk] | None = None,
        listing: Listing | None = None,
        options: tuple[str, ...] = (),
        files: tuple[Path, ...] = (),
    ) -> Planted:
        """Writes columns, chunk by chunk."""
        writer, listing = tables.Writer(self.out), listing or Listing(world)
        rows = 0
        try:
            for chunk in chunks or world.chunks(self.violations):
                writer.write(batch(world, chunk))
                listing.add(chunk)
                rows += len(chunk)
                if self.progress:
                    self.progress(rows, self.rows)
        finally:
            writer.close()
        listed = listing.write(self.out)
        return Planted((self.out, *files), listed, rows, listing.count, self.violations, options)

    def records(self, world: World, kind: type[records.X12] | type[records.Fhir]) -> Planted:
        """Writes claims one by one."""
        listing, rows = Listing(world), 0
        with self.out.open("w", encoding="ascii", newline="") as to:
            writer = kind(to)
            for chunk in world.chunks(self.violations):
                for claim in records.claims(world, chunk):
                    writer.write(claim)
                listing.add(chunk)
                rows += len(chunk)
                if self.progress:
                    self.progress(rows, self.rows)
            writer.close()
        return Planted((self.out,), listing.write(self.out), rows, listing.count, self.violations)


def _plain(order: _Order) -> Planted:
    return order.columns(order.world(list(jurisdictions())), tables.plain)


def _cms_puf(order: _Order) -> Planted:
    world = order.world(order.counted, typed=True, coded=False, yearly=True)
    listing = Listing(world, claims=False)
    options = ("--year", str(order.first.year))
    chunks = wide.by_service(world, order.violations)
    return order.columns(world, wide.cms_puf, chunks=chunks, listing=listing, options=options)


def _desynpuf(order: _Order) -> Planted:
    """All of one place, which the layout does not name: the one where most of what may be planted is forbidden."""
    if order.place is None:
        whole = order.world(order.counted, coded=False)
        count = whole.cells.violating["law"].count.reshape(len(whole.spans.start), -1).sum(axis=1)
        order.place = whole.places[int(whole.spans.place[int(count.argmax())])]
    world = order.world(order.counted, coded=False)
    register = beside(order.out, "npidata.csv")
    writer = tables.Writer(register)
    writer.write(wide.nppes(world))
    writer.close()
    options = ("--place", order.place, "--providers", str(register))
    listing = Listing(world, by_claim=True)
    return order.columns(world, wide.desynpuf, listing=listing, options=options, files=(register,))


def _synthea(order: _Order) -> Planted:
    world = order.world(order.counted, typed=True, coded=False)
    files = []
    for name, batch in wide.synthea_beside(world).items():
        place = order.out.with_name(name)
        if place.exists() and not order.out.exists():
            raise InputError("is there already, and not made by this command", where=str(place))
        files.append((place, batch))
    for place, batch in files:
        writer = tables.Writer(place)
        writer.write(batch)
        writer.close()
    return order.columns(world, wide.synthea, files=tuple(place for place, _ in files))


def _x12(order: _Order) -> Planted:
    return order.records(order.world(order.counted), records.X12)


def _fhir(order: _Order) -> Planted:
    return order.records(order.world(list(jurisdictions())), records.Fhir)


#: The layouts that can be made, and the endings of their files.
LAYOUTS: dict[str, tuple[Callable[[_Order], Planted], tuple[str, ...]]] = {
    "plain": (_plain, (".parquet", ".csv", ".csv.gz", ".csv.zst")),
    "cms_puf": (_cms_puf, (".csv", ".csv.gz", ".csv.zst", ".parquet")),
    "desynpuf": (_desynpuf, (".csv", ".csv.gz", ".csv.zst", ".parquet")),
    "synthea": (_synthea, (".csv", ".csv.gz", ".csv.zst")),
    "x12_837p": (_x12, (".x12", ".837", ".837p", ".edi")),
    "fhir": (_fhir, (".ndjson",)),
}


def generate(
    rows: int,
    *,
    seed: int = 1,
    layout: str = "plain",
    out: Path,
    violations: int | None = None,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    place: str | None = None,
    progress: Progress | None = None,
) -> Planted:
    """Makes claims. The same arguments and the same knowledge make the same claims.

    The lines that are listed as violations are prohibited, and no other is: which are is asked of the law and
    safety rooms. The list stands beside the claims as ``_NAME.planted.csv``; an audit of the folder leaves it out.

    Args:
        rows: lines of claims.
        seed: chooses among all claims that could be made.
        layout: one of LAYOUTS.
        out: the file to write; its ending says the format.
        violations: how many to plant; None: one in 2,000 lines, and at least one.
        first, last: the days of service lie between, both included. A layout by years takes the year of the first.
        place: only claims of this place, by code or name.
        progress: called with the lines made, and their number.

    Raises:
        InputError: for an argument that is none of these, or a file that cannot be written.
    """
    if layout not in LAYOUTS:
        raise InputError(f"{layout!r} is not a layout that can be made", hint=did_you_mean(layout, LAYOUTS))
    make, endings = LAYOUTS[layout]
    if not out.name.casefold().endswith(endings):
        hint = f"Files of layout {layout} end with {', '.join(endings)}"
        raise InputError("has another ending", where=str(out), hint=hint)
    if not 1 <= rows <= MOST_ROWS:
        raise InputError(f"{rows} is not a number of rows", hint=f"Give 1 to {MOST_ROWS:,}")
    wanted = max(1, rows // LINES_A_VIOLATION) if violations is None else violations
    if not 0 <= wanted <= rows:
        raise InputError(f"{wanted} violations do not fit {rows} rows")
    if not 0 <= seed < 1 << 63:
        raise InputError(f"{seed} is not a seed", hint="Give a whole number from 0")
    if first > last:
        raise InputError(f"the last day ({last}) lies before the first ({first})")
    where = find_place(place) if place else None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return make(_Order(rows, seed, out, wanted, first, last, where, progress))
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(out)) from None
