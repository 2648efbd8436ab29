"""The roster as CSV: preview with errors by row, import of all or of the good rows, export that no sheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from handrail.clinic.models import PractitionerRow
from handrail.clinic.roster import Held, Practitioner, Roster, by_id, read, write
from handrail.clinic.words import an_id
from handrail.decide import STATUSES, Credential
from handrail.law import has
from handrail.terms import PROFESSIONS, InputError, did_you_mean, find_place, known
from handrail.terms import cells as cells_

#: A row is one credential. The first four and ``status`` are always needed.
COLUMNS = (
    "practitioner_id",
    "name",
    "profession",
    "jurisdiction",
    "status",
    "npi",
    "register_class",
    "number",
    "valid_from",
    "valid_to",
    "compact",
    "endorsements",
    "training",
)
NEEDED = COLUMNS[:5]
LARGEST, MOST_ROWS = 2_000_000, 5_000


class Row(NamedTuple):
    """What becomes of a line of the file.

    Args:
        line: the line's number; the header is 1.
        practitioner: the id it names, if it is one.
        action: ``new``, ``changed``, ``same`` or ``error``.
        errors: what is wrong, by column.
    """

    line: int
    practitioner: str | None
    action: str
    errors: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "line": self.line,
            "practitioner": self.practitioner,
            "action": self.action,
            "errors": [{"column": column, "message": message} for column, message in self.errors],
        }


class Import(NamedTuple):
    """What an import did, or would do."""

    rows: tuple[Row, ...]
    #: Whether anything was written.
    done: bool

    @property
    def errors(self) -> int:
        """How many rows have an error."""
        return sum(row.action == "error" for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        actions = [row.action for row in self.rows]
        counts = {action: actions.count(action) for action in ("new", "changed", "same", "error")}
        return {"done": self.done, "counts": counts, "rows": [row.as_dict() for row in self.rows]}


class _Read(NamedTuple):
    line: int
    id: str | None
    name: str
    npi: str | None
    held: Held | None
    errors: list[tuple[str, str]]


def import_csv(roster: Roster, data: bytes, *, commit: bool = False, only_good: bool = False) -> Import:
    """Reads a roster and, if asked to, writes it: all, or nothing, or (``only_good``) the rows without errors.

    A row adds the credential of its profession and place to its practitioner, or replaces it; credentials and
    practitioners that the file does not name stay.

    Args:
        roster: where to.
        data: the file, UTF-8, with a header.
        commit: write. Else nothing is written, and the answer says what would be.
        only_good: leave rows with an error out, instead of writing nothing.

    Raises:
        InputError: for a file that is no such table at all.
    """
    lines = list(_lines(data))
    _clashes(lines)
    if not commit:
        rows = _judge(lines, by_id(roster.all()))[0]
        return Import(rows, False)
    with roster.store.write() as session:
        ids = {line.id for line in lines if line.id}
        now = {one: read(row) for one in sorted(ids) if (row := session.get(PractitionerRow, one))}
        rows, made = _judge(lines, now)
        bad = any(row.action == "error" for row in rows)
        if bad and not only_good:
            return Import(rows, False)
        changed = {row.practitioner for row in rows if row.action in ("new", "changed")}
        for who in made.values():
            if who.id in changed:
                write(session, who)
    return Import(rows, bool(changed))


def _judge(lines: list[_Read], now: dict[str, Practitioner]) -> tuple[tuple[Row, ...], dict[str, Practitioner]]:
    made = dict(now)
    rows = []
    for line in lines:
        if line.errors or line.id is None or line.held is None:
            rows.append(Row(line.line, line.id, "error", tuple(line.errors)))
            continue
        before = made.get(line.id)
        try:
            after = _with(before, line)
        except InputError as error:
            rows.append(Row(line.line, line.id, "error", ((error.where or "practitioner_id", _say(error)),)))
            continue
        action = "new" if line.id not in now else "same" if after == before else "changed"
        made[line.id] = after
        rows.append(Row(line.line, line.id, action))
    return tuple(rows), made


def _with(before: Practitioner | None, line: _Read) -> Practitioner:
    assert line.id is not None  # noqa: S101  (the caller has looked)
    assert line.held is not None  # noqa: S101
    if before is None:
        return Practitioner(line.id, line.name, line.npi, True, (line.held,))
    kept = [held if held.key != line.held.key else line.held for held in before.held]
    if line.held.key not in {held.key for held in before.held}:
        kept.append(line.held)
    return replace(before, name=line.name, npi=line.npi or before.npi, held=tuple(kept))


def _lines(data: bytes) -> Iterator[_Read]:
    if len(data) > LARGEST:
        raise InputError(f"the file is larger than {LARGEST:,} bytes", where="file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"line {line} is not UTF-8", where="file", hint="Save it as CSV UTF-8") from None
    if "\0" in text:
        raise InputError("the file holds a null sign", where="file", hint="Save it as CSV UTF-8")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        _check_header(header)
        count = 0
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise InputError(f"the file has more than {MOST_ROWS:,} rows", where="file")
            yield _line(reader.line_num, header, cells)
    except csv.Error:
        raise InputError(f"line {reader.line_num} is not CSV: a quote is not closed", where="file") from None
    if not count:
        raise InputError("the file has no rows", where="file")


def _check_header(header: list[str]) -> None:
    if not any(header):
        raise InputError("the file is empty", where="file", hint=f"Its header is {','.join(COLUMNS)}")
    for name in header:
        if name not in COLUMNS:
            shown = name[:40] if name.isprintable() else "?"
            raise InputError(f"{shown!r} is not a column", where="line 1", hint=did_you_mean(name[:40], COLUMNS))
    if len(set(header)) < len(header):
        raise InputError("a column stands twice", where="line 1")
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise InputError(f"columns are missing: {', '.join(missing)}", where="line 1")


def _line(number: int, header: list[str], cells: list[str]) -> _Read:
    errors: list[tuple[str, str]] = []
    if len(cells) > len(header):
        errors.append(("", f"has {len(cells)} cells, the header {len(header)}"))
    row = {name: _unguarded(cell.strip()) for name, cell in zip(header, cells, strict=False)}
    row = {name: row.get(name, "") for name in COLUMNS}
    missing = [name for name in NEEDED if not row[name]]
    errors.extend((name, f"{name} is missing") for name in missing)

    def tried(column: str, make: Any) -> Any:
        if column in missing:
            return None
        try:
            return make()
        except InputError as error:
            errors.append((column, _say(error)))
            return None

    id_ = tried("practitioner_id", lambda: an_id(row["practitioner_id"], "practitioner_id"))
    # Made with a name that is right anyway, so that each column's mistake is told by itself.
    tried("name", lambda: Practitioner("x", row["name"]))
    tried("npi", lambda: Practitioner("x", "x", row["npi"] or None))
    place = tried("jurisdiction", lambda: _place(row["jurisdiction"]))
    training = tried("training", lambda: _training(row["training"]))
    days = {name: tried(name, lambda name=name: _day(row[name], name)) for name in ("valid_from", "valid_to")}
    held = None
    if not missing:
        named = {"profession": row["profession"], "status": row["status"].casefold()}
        tried("profession", lambda: known("profession", named["profession"], PROFESSIONS))
        tried("status", lambda: known("status", named["status"], STATUSES))
        if not errors:
            held = tried(
                "valid_to",
                lambda: Held(
                    Credential(
                        named["profession"],
                        jurisdiction=place,
                        register_class=row["register_class"] or None,
                        status=named["status"],
                        valid_from=days["valid_from"],
                        valid_to=days["valid_to"],
                        compact=row["compact"] or None,
                        endorsements=_split(row["endorsements"]),
                        training=training or {},
                    ),
                    row["number"] or None,
                ),
            )
    return _Read(number, id_, row["name"], row["npi"] or None, held, errors)


def _place(given: str) -> str:
    return given.upper() if has(given.upper()) else find_place(given)


def _day(given: str, name: str) -> date | None:
    from handrail.decide import parse_day

    return parse_day(given, name) if given else None


def _split(given: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in given.replace("|", ";").split(";") if part.strip())


def _training(given: str) -> dict[str, float]:
    hours = {}
    for item in _split(given):
        subject, equals, number = (part.strip() for part in item.partition("="))
        try:
            hours[subject] = float(number)
        except ValueError:
            equals = ""
        if not equals or not subject or not 0 <= hours[subject] < 1e6:
            raise InputError("training is not SUBJECT=HOURS; ...", where="training", hint="Such as x=400")
    return hours


def _clashes(lines: list[_Read]) -> None:
    """Rows of one practitioner must agree on who that is; a credential stands in one row."""
    people: dict[str, _Read] = {}
    seen: dict[tuple[str, tuple[str, str]], int] = {}
    for line in lines:
        if line.id is None:
            continue
        first = people.setdefault(line.id, line)
        if first is not line and line.name != first.name:
            line.errors.append(("name", f"is another name than in line {first.line}"))
        if first is not line and line.npi and first.npi and line.npi != first.npi:
            line.errors.append(("npi", f"is another NPI than in line {first.line}"))
        if line.held:
            before = seen.setdefault((line.id, line.held.key), line.line)
            if before != line.line:
                line.errors.append(
                    ("profession", f"the credential of this profession and place is in line {before}")
                )


def _say(error: InputError) -> str:
    return f"{error.message}. {error.hint}" if error.hint else error.message


def export_csv(practitioners: Iterable[Practitioner]) -> str:
    """The roster as ``import_csv`` reads it. No cell begins as a formula does: an apostrophe stands before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for who in practitioners:
        for held in who.held:
            data = {**held.as_dict(), "practitioner_id": who.id, "name": who.name, "npi": who.npi}
            data["endorsements"] = ";".join(held.credential.endorsements)
            data["training"] = ";".join(
                f"{subject}={hours:g}" for subject, hours in held.credential.training.items()
            )
            writer.writerow(guarded(data[name]) for name in COLUMNS)
    return out.getvalue()


def guarded(value: object) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1")
    "'=1+1"
    """
    return cells_.guarded("" if value is None else str(value))


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe of ``guarded``, so that an export can be read again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(cells_.FORMULA) else cell
