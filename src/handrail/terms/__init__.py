"""The vocabulary: ids, names and definitions of techniques, regions, professions and steps.

Ids are stable: they stand in law files, in the API, on the command line and in exports.
The words themselves are data, in ``vocabulary.yaml`` (names, definitions) and
``synonyms.yaml`` (what people say), beside this file.
"""

from handrail.terms.errors import InputError, did_you_mean
from handrail.terms.places import PLACES, Place, find_place, tiles
from handrail.terms.verdicts import Leaning, Verdict, standing
from handrail.terms.vocabulary import (
    DIGEST,
    FULL_REGISTER_CLASSES,
    PROFESSIONS,
    REGIONS,
    SITES,
    STEPS,
    STEPS_BEFORE,
    TECHNIQUES,
    Profession,
    Region,
    Step,
    Technique,
    known,
)

__all__ = [
    "DIGEST",
    "FULL_REGISTER_CLASSES",
    "PLACES",
    "PROFESSIONS",
    "REGIONS",
    "SITES",
    "STEPS",
    "STEPS_BEFORE",
    "TECHNIQUES",
    "InputError",
    "Leaning",
    "Place",
    "Profession",
    "Region",
    "Step",
    "Technique",
    "Verdict",
    "did_you_mean",
    "find_place",
    "known",
    "standing",
    "tiles",
]
