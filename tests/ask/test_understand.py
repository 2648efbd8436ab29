"""Questions in plain words are understood, asked back or refused as the cases in tests/cases/ask say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from handrail.ask.question import Question
from handrail.ask.understand import MAX_CHARACTERS, understand
from handrail.terms import PLACES, PROFESSIONS, REGIONS, TECHNIQUES, InputError
from handrail.terms.synonyms import lexicon

TODAY = date(2026, 11, 22)
FOLDER = Path(__file__).parent.parent / "cases" / "ask"


def _cases(name: str) -> list[dict[str, Any]]:
    # Every value is text for this loader; for the others the key "on" would be the value true.
    return list(yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader))  # noqa: S506


ENGLISH, FRENCH, BACK, REFUSED = (_cases(name) for name in ("english", "french", "asked_back", "refused"))


def _ask(text: str, **more: Any) -> Question:
    return understand(text, today=TODAY, **more)


def _tuple(value: str | list[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def test_there_are_enough_cases_and_none_twice() -> None:
    assert len(ENGLISH) + len(FRENCH) >= 150
    assert len(FRENCH) >= 30
    assert len(BACK) >= 10
    assert len(REFUSED) >= 10
    asked = [case["ask"] for group in (ENGLISH, FRENCH, BACK, REFUSED) for case in group]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("case", [*ENGLISH, *FRENCH], ids=lambda case: case["ask"])
def test_is_understood(case: dict[str, Any]) -> None:
    asked, meant = _ask(case["ask"]), case["is"]
    understood = {
        "kind": asked.kind,
        "place": asked.jurisdictions,
        "country": asked.country,
        "profession": asked.professions,
        "technique": asked.technique,
        "region": asked.regions,
        "on": asked.on,
        "left": asked.not_understood,
    }
    assert understood == {
        "kind": meant["kind"],
        "place": _tuple(meant.get("place")),
        "country": meant.get("country"),
        "profession": _tuple(meant.get("profession")),
        "technique": meant["technique"],
        "region": _tuple(meant.get("region")),
        "on": meant.get("on"),
        "left": tuple(meant.get("left", asked.not_understood)),
    }
    assert asked.choices == ()
    assert asked.language == ("fr" if case in FRENCH else "en")


@pytest.mark.parametrize("case", BACK, ids=lambda case: case["ask"])
def test_is_asked_back_and_each_answer_settles_it(case: dict[str, Any]) -> None:
    asked = _ask(case["ask"])
    (choice,) = (each for each in asked.choices if each.what == case["back"])
    assert choice.options == tuple(case["options"])
    assert choice.prompt.endswith(("?", "."))
    for option in choice.options:
        settled = _ask(case["ask"], answers={choice.what: option})
        assert choice.what not in [each.what for each in settled.choices]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["ask"])
def test_is_refused_in_one_line(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refusal:
        _ask(case["ask"])
    assert case["refused"] in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_answer_that_was_not_offered_is_refused() -> None:
    with pytest.raises(InputError, match="Choose: US-OR, US-ME"):
        _ask("chiro in Portland adjust spine", answers={"jurisdiction": "US-TX"})


def test_an_answer_keeps_the_rest_of_the_question() -> None:
    settled = _ask("RMT or therapist, massage my back in Iowa", answers={"profession": "physical_therapist"})
    assert settled.professions == ("massage_therapist",)
    settled = _ask("massage or crack, can an LMT do it to my back in Iowa", answers={"technique": "soft_tissue"})
    assert settled.regions == ("thoracic", "lumbar")


def test_what_was_heard_is_said_in_the_words_of_the_question() -> None:
    heard = {
        (each.what, each.id): each.words for each in _ask("Can a masseuse crack my neck in Fla., May 2020?").heard
    }
    assert heard == {
        ("profession", "massage_therapist"): "masseuse",
        ("technique", "thrust_spine"): "crack",
        ("region", "cervical"): "neck",
        ("jurisdiction", "US-FL"): "Fla",
        ("day", "2020-05"): "May 2020",
    }


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("chiro cracks neck in Washington", "Washington is taken as the state"),
        ("chiro cracks neck in CA", "California, not Canada"),
        ("chiro cracks neck in Toronto", "“Toronto” is taken as Ontario"),
        ("chiro cracks neck in Vancouver", "there is one in Washington State too"),
        ("chiropracter cracks neck", ""),
        ("osteopath cracks neck in Ohio", "taken to be an osteopathic physician"),
        ("osteopath cracks neck in Ontario", "a different profession"),
        ("masseuse stretches my leg", "taken as soft tissue work"),
        ("chiropractic adjustment in Ohio", "taken as one of the spine"),
        ("chiro cracks neck in Canada", "alone does not say which"),
        ("chiro cracks my neck, I had a stroke", "handrail check --with"),
        ("can I crack my friend's neck", "what licence you hold"),
        ("masseuse cracks neck in Ontario, CA", "Canada here"),
        ("massage place cracks neck", "who works there"),
        ("chiro or dentist massaging me", "no law for “dentist”"),
    ],
)
def test_a_turn_that_was_taken_leaves_a_note(text: str, note: str) -> None:
    assert note in " ".join(_ask(text).notes)


@pytest.mark.parametrize(
    "text",
    [
        "Can my masseuse OR my PT crack my back",
        "is it ok for me to have a masseuse crack my back",
        "Hi, can a masseuse do massage on me or my back",
        "ma masseuse me masse le dos et la nuque on me dit non",
        "oh me oh my can a masseuse crack my back",
        "can a masseuse, who is in demand, crack my back",
    ],
)
def test_small_words_are_no_places(text: str) -> None:
    asked = _ask(text)
    assert asked.jurisdictions == ()
    assert "jurisdiction" not in [choice.what for choice in asked.choices]


def test_every_code_is_read_where_a_place_stands() -> None:
    for code in PLACES:
        for text in (f"Can a masseuse crack my back in Town, {code[3:]}?", f"masseuse crack back ({code[3:]})"):
            assert _ask(text).jurisdictions == (code,), text


def test_every_place_is_read_by_its_names() -> None:
    for code, place in PLACES.items():
        assert _ask(f"can a masseuse crack my back in {place.name.lower()}").jurisdictions == (code,)
        assert _ask(f"un massothérapeute peut-il me craquer le dos, {place.name_fr}").jurisdictions == (code,)


def test_every_profession_is_read_by_its_names_and_its_id() -> None:
    for id_, profession in PROFESSIONS.items():
        for name in (id_, profession.name, profession.name_fr):
            assert _ask(f"{name} massage Ohio").professions == (id_,), name


def test_a_question_at_the_limit_is_read_and_one_beyond_is_refused() -> None:
    text = "Can a masseuse crack my neck?".ljust(MAX_CHARACTERS)
    assert _ask(text).technique == "thrust_spine"
    with pytest.raises(InputError, match="more than 2,000 characters"):
        _ask(text + " ")


def test_the_same_text_is_always_the_same_question() -> None:
    text = "massuse or physioterapist adjust the lumber spine, Pensylvania or Ontaro, last year"
    assert _ask(text) == _ask(text)


_words = sorted({word for phrase in lexicon().phrases for word in phrase} | lexicon().silent)
_pieces = st.one_of(
    st.sampled_from(_words),
    st.sampled_from([" ".join(phrase) for phrase in lexicon().phrases]),
    st.sampled_from(
        [
            "OR",
            "IN",
            "ME",
            "DO",
            "PT",
            "D.C.",
            "2020-13-40",
            "03/04/2021",
            "May 2020",
            "2019",
            "1er",
            "l'",
            "'s",
            "last year",
            "il y a 3 ans",
            "9999 years ago",
            "last year",
            "il y a 3 ans",
        ]
    ),
    st.text(max_size=6),
)


def _is_one_line(error: InputError) -> None:
    assert len(str(error).splitlines()) == 1


def _is_sound(asked: Question) -> None:
    assert set(asked.jurisdictions) <= set(PLACES)
    assert set(asked.professions) <= set(PROFESSIONS)
    assert asked.kind == "may" or not asked.professions
    open_ = {choice.what for choice in asked.choices}
    assert asked.technique in TECHNIQUES or "technique" in open_
    if asked.technique:
        assert set(asked.regions) <= set(TECHNIQUES[asked.technique].regions)
    assert list(asked.regions) == [region for region in REGIONS if region in asked.regions]
    assert all(choice.options and choice.prompt for choice in asked.choices)
    assert len(open_) == len(asked.choices)
    assert all(heard.words for heard in asked.heard)


@settings(max_examples=400, deadline=None)
@given(st.lists(_pieces, max_size=14), st.sampled_from([" ", ", ", "-", "\n"]))
def test_any_mixture_of_words_is_understood_or_refused(pieces: list[str], glue: str) -> None:
    try:
        asked = _ask(glue.join(pieces)[:MAX_CHARACTERS])
    except InputError as error:
        _is_one_line(error)
    else:
        _is_sound(asked)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_understood_or_refused(text: str) -> None:
    for asked in (text, f"Can a masseuse crack my {text}", f"chiro adjust neck in {text}"):
        try:
            _is_sound(_ask(asked))
        except InputError as error:
            _is_one_line(error)
