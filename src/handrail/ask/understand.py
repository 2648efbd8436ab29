"""From a question in plain words to its parts: profession, technique, body part, place and day.

No model and no network: phrases are looked up, the longest first, then misspellings. What the words leave open
is asked back, and what is not a question for Handrail is refused. Nothing is guessed silently: each turn taken
leaves a note.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date

from handrail.ask._reading import Reading, Span, beside, body_parts, is_client, language_of, read, spoken
from handrail.ask.question import Draft, Heard, Kind, Question
from handrail.terms.synonyms import lexicon, synonyms
from handrail.terms.vocabulary import REGIONS, TECHNIQUES

MAX_CHARACTERS = 2_000

_BACK = ("thoracic", "lumbar")
_THRUSTS = ("thrust", "thrust_spine", "adjustment")


def understand(text: str, *, today: date | None = None, answers: Mapping[str, str] | None = None) -> Question:
    """The question that a text asks.

    Args:
        text: the question, English or French, at most 2,000 characters.
        today: the day that "last year" and the like count from; the computer's own day if None.
        answers: for choices asked back before: what was asked -> the option chosen.

    Returns:
        The question. With ``choices`` it is not complete: ask them, and call again with ``answers``.

    Raises:
        InputError: if it is no question for Handrail, is about a place, profession or technique whose law it does
            not hold, says no technique, names a date that does not exist, or an answer is not one of its options.

    >>> asked = understand("Can a masseuse crack my neck in Florida?")
    >>> asked.professions, asked.technique, asked.regions, asked.jurisdictions
    (('massage_therapist',), 'thrust_spine', ('cervical',), ('US-FL',))
    """
    if len(text) > MAX_CHARACTERS:
        Draft(Reading("", [], []), "en", {}).refuse("long", names=f"{MAX_CHARACTERS:,}")
    reading = read(unicodedata.normalize("NFC", text), today or date.today())  # noqa: DTZ011  (the user's own day)
    draft = Draft(reading, language_of(reading), answers or {})
    if not reading.words:
        draft.refuse("empty")
    _off_topic(draft)
    for written, meant in reading.corrected:
        draft.note("typo", written, meant.capitalize() if written[0].isupper() else meant)
    jurisdictions, country = _places(draft)
    professions, open_profession = _professions(draft, jurisdictions, country)
    technique, regions = _technique(draft, bool(professions or open_profession), bool(jurisdictions or country))
    on = _day(draft)
    kind: Kind = "may" if professions or open_profession else "who"
    draft.check_answers()
    _leftovers(draft)
    return Question(
        text=text,
        language=draft.language,
        kind=kind,
        jurisdictions=jurisdictions,
        country=None if jurisdictions else country,
        professions=professions,
        technique=technique,
        regions=regions,
        on=on,
        heard=tuple(heard for _, heard in sorted(draft.heard, key=lambda each: each[0])),
        not_understood=tuple(dict.fromkeys(words for _, words in sorted(draft.left))),
        choices=tuple(draft.choices.values()),
        notes=tuple(draft.notes),
        health=draft.health,
    )


def _off_topic(draft: Draft) -> None:
    """Refuses what is no question about hands on a person."""
    reading = draft.reading
    if not reading.of("profession", "unclear_profession", "other_profession", "technique", "other_technique"):
        draft.refuse("off_topic")
    for span in reading.of("animal"):
        draft.refuse("animal", span.raw)
    for span in reading.of("other_question"):
        alone = not reading.of("profession", "unclear_profession", "who")
        if span.sense.id == "always" or alone:
            draft.refuse("other_question", span.raw)


def _places(draft: Draft) -> tuple[tuple[str, ...], str | None]:
    """The jurisdictions named, or the country."""
    reading, found = draft.reading, dict[str, None]()
    spans = reading.of("place", "city", "unclear_place", "unclear_code", "elsewhere", "country")
    country: str | None = None
    away: list[Span] = []
    for at, span in enumerate(spans):
        following = spans[at + 1] if at + 1 < len(spans) and spans[at + 1].first == span.last else None
        what, id_ = span.sense.what, span.sense.id
        if what in ("city", "unclear_place", "elsewhere") and following and following.sense.what == "place":
            continue  # Portland, Oregon: the place after it tells
        if what in ("unclear_place", "unclear_code"):
            options = synonyms().unclear_places.get(id_) or _code_options(id_)
            names = draft.listed(draft.name(code) for code in options)
            chosen = draft.ask("jurisdiction", options, draft.say("ask_place", span.raw, names))
            if chosen:
                found[chosen] = None
                draft.hear("jurisdiction", chosen, span)
        elif what == "elsewhere":
            away.append(span)
        elif what == "country":
            country = country or id_
            draft.hear("country", id_, span)
        elif id_ == "US-CA" and span.sense.tag == "code" and any(code.startswith("CA-") for code in found):
            draft.note("canada")
        else:
            found[id_] = None
            draft.hear("jurisdiction", id_, span)
            _place_note(draft, span)
    asked = "jurisdiction" in draft.choices
    if not found and not asked:
        if away:
            draft.refuse("elsewhere", away[0].raw, hint=draft.say("name_state"))
        if country:
            words = next(span.raw for span in spans if span.sense.what == "country")
            draft.note("country", words)
        _unknown_place(draft)
    for span in away:
        draft.leave(span)
    return tuple(found), None if asked else country


def _code_options(code: str) -> tuple[str, ...]:
    own = lexicon().codes[code]
    return (own, "US-CA") if code == "la" else (own,)


def _place_note(draft: Draft, span: Span) -> None:
    word = draft.reading.texts[span.first]
    if span.sense.what == "city":
        names = draft.name(span.sense.id)
        draft.note("vancouver" if word == "vancouver" else "city", span.raw, names)
    elif span.sense.id == "US-WA" and word == "washington" and span.last - span.first == 1:
        draft.note("washington")
    elif span.sense.id == "US-CA" and span.sense.tag == "code":
        draft.note("california")


def _unknown_place(draft: Draft) -> None:
    """Refuses "in Kelowna": a place is named, but not known."""
    reading = draft.reading
    for index in reading.left:
        lead = reading.words[index - 1] if index else None
        placed = lead and (lead.text in lexicon().markers["place"] or lead.raw == "à")
        if placed and reading.capitalised(index):
            last = index + 1
            while last in reading.left and reading.capitalised(last):
                last += 1
            draft.refuse("unknown_place", reading.raw(index, last), hint=draft.say("name_state"))


def _professions(
    draft: Draft, jurisdictions: tuple[str, ...], country: str | None
) -> tuple[tuple[str, ...], bool]:
    """The professions asked about, and whether one is being asked back."""
    reading = draft.reading
    hands, aside, client = [], [], False
    for span in reading.of("profession"):
        role = beside(reading, span)
        if span.sense.tag == "people" and is_client(reading, span):
            client = True
        elif role:
            aside.append((role, span))
        else:
            hands.append(span)
    unclear = reading.of("unclear_profession")
    if not hands and not unclear:
        hands = [span for role, span in aside if role == "office"]
    aside = [(role, span) for role, span in aside if span not in hands]
    for _, span in aside:
        draft.note("aside", span.raw)
    marked = any(span.sense.tag == "marker" for span in hands)
    found = dict[str, None]()
    for span in hands:
        id_ = "unlicensed_person" if marked else span.sense.id
        found[id_] = None
        draft.hear("profession", id_, span)
        if span.sense.tag == "setting":
            draft.note("setting", span.raw)
        if id_ != span.sense.id:
            draft.note("unlicensed", span.raw)
    if not marked:
        _field(draft, found)
    asked = [_unclear(draft, span, found, jurisdictions, country) for span in unclear if not marked]
    _other_professions(draft, bool(found) or any(asked))
    if not found and not any(asked):
        _unknown_profession(draft)
        if client and {"i", "je", "j"} & set(reading.texts):
            draft.note("own_licence")
    return tuple(found), any(asked)


def _field(draft: Draft, found: dict[str, None]) -> None:
    """Massage therapy beside another technique names the profession."""
    spans = draft.reading.of("technique")
    others = [span for span in spans if span.sense.id != "massage_therapy"]
    for span in spans:
        if span not in others and others:
            found["massage_therapist"] = None
            draft.hear("profession", "massage_therapist", span)


def _unclear(
    draft: Draft, span: Span, found: dict[str, None], jurisdictions: tuple[str, ...], country: str | None
) -> bool:
    """Settles a word for several professions; true if it had to be asked back."""
    id_, options = span.sense.id, synonyms().unclear_professions[span.sense.id].options
    chosen: str | None
    if id_ == "osteopath":
        if "osteopathic_physician" in found:
            return False
        countries = {code[:2] for code in jurisdictions} or {country or ""}
        if countries == {"US"}:
            chosen = "osteopathic_physician"
            draft.note("osteopath_us")
        elif countries == {"CA"}:
            chosen = "unlicensed_person"
            draft.note("osteopath_ca")
        else:
            chosen = draft.ask("profession", options, draft.say("ask_osteopath"))
    else:
        covered = "therapist" if id_ in ("therapist", "masso_kine") else id_.replace("technician", "tech")
        if any(covered in other for other in found):
            return False
        names = draft.listed(draft.name(option) for option in options)
        chosen = draft.ask("profession", options, draft.say("ask_profession", span.raw, names))
    if chosen:
        found[chosen] = None
        draft.hear("profession", chosen, span)
    return chosen is None


def _other_professions(draft: Draft, have_one: bool) -> None:
    for span in draft.reading.of("other_profession"):
        if not have_one:
            draft.refuse("other_profession", span.raw, hint=draft.covered())
        draft.leave(span)
        draft.note("not_covered_too", span.raw)


def _unknown_profession(draft: Draft) -> None:
    """Refuses "Can a plumber ...": who is asked about is named, but not known."""
    reading = draft.reading
    if reading.of("who"):
        return
    markers = lexicon().markers
    for index in reading.left:
        lead, after = reading.before(index), index + 1
        led = lead >= 0 and reading.texts[lead] in markers["subject_follows"] | {"by", "par"}
        if led or (after < len(reading.texts) and reading.texts[after] in markers["subject_before"]):
            draft.refuse("unknown_profession", reading.words[index].raw, hint=draft.covered())


def _technique(draft: Draft, have_profession: bool, have_place: bool) -> tuple[str | None, tuple[str, ...]]:
    reading = draft.reading
    spans = spoken(reading)
    if not spans:
        others = reading.of("other_technique")
        if others:
            draft.refuse("other_technique", others[0].raw)
        understood = (draft.name(heard.id) for _, heard in sorted(draft.heard, key=lambda each: each[0]))
        draft.refuse("no_technique", names=", ".join(dict.fromkeys(understood)))
    places = body_parts(reading)
    named = {span.sense.id for span in places} | {span.sense.region for span in spans} - {""}
    if (
        reading.left
        and not (have_profession or named or reading.of("who"))
        and not (
            have_place and {span.sense.id for span in spans} <= {"soft_tissue", "mobilization", "thrust_spine"}
        )
    ):
        draft.refuse("unclear_question", spans[0].raw)
    for span in reading.of("other_technique"):
        draft.leave(span)
        draft.note("not_covered_technique", span.raw)
    options = _options(draft, spans, places, named)
    technique: str | None = options[0] if len(options) == 1 else _ask_technique(draft, options)
    if technique:
        for span in spans:
            draft.hear("technique", technique, span)
        if any(span.sense.id == "stretch" for span in spans):
            draft.note("stretch")
    return technique, _as_regions(draft, technique, places, named)


def _options(draft: Draft, spans: list[Span], places: list[Span], named: set[str]) -> tuple[str, ...]:
    """The techniques that the words may mean, given the body parts."""
    kinds = {"soft_tissue" if span.sense.id in ("stretch", "massage_therapy") else span.sense.id for span in spans}
    thrusts = kinds & set(_THRUSTS)
    if kinds & {*_THRUSTS, "mobilization", "soft_tissue"}:
        kinds.discard("manual_therapy")
    if thrusts:
        kinds.discard("manipulation")
    limb, spine = "extremity" in named, bool(named - {"extremity"})
    joints = tuple(
        id_ for id_, here in (("thrust_spine", spine), ("thrust_extremity", limb)) if here or not (limb or spine)
    )
    found: set[str] = set()
    for kind in kinds:
        if kind in TECHNIQUES:
            found.add(kind)
            if kind == "thrust_spine" and limb and not spine:
                found.add("thrust_extremity")
        elif kind == "adjustment":
            found |= set(joints) if limb else {"thrust_spine"}
            if not limb and not spine:
                draft.note("adjustment")
        elif kind == "manipulation" and spine and not limb and all(span.sense.tag == "formal" for span in places):
            found.add("thrust_spine")
            draft.note("manipulation")
        elif kind == "thrust":
            if not (limb or spine) and thrusts != {"thrust"}:
                continue  # "crack: spinal manipulation": the other word tells which
            other = draft.reading.of("other_region")
            if other and not (limb or spine):
                draft.refuse("other_region", other[0].raw)
            found |= set(joints)
        else:
            found |= {"soft_tissue", "mobilization", *joints}
    return tuple(id_ for id_ in TECHNIQUES if id_ in found)


def _ask_technique(draft: Draft, options: tuple[str, ...]) -> str | None:
    if set(options) == {"thrust_spine", "thrust_extremity"}:
        return draft.ask("technique", options, draft.say("ask_spine_or_limb"))
    words = {id_: TECHNIQUES[id_].plain_fr if draft.language == "fr" else TECHNIQUES[id_].plain for id_ in options}
    names = draft.listed(f"{draft.name(id_)} ({words[id_]})" for id_ in options)
    return draft.ask("technique", options, draft.say("ask_technique", names=names))


def _as_regions(draft: Draft, technique: str | None, places: list[Span], named: set[str]) -> tuple[str, ...]:
    found = named - {"spine"}
    whole_back = "spine" in named
    if whole_back and (technique in ("soft_tissue", "mobilization") or (technique and "cervical" in found)):
        found |= set(_BACK)
        back = next((span.raw for span in places if span.sense.id == "spine"), "")
        if back:
            draft.note("back", back, draft.listed((draft.name(id_) for id_ in _BACK), "and"))
    if technique:
        found &= set(TECHNIQUES[technique].regions)
    for span in places:
        if span.sense.id in found:
            draft.hear("region", span.sense.id, span)
        elif span.sense.id == "spine" and technique:
            for id_ in [id_ for id_ in _BACK if id_ in found] or [""]:
                draft.hear("region" if id_ else "technique", id_ or technique, span)
    if technique and not found:
        for span in draft.reading.of("other_region"):
            draft.note("no_such_region", span.raw)
    return tuple(id_ for id_ in REGIONS if id_ in found)


def _day(draft: Draft) -> str | None:
    days = draft.reading.days
    options = tuple(dict.fromkeys(option for day in days for option in day.options))
    if not days:
        return None
    raw = ", ".join(draft.reading.raw(day.first, day.last) for day in days)
    if len(options) > 1 or any(day.open for day in days):
        return draft.ask("day", options, draft.say("ask_day", raw))
    for day in days:
        draft.heard.append((day.first, Heard("day", options[0], draft.reading.raw(day.first, day.last))))
    return options[0]


def _leftovers(draft: Draft) -> None:
    reading = draft.reading
    towns = {
        index
        for index in reading.left
        if reading.capitalised(index) and any(span.first == index + 1 for span in reading.of("place"))
    }
    draft.left += [(index, reading.words[index].raw) for index in reading.left if index not in towns]
    for span in reading.of("health"):
        draft.leave(span)
        draft.note("health")
        draft.health = True
    for span in reading.of("other_region"):
        draft.leave(span)
