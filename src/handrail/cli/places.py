"""A place on the command line: by code or by name."""

from __future__ import annotations

from handrail.law import has


def code_of(given: str) -> str:
    """A jurisdiction's code; a code costs no look-up of names.

    Raises:
        InputError: if there is no such place.
    """
    if has(given.upper()):
        return given.upper()
    from handrail.terms import find_place

    return find_place(given)
