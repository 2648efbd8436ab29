"""What is wrong with JSON: where it is malformed, and where an object has a key twice."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from handrail.files import one_line
from handrail.terms import InputError

_ANY, _ENCODE = msgspec.json.Decoder(), msgspec.json.Encoder().encode


def refuse_twice(raw: bytes | memoryview, where: str, path: str) -> None:
    """Refuses an object with the same key twice.

    Written again after reading, such a resource is shorter. Only where it differs (or differs in how a number or
    a letter is written) are its keys looked at one by one.
    """
    given = bytes(raw)
    try:
        again = _ENCODE(_ANY.decode(given))
        if again == given or again == msgspec.json.format(given, indent=-1):
            return
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass

    def once(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) != len(pairs):
            raise _TwiceError

    try:
        # Numbers stay text: int() would refuse a long one.
        json.loads(given, object_pairs_hook=once, parse_int=str, parse_float=str)
    except _TwiceError:
        place = f"{where}: {path}"
        raise InputError("has a key twice in one object", where=place, hint="Which one is meant?") from None
    except RecursionError:
        raise InputError("is nested too deep", where=f"{where}: {path}") from None
    except ValueError as error:
        raise InputError(malformed(one_line(str(error))), where=f"{where}: {path}") from None


class _TwiceError(Exception):
    """A key that stands twice in one object."""


def malformed(problem: str) -> str:
    """A message of msgspec or json as ours. It names a byte, and quotes nothing."""
    if "truncated" in problem:
        return "is cut off: the JSON ends too early"
    return f"is not valid JSON: {one_line(problem.removeprefix('JSON is malformed: '))}"
