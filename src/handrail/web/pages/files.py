"""Static files: kept for a year under the address with their hash."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from handrail.web.pages.rendering import STATIC

router = APIRouter()
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: Only names that are there: no path is put together from what was asked for.
_FILES = {path.name: path for path in STATIC.iterdir() if path.suffix in _KINDS}
#: Fonts that come as Python packages (SIL Open Font License); without them the reader's own are used.
_FONTS = {
    "sans.ttf": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "sans-bold.ttf": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
    "serif-bold.ttf": ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
}
_WEEK = "public, max-age=604800"


@router.get("/static/{name}")
def static_file(name: str, v: str = "") -> Response:
    """A static file; ``v`` is the hash of its content."""
    path = _FILES.get(name)
    if path is None:
        raise HTTPException(404)
    kept = "public, max-age=31536000, immutable" if v else "no-cache"
    return _file(path, _KINDS[path.suffix], kept)


@router.get("/static/font/{name}")
def font(name: str) -> Response:
    """A font."""
    path = _font(name) if name in _FONTS else None
    if path is None:
        raise HTTPException(404)
    return _file(path, "font/ttf", _WEEK)


@router.get("/favicon.ico")
def favicon() -> Response:
    """The sign of the site, for browsers that ask for it without being told."""
    return _file(_FILES["mark.svg"], "image/svg+xml", _WEEK)


@cache
def _font(name: str) -> Path | None:
    package, file = _FONTS[name]
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "files" / file
    return path if path.is_file() else None


def _file(path: Path, kind: str, kept: str) -> Response:
    return FileResponse(
        path, media_type=kind, headers={"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
    )
