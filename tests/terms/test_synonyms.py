"""The phrases of synonyms.yaml: every id exists, and no phrase has two meanings unless it is listed as unclear."""

from __future__ import annotations

import subprocess
import sys

import pytest

from handrail.terms import PLACES, PROFESSIONS, REGIONS, TECHNIQUES
from handrail.terms.synonyms import Sense, expand, fold, lexicon, split, synonyms

ASKED_BACK = {"thrust", "adjustment", "manipulation", "manual_therapy", "massage_therapy", "stretch"}


def test_every_id_exists() -> None:
    data = synonyms()
    assert set(data.professions) == set(PROFESSIONS)
    assert set(data.techniques) <= set(TECHNIQUES) | ASKED_BACK
    assert set(data.regions) == set(REGIONS) | {"spine"}
    places = set(data.places) | set(data.cities) | {c for codes in data.unclear_places.values() for c in codes}
    assert places <= set(PLACES)
    assert set(data.countries) == {"US", "CA"}
    for unclear in data.unclear_professions.values():
        assert len(unclear.options) >= 2
        assert set(unclear.options) <= set(PROFESSIONS)
    for sense in lexicon().phrases.values():
        assert sense.region in {*REGIONS, "spine", ""}
    for codes in (data.common_codes, data.word_codes):
        assert set(codes.split()) <= set(lexicon().codes)


def test_no_phrase_has_two_meanings() -> None:
    assert lexicon().clashes == []


def test_unclear_places_have_several_options() -> None:
    assert all(len(codes) >= 2 for codes in synonyms().unclear_places.values())


def test_cities_are_few_and_none_is_unclear() -> None:
    cities = [fold(city) for names in synonyms().cities.values() for city in names]
    assert len(cities) == len(set(cities)) <= 50
    assert not {fold(city) for city in synonyms().unclear_places} & set(cities)


def test_what_is_said_back_has_the_same_blanks_in_both_languages() -> None:
    for key, said in synonyms().says.items():
        for blank in ("{words}", "{names}"):
            assert (blank in said.en) == (blank in said.fr), key
        assert "{" not in said.en.format(words="w", names="n") + said.fr.format(words="w", names="n")


def test_no_word_that_carries_meaning_is_silent() -> None:
    wanted = {"profession", "technique", "region", "place", "city", "unclear_profession", "elsewhere"}
    for phrase, sense in lexicon().phrases.items():
        if sense.what in wanted and sense.tag != "dotted" and len(phrase) == 1:
            assert phrase[0] not in lexicon().silent, phrase


@pytest.mark.parametrize(
    ("phrase", "sense"),
    [
        ("massothérapeute", ("profession", "massage_therapist")),
        ("HVLA", ("technique", "thrust")),
        ("spinal manipulation", ("technique", "thrust_spine")),
        ("manipulation of soft tissue", ("technique", "soft_tissue")),
        ("grade iv", ("technique", "mobilization")),
        ("grade v", ("technique", "thrust")),
        ("débloquer le dos", ("technique", "thrust_spine")),
        ("put my back back in", ("technique", "thrust_spine")),
        ("genoux", ("region", "extremity")),
        ("colonne", ("region", "spine")),
        ("tailbone", ("region", "sacral")),
    ],
)
def test_a_phrase_is_found_without_accents_and_capitals(phrase: str, sense: tuple[str, str]) -> None:
    words = [word.text for word in split(phrase)]
    length, found = next(lexicon().matches(words, 0))
    assert (length, found[:2]) == (len(words), sense)


def test_the_longest_phrase_wins() -> None:
    words = ["soft", "tissue", "manipulation", "of", "the", "spine"]
    assert next(lexicon().matches(words, 0)) == (3, Sense("technique", "soft_tissue", "en"))


@pytest.mark.parametrize("word", ["message", "sprain", "organ", "thirst", "texts", "should", "passage", "spain"])
def test_real_words_are_not_corrected(word: str) -> None:
    assert lexicon().correct(word) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("chiropractar", "chiropractor"),
        ("califronia", "california"),
        ("physioterapist", "physiotherapist"),
        ("massuse", "masseuse"),
        ("moblization", "mobilization"),
        ("osteopat", "osteopath"),
    ],
)
def test_misspellings_are_corrected(written: str, meant: str) -> None:
    assert lexicon().correct(written) == meant


def test_expand_drops_what_is_left_out() -> None:
    assert list(expand("a|b c|")) == [("a", "c"), ("a",), ("b", "c"), ("b",)]


def test_the_phrases_are_only_read_when_asked_for() -> None:
    code = (
        "import handrail.terms.synonyms as s, handrail.ask.understand;"
        "assert s.synonyms.cache_info().currsize == 0 and s.lexicon.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
