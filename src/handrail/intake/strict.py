"""Whole validation of the resources that are read, by the models of fhir.resources.

That library has R4B (4.3.0), not R4 (4.0.1). For the resources named here the two hardly differ; docs/screen.md
says where.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from handrail.files import one_line
from handrail.intake.fhir import READ, Check
from handrail.terms import InputError


def strict() -> Check:
    """The check; raises InputError, naming the extra, if fhir.resources is not installed."""
    _model("Patient")
    return _check


def _check(kind: str, raw: bytes, where: str, path: str) -> None:
    from pydantic import ValidationError

    try:
        _model(kind).model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        others = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise InputError(
            f"is not valid R4B: {_plain(first['type'], first['msg'])}{others}",
            where=f"{where}: {one_line(path + at)}",
        ) from None
    except (ValueError, TypeError, RecursionError):
        # Some of the library's own checks fail outside pydantic; their text may quote the record.
        raise InputError("is not valid R4B", where=f"{where}: {path}") from None


@cache
def _model(kind: str) -> Any:
    assert kind in READ  # noqa: S101  (others are never checked)
    try:
        module = importlib.import_module(f"fhir.resources.R4B.{kind.lower()}")
    except ImportError:
        raise InputError(
            "--strict needs the models of FHIR, which are not installed", hint="Run: pip install 'handrail[fhir]'"
        ) from None
    return getattr(module, kind)


#: Messages of pydantic that quote nothing of what they complain about.
_QUOTE_NOTHING = frozenset(
    "missing extra_forbidden string_type bool_type bool_parsing int_type int_parsing list_type model_type "
    "dict_type date_type datetime_type string_too_short string_too_long too_short string_pattern_mismatch".split()
)


def _plain(kind: str, message: str) -> str:
    if kind in _QUOTE_NOTHING:
        message = one_line(message)
        return message[:1].lower() + message[1:]
    return "a value, or a choice of values, that it does not allow"
