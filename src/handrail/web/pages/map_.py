"""Map: how a profession and a technique stand in every place, on a day."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from handrail.ask import phrases
from handrail.decide import parse_day
from handrail.decide.survey import Cell, coverage
from handrail.law import load
from handrail.terms import PROFESSIONS, TECHNIQUES, known, tiles
from handrail.web.pages import words
from handrail.web.pages.rendering import address, language_of, render

router = APIRouter()
#: The slider's range of days. The law before is mostly not researched; a day outside can still be written.
FIRST, LAST = date(2015, 1, 1), date(2030, 12, 31)


@router.get("/map")
def whole(
    request: Request, profession: str = "massage_therapist", technique: str = "thrust_spine", on: str = ""
) -> HTMLResponse:
    """The map as a page."""
    return render(request, "map.html", **_context(request, profession, technique, on))


@router.get("/map/fragment")
def fragment(
    request: Request, profession: str = "massage_therapist", technique: str = "thrust_spine", on: str = ""
) -> HTMLResponse:
    """The picture and the table alone, for the page's own script."""
    return render(request, "map_fragment.html", **_context(request, profession, technique, on))


def _context(request: Request, profession: str, technique: str, on: str) -> dict[str, Any]:
    known("profession", profession, PROFESSIONS)
    known("technique", technique, TECHNIQUES)
    day = parse_day(on) if on else date.today()  # noqa: DTZ011  (the reader's day is meant)
    language = language_of(request)
    names = words.Words(language)
    cells = _cells(profession, technique, day)
    grid = tiles()
    rows = []
    for code, name in names.places():
        cell = cells[code]
        rows.append(
            {
                "code": code,
                "short": code[3:],
                "name": name,
                "stand": words.stand(cell.verdict, cell.leaning),
                "said": phrases.stands(cell.verdict, cell.leaning, language),  # type: ignore[arg-type]
                "rule": cell.rule,
                "tile": grid[code],
                "law": f"/law/{code}#{profession}",
            }
        )
    counted = {stand: sum(row["stand"] == stand for row in rows) for stand in words.STANDS if stand != "urgent"}
    days = _days(profession, technique)
    return {
        "rows": rows,
        "tiled": sorted(rows, key=lambda row: (row["tile"][1], row["tile"][0])),
        "counted": counted,
        "profession": profession,
        "technique": technique,
        "day": day,
        "first": FIRST,
        "last": LAST,
        "position": max(0, min((LAST - FIRST).days, (day - FIRST).days)),
        "span": (LAST - FIRST).days,
        "changes": [
            (
                one,
                [names.place(code) for code in codes],
                address("/map", profession=profession, technique=technique, on=one.isoformat(), lang=language),
            )
            for one, codes in days
        ],
        "researched": min(load(code).file.researched for code in cells),
    }


@lru_cache(maxsize=128)
def _cells(profession: str, technique: str, day: date) -> dict[str, Cell]:
    return {row.jurisdiction: row.cells[0] for row in coverage(day, (profession,), (technique,))}


@lru_cache(maxsize=64)
def _days(profession: str, technique: str) -> tuple[tuple[date, tuple[str, ...]], ...]:
    """The days within the slider's range on which something of this question begins or ends, and where."""
    found: dict[date, list[str]] = {}
    for code in tiles():
        law = load(code)
        if not law.cell(profession, technique):
            continue
        for day in law.changes(profession, technique):
            if FIRST <= day <= LAST:
                found.setdefault(day, []).append(code)
    return tuple((day, tuple(codes)) for day, codes in sorted(found.items()))
