"""The form of an ICD-10-CM code, its description, and where on the body it sits.

Descriptions and validity come from simple-icd-10-cm (the extra ``clinical``), loaded when first asked for. The
places in ``knowledge/icd_sites.yaml`` were read from those descriptions beforehand, so that a decision is the same
with and without the extra.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

import msgspec

from handrail.files import convert, parse, read_bytes
from handrail.safety.load import KNOWLEDGE
from handrail.terms import InputError

#: The second character is a digit; in a few new categories (QA0) a letter, and then a digit follows.
_FORM = re.compile(r"[A-Z](?:[0-9][0-9A-Z]|[A-Z][0-9])[0-9A-Z]{0,4}")


def normal(code: str) -> str:
    """An ICD-10-CM code in capitals with its dot.

    Raises:
        InputError: if it has not the form of one.

    >>> normal(" m8100 ")
    'M81.00'
    """
    bare = code.strip().upper().replace(".", "")
    if not code.isascii() or not _FORM.fullmatch(bare) or "." in code.strip()[:3] or code.count(".") > 1:
        raise InputError(f"{code[:40]!r} has not the form of an ICD-10-CM code", hint="Write it as M81.0")
    return f"{bare[:3]}.{bare[3:]}".rstrip(".")


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prefixes of codes, without the dot, that sit at the same place or places."""

    sites: tuple[str, ...]
    codes: tuple[str, ...]


class SitesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``icd_sites.yaml``."""

    meta: dict[str, Any]
    places: tuple[Place, ...]


@cache
def _places() -> dict[str, tuple[str, ...]]:
    name = "icd_sites.yaml"
    file = convert(parse(read_bytes(KNOWLEDGE / name), name), SitesFile, name)
    return {code: place.sites for place in file.places for code in place.codes}


@lru_cache(maxsize=65536)
def icd_sites(code: str) -> tuple[str, ...]:
    """The regions and parts of the body that an ICD-10-CM code names; empty if it names none of ours.

    A level between two regions of the spine names both.

    >>> icd_sites("S12.000A"), icd_sites("M43.17"), icd_sites("M81.0")
    (('cervical',), ('lumbar', 'sacral'), ())
    """
    bare = code.replace(".", "")
    places = _places()
    return next((places[bare[:n]] for n in range(3, len(bare) + 1) if bare[:n] in places), ())


def icd_site(code: str) -> str | None:
    """The one place that an ICD-10-CM code names; None if it names none, or several.

    >>> icd_site("S12.000A"), icd_site("M48.56XA"), icd_site("M43.17")
    ('cervical', 'lumbar', None)
    """
    sites = icd_sites(code)
    return sites[0] if len(sites) == 1 else None


def is_valid(code: str) -> bool | None:
    """Whether ICD-10-CM has a code; None if the extra ``clinical`` is not installed."""
    try:
        return bool(_library().is_valid_item(normal(code)))
    except InputError:
        return None


def description(code: str) -> str:
    """The description of an ICD-10-CM code in simple-icd-10-cm.

    Raises:
        InputError: if the code is not valid, or the extra ``clinical`` is not installed.
    """
    library, code = _library(), normal(code)
    if not library.is_valid_item(code):
        raise InputError(f"{code} is no valid ICD-10-CM code (release April 2026)")
    return str(library.get_description(code))


@cache
def _library() -> Any:
    try:
        import simple_icd_10_cm
    except ImportError:
        raise InputError(
            "the codes of ICD-10-CM are not installed", hint="Run: pip install 'handrail[clinical]'"
        ) from None
    return simple_icd_10_cm
