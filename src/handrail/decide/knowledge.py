"""Which knowledge decides: one hash over all of it."""

from __future__ import annotations

import hashlib
from functools import cache

from handrail import law, safety, terms
from handrail.decide.decide import SEMANTICS
from handrail.files import read_bytes
from handrail.law.load import FOLDER


@cache
def digest() -> str:
    """SHA-256 of all knowledge, in hex: law, clinical files, vocabulary, the semantics' version.

    A decision's own ``knowledge`` is of its place's law only.
    """
    total = hashlib.sha256(f"{SEMANTICS}:{safety.digest()}:{terms.DIGEST}\0".encode())
    for place in law.jurisdictions():
        raw = read_bytes(FOLDER / f"{place}.yaml")
        total.update(f"{place}:{hashlib.sha256(raw).hexdigest()}\0".encode())
    return total.hexdigest()
