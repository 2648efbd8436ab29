"""The form of an ICD-10-CM code, its description, and where on the body it sits.

Descriptions and validity come from simple-icd-10-cm (the extra ``clinical``), loaded when first asked for. The
regions here follow those descriptions; nothing is looked up in them at run time, so that a decision is the same
with and without the extra.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

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


# Where a code sits. A region is taken from a code only where its description names one.

_AT: dict[str, str] = {
    **dict.fromkeys(("S10", "S11", "S12", "S13", "S14", "S15", "S16", "S17", "M433", "M434", "M50"), "cervical"),
    **dict.fromkeys(("S220", "S230", "S231", "S233", "S240", "S241"), "thoracic"),
    **dict.fromkeys(("S222", "S223", "S224"), "chest"),
    **dict.fromkeys(("S320", "S331", "S335"), "lumbar"),
    **dict.fromkeys(("S321", "S322", "S332", "S336"), "sacral"),
    **dict.fromkeys(("S323", "S325", "S326"), "pelvis"),
    **dict.fromkeys(("S02", "S06", "S09"), "head"),
    **dict.fromkeys(
        (  # forty codes, not forty lines
            "S422 S423 S424 S430 S431 S434 S46 S49 S52 S53 S56 S59 S62 S63 S66 S72 S73 S76 S79 S82 S83 S86 S89 S92"
            " S93 S96 S99 M22 M23 M8005 M8085"
        ).split(),
        "extremity",
    ),
}
_SPINE = tuple(
    "M430 M431 M432 M435X M45 M462 M463 M464 M465 M471 M472 M480 M481 M484 M485 M510 M511 M512 M532X M541".split()
)
_SPINE_AT = {"1": "cervical", "2": "cervical", "4": "thoracic", "6": "lumbar", "8": "sacral"}
_JOINT = tuple("M000 M001 M002 M008 M250 M254 M242 M243 M244 M246 M100 M800 M808 M843 M844 M845 M846".split())


@lru_cache(maxsize=65536)
def icd_site(code: str) -> str | None:
    """The region, or part of the body, that an ICD-10-CM code names; None if it names none of ours, or several.

    >>> icd_site("S12.000A"), icd_site("M48.56XA"), icd_site("M81.0")
    ('cervical', 'lumbar', None)
    """
    bare = code.replace(".", "")
    if bare.startswith("M50") and bare[4:5] == "3":
        return None  # cervicothoracic: two regions
    for length in range(len(bare), 2, -1):
        if bare[:length] in _AT:
            return _AT[bare[:length]]
        rest = bare[length:]
        if bare[:length] in _SPINE and rest:
            return _SPINE_AT.get(rest[0])
        if bare[:length] in _JOINT and rest:
            return "extremity" if rest[0] in "123467" else None
    return None


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
