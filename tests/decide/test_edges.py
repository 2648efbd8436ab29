"""Bounds and whole answers: ages, days, periods in which the law changes, what may be done instead."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from handrail import Case, Client, Credential, Finding, InputError, Leaning, Verdict, decide
from handrail.decide import Period, standings
from handrail.decide.case import parse_day
from handrail.decide.safety import weight
from handrail.law import jurisdictions, load

DAY = date(2026, 11, 24)


def ask(place, profession, technique, region=None, on=DAY, client=None):
    return decide(Case(place, technique, [Credential(profession)], region, on, client))


# Ages


@pytest.mark.parametrize("age", [0, 0.5, 1, 55, 130])
def test_an_age_from_birth_to_the_oldest(age):
    assert Client(age=age).age == age


@pytest.mark.parametrize("age", [-1, -0.1, 131, 130.5, True, False, "40"])
def test_what_is_no_age(age):
    with pytest.raises(InputError) as raised:
        Client(age=age)
    assert str(raised.value) == f"{age!r} is not an age. Give it in years, from 0 to 130"


@pytest.mark.parametrize(
    ("age", "asked"), [(17, True), (18, False), (54, False), (55, False), (56, True)], ids=lambda value: str(value)
)
def test_the_ages_at_which_a_first_episode_is_asked_for(age, asked):
    decision = ask("US-WA", "chiropractor", "thrust_spine", "cervical", client=Client(age=age))
    said = [reason.text for reason in decision.reasons if reason.rule == "first_episode_age"]
    assert bool(said) is asked
    if asked:
        assert said == [
            f"Age {age}: ask whether this is a first, sudden episode (First sudden episode before age 18 or after "
            "age 55). This is asked; the age itself does not answer it."
        ]


# Bad input says what would be right


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Client(findings="osteoporosis"), "findings must be a list. Write ['osteoporosis']"),
        (lambda: Client(steps="history"), "steps must be a list, not the text 'history'. Write ['history']"),
        (lambda: Client(unscreened="fever"), "unscreened must be a list, not the text 'fever'. Write ['fever']"),
        (lambda: Finding.of(5), "5 is not a finding. Write its id, or id@site"),
        (
            lambda: Client(steps=["histroy"]),
            "'histroy' is not a known step. Did you mean history?",
        ),
        (lambda: parse_day("2026-1-05"), "'2026-1-05' is not a day. Write it as YYYY-MM-DD"),
        (lambda: parse_day("20260105"), "'20260105' is not a day. Write it as YYYY-MM-DD"),
        (lambda: parse_day(20260105, "start"), "20260105 is not a start. Write it as YYYY-MM-DD"),
        (lambda: Period.of("2026-13"), "'2026-13' is not a day. Write it as YYYY-MM-DD, YYYY-MM or YYYY"),
        (lambda: Period.of("２０２６"), "'２０２６' is not a day. Write it as YYYY-MM-DD, YYYY-MM or YYYY"),
        (lambda: Period.of("26"), "'26' is not a day. Write it as YYYY-MM-DD, YYYY-MM or YYYY"),
        (
            lambda: Period.between(date(2026, 1, 2), date(2026, 1, 1)),
            "a period ends (2026-01-01) before it begins (2026-01-02)",
        ),
    ],
)
def test_what_is_said_of_bad_input(made, said):
    with pytest.raises(InputError) as raised:
        made()
    assert str(raised.value) == said


def test_an_item_of_a_step_is_not_a_step_and_a_test_clears_nobody():
    from handrail.safety import step_items
    from handrail.terms import STEPS

    items = [item for item in step_items() if item.id not in STEPS]
    tests = [item for item in items if item.category.endswith("_test") and item.known_limits]
    others = [item for item in items if not item.category.endswith("_test")]
    assert tests
    assert others
    for item in (*tests, *others):
        with pytest.raises(InputError) as raised:
            Client(steps=[item.id])
        limits = f"; it cannot clear anybody ({item.known_limits})" if item in tests else ""
        assert str(raised.value) == (
            f"{item.id!r} is one item of a step, not a step{limits}. Known: {', '.join(STEPS)}"
        )


# Days and periods


def test_days_in_their_forms():
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert parse_day(noon) == parse_day("2026-01-05") == parse_day(date(2026, 1, 5)) == date(2026, 1, 5)
    one = Period(date(2026, 1, 5), date(2026, 1, 5), "2026-01-05")
    assert Period.of(noon) == Period.of("2026-01-05") == Period.of(date(2026, 1, 5)) == Period.of(one) == one
    assert Period.of("2024-02") == (date(2024, 2, 1), date(2024, 2, 29), "2024-02")
    assert Period.of("2023-02") == (date(2023, 2, 1), date(2023, 2, 28), "2023-02")
    assert Period.of("2026") == (date(2026, 1, 1), date(2026, 12, 31), "2026")
    assert Period.between(date(2026, 1, 5), date(2026, 1, 5)) == one
    assert Period.between(date(2026, 1, 5), date(2026, 2, 1)) == (
        date(2026, 1, 5),
        date(2026, 2, 1),
        "2026-01-05 to 2026-02-01",
    )


def test_a_finding_is_written_as_it_is_read():
    assert str(Finding.of(" acute_fracture @ lumbar ")) == "acute_fracture@lumbar"
    assert str(Finding.of("osteoporosis")) == "osteoporosis"
    given = Finding("acute_fracture", "lumbar")
    assert Finding.of(given) is given


def changing():
    """Every cell whose general answer differs between two neighbouring days, with the days."""
    for place in jurisdictions():
        law = load(place)
        for profession in ("massage_therapist", "physical_therapist", "chiropractor"):
            for technique in ("thrust_spine", "soft_tissue"):
                for day in law.changes(profession, technique):
                    yield place, profession, technique, day


def test_a_month_in_which_the_answer_changes_says_so_whole():
    """The worst leaning wins; each part is said with its day; conditions of both parts are kept."""
    seen = 0
    for place, profession, technique, day in changing():
        if day.day == 1:  # then the month is of one piece
            continue
        before = ask(place, profession, technique, on=date(day.year, day.month, 1))
        after = ask(place, profession, technique, on=day)
        if before.verdict == after.verdict:
            continue
        whole = ask(place, profession, technique, on=f"{day:%Y-%m}")
        seen += 1
        assert whole.verdict is Verdict.UNDETERMINED
        order = [Leaning.YES, Leaning.NONE, Leaning.NO]
        assert whole.leaning is max((leans(before), leans(after)), key=order.index)
        first = next(reason for reason in whole.reasons if reason.gate == "scope")
        assert first.text == f"The answer changes within {day:%Y-%m}, on {day}: give the day."
        assert first.source == "the dates of the rules and of the credential"
        assert {need.id for need in whole.needs} == {need.id for need in (*before.needs, *after.needs)}
        for reason in after.reasons:
            if reason.gate == "scope":
                said = {r.rule: r for r in whole.reasons if r.text.startswith(f"From {day}")}
                assert said[reason.rule].text.endswith(f": {reason.text}")
                yes = reason.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL)
                assert said[reason.rule].verdict is (reason.verdict if yes else Verdict.UNDETERMINED)
        for region, part in whole.by_region.items():
            ends = (before.by_region[region], after.by_region[region])
            assert part == ends[0] if ends[0] == ends[1] else part.verdict is Verdict.UNDETERMINED
    assert seen >= 2


def leans(decision):
    if decision.leaning:
        return decision.leaning
    return Leaning.YES if decision.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL) else Leaning.NO


# Others and other techniques


@pytest.mark.parametrize("region", [None, "lumbar", "extremity"])
@pytest.mark.parametrize("profession", ["massage_therapist", "chiropractor", "physical_therapist"])
@pytest.mark.parametrize("place", ["US-FL", "US-WA", "CA-ON", "US-VA"])
def test_what_may_be_done_instead_is_what_decide_says_of_it(place, profession, region):
    """On the same regions; of none if none was asked and the technique has no others."""
    from handrail.terms import TECHNIQUES

    for technique in TECHNIQUES:
        if region and region not in TECHNIQUES[technique].regions:
            continue
        decision = ask(place, profession, technique, region)
        said = {other.technique: other for other in decision.instead}
        assert technique not in said
        looked_at = decision.case.regions
        for other, about in TECHNIQUES.items():
            common = tuple(part for part in looked_at if part in about.regions)
            if other == technique or not common:
                assert other not in said
                continue
            asked = None if region is None and common == about.regions else common
            expected = ask(place, profession, other, asked)
            if expected.verdict in (Verdict.PERMITTED, Verdict.CONDITIONAL):
                assert (said[other].verdict, said[other].needs) == (expected.verdict, expected.needs)
            else:
                assert other not in said


def test_who_may_keeps_what_was_confirmed_of_the_visit_and_nothing_that_the_practitioner_holds():
    """Permitted first, then those with the fewest needs."""
    visit = Client(findings=["osteoporosis"], steps=["history"])
    held = [Credential("physical_therapist")]
    place, technique, region = "US-WA", "thrust_spine", "lumbar"
    confirmed = decide(Case(place, technique, held, region, DAY, visit)).needs
    assert {need.gate for need in confirmed} == {"scope", "safety", "process"}
    decision = decide(Case(place, technique, held, region, DAY, visit, met=[need.id for need in confirmed]))
    assert decision.verdict is Verdict.PERMITTED
    own = {need.id for need in confirmed if need.gate == "scope"}
    said = {who.profession: {need.id for need in who.needs} for who in decision.who_may}
    assert said["chiropractor"] == set()
    assert own <= said["physical_therapist"]  # another one may not hold it
    for needs in said.values():
        assert not needs & {"examination", "consent", "decision:osteoporosis"}
    order = [(who.verdict is not Verdict.PERMITTED, len(who.needs)) for who in decision.who_may]
    assert order == sorted(order)
    assert len(set(order)) > 1


def test_what_the_files_say_is_told_in_these_words():
    """Silent rules, read and not read, and what is not settled."""
    from handrail.law import Effect

    opening = {
        (Effect.SILENT, True): "The text that was read does not say: ",
        (Effect.SILENT, False): "Reported to be silent, the text itself not read: ",
        (Effect.UNKNOWN, True): "Not found, or not settled: ",
        (Effect.UNKNOWN, False): "Not found, or not settled: ",
    }
    seen = set()
    for place in jurisdictions():
        law = load(place)
        for profession, entry in law.file.professions.items():
            for rule in entry.rules:
                said = opening.get((rule.effect, rule.read))
                if said is None:
                    continue
                for region in rule.regions if rule.regions != "all" else [None]:
                    decision = ask(place, profession, rule.technique, region)
                    for reason in decision.reasons:
                        if reason.rule == rule.id and "Massage is read to be unregulated" not in reason.text:
                            assert reason.text.startswith((said, "Ended on ", "No rule"))
                            seen.add((rule.effect, rule.read))
    assert len(seen) >= 3


def test_where_massage_is_free_it_is_permitted_and_the_region_spoken_of():
    """The one yes without a grant: each region is settled by the text that forbids nothing."""
    seen = 0
    for place in jurisdictions():
        for region in (None, "lumbar"):
            decision = ask(place, "massage_therapist", "soft_tissue", region)
            if any("Massage is read to be unregulated" in reason.text for reason in decision.reasons):
                assert decision.verdict is Verdict.PERMITTED
                assert all(part.verdict is Verdict.PERMITTED for part in decision.by_region.values())
                assert "Not confirmed for" not in " ".join(reason.text for reason in decision.reasons)
                seen += 1
    assert seen


def test_the_hash_of_all_knowledge_covers_every_file_of_law_the_clinical_files_and_the_words():
    import hashlib

    from handrail import safety, terms
    from handrail.decide import SEMANTICS, digest
    from handrail.law.load import FOLDER

    parts = [f"{SEMANTICS}:{safety.digest()}:{terms.DIGEST}"]
    files = sorted(FOLDER.glob("*.yaml"))
    parts += [f"{path.stem}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    assert len(parts) == 65
    assert digest() == hashlib.sha256("".join(f"{part}\0" for part in parts).encode()).hexdigest()


def test_how_others_stand_is_what_decide_says_of_them():
    decision = ask("US-FL", "massage_therapist", "thrust_spine")
    names = ("chiropractor", "physical_therapist", "naprapath")
    found = standings(decision, names)
    law = load("US-FL")
    assert [name for name, _, _ in found] == [name for name in names if law.cell(name, "thrust_spine")]
    for name, verdict, leaning in found:
        other = ask("US-FL", name, "thrust_spine")
        assert (verdict, leaning) == (other.verdict, other.leaning)


def test_the_weight_of_a_finding_is_the_worst_that_is_listed_of_it():
    assert weight(Finding("cauda_equina_syndrome"), "thrust_spine", "lumbar") is not None
    assert weight(Finding("osteoporosis"), "thrust_spine", "lumbar") in (Verdict.CONDITIONAL, Verdict.PROHIBITED)
    assert weight(Finding("acute_fracture", "lumbar"), "thrust_spine", "cervical") is None
    for finding in ("fever_spine_pain", "dizziness", "neck_trauma_recent"):
        decision = ask(
            "US-WA", "chiropractor", "soft_tissue", "cervical", client=Client(findings=[finding], steps=None)
        )
        worst = max((r.verdict for r in decision.reasons if r.rule == finding), key=list(Verdict).index)
        assert weight(Finding(finding), "soft_tissue", "cervical") is worst


# What stands beside a deciding rule


def test_rules_beside_are_named_with_what_they_say():
    """A rule that does not decide, beside one that does: each such sentence is one of these, each about a rule."""
    from handrail.law import Effect

    says = {
        Effect.SILENT: "is silent",
        Effect.UNKNOWN: "is not settled",
        Effect.PERMITTED: "is reported to permit it",
        Effect.CONDITIONAL: "is reported to permit it on conditions",
        Effect.PROHIBITED: "is reported to forbid it",
    }
    seen = set()
    for place in jurisdictions():
        law = load(place)
        for profession, entry in law.file.professions.items():
            known = {
                f"Beside it, {rule.citation or rule.id} {says[rule.effect]}.": rule.effect for rule in entry.rules
            }
            for rule in entry.rules:
                for reason in ask(place, profession, rule.technique).reasons:
                    said = (reason.note or "") + reason.text
                    found = [text for text in known if text in said]
                    assert said.count("Beside it, ") == len(found)
                    seen |= {known[text] for text in found}
    assert len(seen) >= 2
