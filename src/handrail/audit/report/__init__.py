"""The report of an audit: one HTML file that opens from disk, made from ``summary.json`` alone.

It needs no network, no script and no other file, and says so to the browser (a content security policy without any
source). Every number stands with the one it is a part of.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from handrail.audit.report.view import view
from handrail.audit.summary import SHAPE, Summary
from handrail.terms import InputError

__all__ = ["read", "report"]

_HERE = Path(__file__).parent


def report(summary: Summary | Mapping[str, Any]) -> str:
    """The report as HTML.

    Args:
        summary: what ``summary.json`` holds, typed or as plain data.

    Raises:
        InputError: if it is no summary of this version, or jinja2 is not installed.
    """
    made = summary if isinstance(summary, Summary) else _typed(summary)
    page: str = _template().render(**view(made), style=_style())
    return page


def read(path: Path) -> Summary:
    """The summary in a file.

    Raises:
        InputError: if it cannot be read, or is no summary of this version.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from None
    try:
        return _typed(msgspec.json.decode(raw))
    except msgspec.DecodeError:
        raise InputError("is not JSON", where=str(path)) from None
    except InputError as error:
        raise InputError(str(error), where=str(path)) from None


def _typed(data: Any) -> Summary:
    if isinstance(data, Mapping) and data.get("shape") != SHAPE:
        raise InputError(f"is no summary of version {SHAPE}", hint="Audit the claims again with this version")
    try:
        return msgspec.convert(data, Summary)
    except msgspec.ValidationError:
        raise InputError("is no summary of an audit") from None


@cache
def _template() -> Any:
    try:
        jinja2 = importlib.import_module("jinja2")
    except ImportError:
        raise InputError("a report needs jinja2", hint="Run: pip install 'handrail[audit]'") from None
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.html")


@cache
def _style() -> Any:
    # Our own file: its signs must not be escaped.
    return importlib.import_module("markupsafe").Markup((_HERE / "style.css").read_text(encoding="utf-8"))
