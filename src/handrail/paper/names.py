"""Names on a paper. They are written on it and kept nowhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields

from handrail.terms import InputError

LONGEST = 200


def _checked(given: object, what: str) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise InputError(f"the {what} must be text")
    text = " ".join(given.split())
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") for sign in text):
        raise InputError(f"the {what} has a sign that cannot be printed")
    if len(text) > LONGEST:
        raise InputError(f"the {what} is longer than {LONGEST} letters")
    return text or None


@dataclass(frozen=True, slots=True)
class Names:
    """Who stands on the paper; what is not given is a line to write on.

    Raises:
        InputError: for a name that is no text, cannot be printed or is longer than LONGEST.
    """

    client: str | None = None
    practitioner: str | None = None
    clinic: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _checked(getattr(self, field.name), f"name ({field.name})"))


@dataclass(frozen=True, slots=True)
class Entry:
    """When a step was done and by whom, for the visit record.

    Raises:
        InputError: as for Names.
    """

    at: str | None = None
    by: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _checked(getattr(self, field.name), f"entry ({field.name})"))
