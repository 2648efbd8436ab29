"""Feedback on cards, checked as the specification has it. Free comments are dropped: they may name a client."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from handrail.terms import InputError
from handrail.web.hooks.reading import items, mapping, text
from handrail.web.hooks.request import parse

MOST, MOST_ACCEPTED = 1000, 30
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def read(raw: bytes) -> list[dict[str, Any]]:
    """The feedback of a body, each entry checked.

    Raises:
        InputError: naming what is missing or wrong.
    """
    body = parse(raw)
    if not isinstance(body.get("feedback"), list) or not body["feedback"]:
        raise InputError("must be a list with something in it", where="feedback")
    if len(body["feedback"]) > MOST:
        raise InputError(f"has more than {MOST} entries", where="feedback")
    return [_one(one, f"feedback[{number}]") for number, one in enumerate(body["feedback"])]


def _one(given: Any, path: str) -> dict[str, Any]:
    one = mapping(given, path)
    found: dict[str, Any] = {"card": _needed(one, "card", path), "outcome": _needed(one, "outcome", path)}
    if found["outcome"] not in ("accepted", "overridden"):
        raise InputError("must be accepted or overridden", where=f"{path}.outcome")
    accepted = items(one.get("acceptedSuggestions"), f"{path}.acceptedSuggestions")
    if len(accepted) > MOST_ACCEPTED:
        raise InputError(f"has more than {MOST_ACCEPTED} entries", where=f"{path}.acceptedSuggestions")
    if found["outcome"] == "accepted":
        if not accepted:
            raise InputError("is missing for an accepted card", where=f"{path}.acceptedSuggestions")
        found["acceptedSuggestions"] = [
            _needed(mapping(each, f"{path}.acceptedSuggestions[{n}]"), "id", f"{path}.acceptedSuggestions[{n}]")
            for n, each in enumerate(accepted)
        ]
    if one.get("overrideReason") is not None:
        reason = mapping(one["overrideReason"], f"{path}.overrideReason")
        text(reason.get("userComment"), f"{path}.overrideReason.userComment")
        if reason.get("reason") is not None:
            at = f"{path}.overrideReason.reason"
            coding = mapping(reason["reason"], at)
            found["overrideReason"] = {name: _needed(coding, name, at) for name in ("code", "system")}
    found["outcomeTimestamp"] = _time(_needed(one, "outcomeTimestamp", path), f"{path}.outcomeTimestamp")
    return found


def _needed(data: dict[str, Any], name: str, path: str) -> str:
    value = text(data.get(name), f"{path}.{name}")
    if not value or len(value) > 300:
        raise InputError("is missing" if not value else "is too long", where=f"{path}.{name}")
    return value


def _time(value: str, path: str) -> str:
    try:
        if not _TIME.fullmatch(value):
            raise ValueError
        datetime.fromisoformat(re.sub(r"\.\d+", "", value).upper())
    except ValueError:
        raise InputError("is no time", where=path, hint="Such as 1985-04-12T23:20:50.52Z") from None
    return value
