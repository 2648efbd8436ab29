"""Which profession a line's provider has, from what the line says and from the register of providers.

Professions are bits of a word: a source that leaves several open has several bits. What two sources both say must
fit both. One profession left is the answer; none or several is no answer, and never a guess.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from handrail.terms import PROFESSIONS, InputError
from handrail.terms.billing import OTHER_PROFESSIONS, Codes, plain_letters

Masks = npt.NDArray[np.uint32]

#: A value that the maps do not have.
UNMAPPED = np.uint32(1 << 31)
#: Sources that contradict each other.
CONFLICT = np.uint32(1 << 30)
NAMES: tuple[str, ...] = (*PROFESSIONS, *OTHER_PROFESSIONS)
_LAW = np.uint32((1 << len(PROFESSIONS)) - 1)


@cache
def _bits() -> dict[str, int]:
    if len(NAMES) > 29:
        raise InputError("has more professions than fit a word", where="vocabulary.yaml")
    return {name: 1 << place for place, name in enumerate(NAMES)}


def mask(professions: tuple[str, ...] | None) -> int:
    """Professions as bits; None: UNMAPPED."""
    if professions is None:
        return int(UNMAPPED)
    return sum(_bits()[name] for name in set(professions))


def of_profession(value: str | None) -> int:
    """The bit of a profession's id as a file gives it; 0 for none."""
    name = (value or "").strip().casefold().replace(" ", "_")
    return 0 if not name else _bits().get(name, int(UNMAPPED))


def of_taxonomy(codes: Codes, value: str | None) -> int:
    """The professions of a taxonomy code."""
    return mask(codes.professions_of_taxonomy(value)) if value and value.strip() else 0


def of_type(codes: Codes, value: str | None) -> int:
    """The professions of a provider's type."""
    return mask(codes.professions_of_type(value)) if value and value.strip() else 0


def of_letters(codes: Codes, value: str | None) -> int:
    """The professions that the letters after a name speak of."""
    found = {codes.credentials.get(word) for word in plain_letters(value or "")}
    return mask(tuple(name for name in found if name))


def both(one: Masks, other: Masks) -> Masks:
    """What fits two sources. One that says nothing, or nothing known, leaves the other's word."""
    ours, theirs = one & ~UNMAPPED, other & ~UNMAPPED
    agreed = ours & theirs
    agreed = np.where((agreed == 0) & (ours != 0) & (theirs != 0), CONFLICT, agreed)
    return np.where(ours == 0, np.where(theirs == 0, one | other, theirs), np.where(theirs == 0, ours, agreed))


def several(masks: Masks) -> npt.NDArray[np.bool_]:
    """Where more than one profession is open."""
    known = masks & ~(UNMAPPED | CONFLICT)
    found: npt.NDArray[np.bool_] = (known & (known - (known != 0))) != 0
    return found


def by_letters(masks: Masks, letters: Masks) -> tuple[Masks, npt.NDArray[np.bool_]]:
    """Masks after the letters have chosen where several are open, and where they did."""
    chosen = masks & letters
    did = several(masks) & (chosen != 0) & ~several(chosen)
    return np.where(did, chosen, masks), did


def place_of(masks: Masks) -> npt.NDArray[np.int8]:
    """The place in NAMES, plus one, of the only profession; 0 where it is not one of the law's."""
    result = np.zeros(len(masks), dtype=np.int8)
    single = (masks != 0) & ((masks & (masks - np.uint32(1))) == 0) & ((masks & _LAW) != 0)
    result[single] = np.log2(masks[single]).astype(np.int8) + 1
    return result


def why_not(masks: Masks, reasons: dict[str, int]) -> npt.NDArray[np.uint8]:
    """The reason code where no profession of the law is left; 0 where one is."""
    known = masks & ~UNMAPPED
    outside = (known != 0) & (known & _LAW == 0) & (known != CONFLICT) & ~several(known)
    result: npt.NDArray[np.uint8] = np.zeros(len(masks), dtype=np.uint8)
    result[masks == 0] = reasons["unknown_provider"]
    result[masks == UNMAPPED] = reasons["unmapped_provider"]
    result[outside] = reasons["profession_not_in_law"]
    result[several(known) | (known == CONFLICT)] = reasons["ambiguous_profession"]
    return result
