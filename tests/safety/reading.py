"""The Flesch-Kincaid grade of a text, without data from the network.

Syllables: the larger of what the hyphenation of pyphen and the groups of vowels give, so that the grade is
rather too high than too low.
"""

from __future__ import annotations

import re
from functools import cache

import pyphen

#: Two vowels that are spoken apart, as in "giant" and "rodeo"; not those of "special" or "nation".
_APART = re.compile(r"(?<![tscx])i[aou]|eo")
_SILENT = re.compile(r"(?<=[^aeiouyl])es?$|(?<=[^aeiouytd])ed$")


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US", left=1, right=1)


def syllables(word: str) -> int:
    """How many syllables a word has, at the most."""
    word = word.casefold().strip("'")
    by_vowels = len(re.findall(r"[aeiouy]+", _SILENT.sub("", word))) + len(_APART.findall(word))
    by_hyphens = _hyphens().inserted(word).count("-") + 1
    return max(1, by_vowels, by_hyphens)


def grade(text: str, spared: frozenset[str] = frozenset()) -> float:
    """The grade of a text; the words spared count as one syllable."""
    words = re.findall(r"[A-Za-z']+|\d+", text)
    sentences = max(1, len(re.findall(r"[.?!](?=\s|$)", text)))
    total = sum(1 if word.casefold() in spared else syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * total / len(words) - 15.59
