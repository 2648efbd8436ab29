"""The four papers: what stands on them, in both languages, with every name escaped and every fact sourced."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from handrail import paper
from handrail.decide import Case, Client, Credential, decide
from handrail.paper import LANGUAGES, SIZES, Entry, Names
from handrail.paper.words import words
from handrail.risk import risks
from handrail.safety import red_flags
from handrail.terms import InputError

KINDS = ("consent", "referral", "record", "aftercare")
DAY = "2026-11-24"
ALL_STEPS = ("history", "examination", "diagnosis", "contraindication_screen", "consent")


def case(place, profession, technique, region=None, *, findings=(), steps=(), client=True, **held):
    about = Client(findings=findings, steps=steps) if client else None
    credential = Credential(profession, **held)
    return decide(Case(place, technique, (credential,), region, on=DAY, client=about))


NECK = case("US-FL", "chiropractor", "thrust_spine", "cervical", findings=("osteoporosis",), steps=("history",))
ENDORSED = case("US-WA", "physical_therapist", "thrust_spine", "lumbar", findings=("osteoporosis", "age_extremes"))
MASSAGE = case("CA-ON", "massage_therapist", "soft_tissue", steps=ALL_STEPS)
EMERGENCY = case("US-WA", "physical_therapist", "thrust_spine", "lumbar", findings=("osteoporosis", "ces_saddle"))
LIMB = case("CA-QC", "chiropractor", "thrust_extremity", findings=("acute_fracture@extremity",))
DECISIONS = {"neck": NECK, "endorsed": ENDORSED, "massage": MASSAGE, "emergency": EMERGENCY, "limb": LIMB}


class _Reader(HTMLParser):
    """The text of a paper, and the part of it that is not marked as English."""

    VOID = ("meta", "br", "link")

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, bool]] = []
        self.all: list[str] = []
        self.fixed: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            english = (self.stack[-1][1] if self.stack else False) or (
                tag != "html" and dict(attrs).get("lang") == "en"
            )
            self.stack.append((tag, english))

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.stack[-1][0] == tag, f"{tag} closes {self.stack[-1][0]}"
            self.stack.pop()

    def handle_data(self, data):
        if any(tag == "style" for tag, _ in self.stack):
            return
        self.all.append(data)
        if not (self.stack and self.stack[-1][1]):
            self.fixed.append(data)


def read(made: paper.Paper) -> tuple[str, str]:
    reader = _Reader()
    reader.feed(made.html)
    reader.close()
    assert reader.stack == []
    return tuple(" ".join(" ".join(part).replace("\u2060", "").split()) for part in (reader.all, reader.fixed))  # type: ignore[return-value]


def every():
    for kind in KINDS:
        for name, decision in DECISIONS.items():
            if kind == "consent" and name in ("emergency", "limb"):
                continue
            if kind == "referral" and name == "massage":
                continue
            yield kind, name, decision


def make(kind, decision, language="en", names=None, size="a4"):
    return getattr(paper, kind)(decision, language, names, size)


EVERY = [pytest.param(kind, decision, id=f"{kind}-{name}") for kind, name, decision in every()]


@pytest.mark.parametrize(("kind", "decision"), EVERY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paper_says_what_where_and_when_and_on_which_knowledge(kind, decision, language):
    made = make(kind, decision, language)
    text, _ = read(made)
    assert decision.case.jurisdiction in text
    assert ("24 November 2026" if language == "en" else "24 novembre 2026") in text
    assert decision.knowledge in text
    assert f'<html lang="{language}">' in made.html


@pytest.mark.parametrize(("kind", "decision"), EVERY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_escaped(kind, decision, language):
    names = Names("<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "{{ 7 * 7 }} & Sons")
    html = make(kind, decision, language, names).html
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7 * 7 }} &amp; Sons" in html


@pytest.mark.parametrize(("kind", "decision"), EVERY)
def test_every_reference_has_its_source_and_every_source_its_reference(kind, decision):
    html = make(kind, decision).html
    named = set(re.findall(r'href="#(source-\d+)"', html))
    listed = set(re.findall(r'<li id="(source-\d+)"', html))
    assert named <= listed
    # A source of something that could not be screened is listed without a number beside it.
    assert listed - named == set()


@pytest.mark.parametrize(("kind", "decision"), EVERY)
def test_sources_are_numbered_as_they_appear(kind, decision):
    html = make(kind, decision).html
    first = list(dict.fromkeys(int(n) for n in re.findall(r'href="#source-(\d+)"', html)))
    assert first == sorted(first)


@pytest.mark.parametrize(("kind", "decision"), EVERY)
def test_french_papers_have_no_english_fixed_wording(kind, decision):
    _, fixed = read(make(kind, decision, "fr"))
    for key, word in words().items():
        for piece in re.split(r"\{\w+\}", word.en):
            piece = piece.replace("'", "’").strip()
            if len(piece.split()) >= 3 and piece not in word.fr:
                assert piece not in fixed, key
    fixed = re.sub(r"https?://\S+", "", fixed)
    assert not re.search(r"\b(the|was|with|this|your|you|must|should|which)\b", fixed), fixed
    assert "viennent d’un dossier en anglais" in fixed


def test_both_languages_hold_every_sentence():
    for key, word in words().items():
        assert word.fr.strip() or key == "english_facts"
        assert set(re.findall(r"\{(\w+)\}", word.en)) == set(re.findall(r"\{(\w+)\}", word.fr)), key


@pytest.mark.parametrize(("kind", "decision"), EVERY)
def test_the_same_decision_gives_the_same_html(kind, decision):
    assert make(kind, decision).html == make(kind, decision).html


def test_the_html_is_the_same_in_another_process():
    code = (
        "from handrail import paper;from handrail.decide import *;import hashlib;"
        "d=decide(Case('US-FL','thrust_spine',(Credential('chiropractor'),),'cervical',on='2026-11-24',"
        "client=Client(findings=('osteoporosis',),steps=('history',))));"
        "print(hashlib.sha256(paper.consent(d).html.encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**_environ(), **seed}
        ).stdout
        for seed in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    }
    assert len(found) == 1


def _environ():
    import os

    return dict(os.environ)


@pytest.mark.parametrize("name", ["neck", "endorsed", "massage"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_consent_sheet_gives_every_published_estimate_with_study_year_denominator_and_source(name, language):
    decision = DECISIONS[name]
    text, _ = read(paper.consent(decision, language))
    for risk in risks(decision.case.technique, decision.case.asked_regions).events:
        assert risk.event.name in text
        for part in risk.estimates:
            one = part.estimate
            # value, denominator, study and year stand in one row, with the number of a source that is on the page
            row = re.escape(f"{one.value} {one.denominator} {one.study} {one.year}") + r"\s\[ ?(\d+)"
            found = re.search(row, text)
            assert found, one
            assert f" {found[1]} {one.source.title}" in text
            if not one.text_seen:
                unread = "text not read" if language == "en" else "texte non lu"
                assert unread in text[found.end() : found.end() + 20]


def test_the_consent_sheet_names_authority_conditions_limits_alternatives_and_the_right_to_refuse():
    text, _ = read(paper.consent(ENDORSED))
    assert "RCW 18.74.190" in text
    assert "statute, text read, in force since 1 July 2020" in text
    for need in ENDORSED.needs:
        if need.gate == "scope":
            assert need.text in text
    for limit in ENDORSED.limits:
        assert limit.text in text
    assert "Secretary" in text or ENDORSED.verify.regulator in text
    assert "You may say no." in text
    assert "No treatment: wait and see how it goes." in text
    mobile, _ = read(paper.consent(MASSAGE))
    for other in MASSAGE.instead:
        assert "slow, gentle movement of a joint" in mobile, other


def test_what_was_given_of_the_credential_is_on_the_sheet():
    held = case(
        "US-WA", "physical_therapist", "thrust_spine", endorsements=("spinal_manipulation",), status="active"
    )
    text, _ = read(paper.consent(held))
    assert "As given: status active; holds spinal_manipulation." in text


def test_there_is_no_consent_to_what_must_not_be_done():
    for decision in (EMERGENCY, case("US-FL", "massage_therapist", "thrust_spine")):
        with pytest.raises(InputError, match="consent does not change that") as error:
            paper.consent(decision)
        assert "\n" not in str(error.value)


def test_an_undetermined_sheet_says_so():
    decision = case("US-FL", "physical_therapist", "thrust_spine", "lumbar")
    assert decision.verdict == "undetermined"
    text, _ = read(paper.consent(decision))
    assert "Not confirmed" in text
    assert "Do not use this sheet until somebody has confirmed it." in text


def test_a_sheet_without_a_client_says_that_nothing_was_screened():
    text, _ = read(paper.consent(case("US-FL", "chiropractor", "thrust_spine", client=False)))
    assert "nothing about your health has been looked at yet" in text


def test_the_referral_letter_goes_where_the_worst_finding_sends_it():
    for decision, to in (
        (EMERGENCY, "Emergency services"),
        (case("US-FL", "chiropractor", "thrust_spine", findings=("cord_signs",)), "today"),
        (case("US-FL", "chiropractor", "thrust_spine", findings=("cancer_history",)), "medical clearance"),
        (NECK, "A clinician qualified to diagnose"),
    ):
        text, _ = read(paper.referral(decision))
        assert to in text.partition("Name and address")[0]
        for reason in decision.reasons:
            if reason.gate == "safety" and reason.verdict != "permitted":
                assert reason.text in text
                assert reason.citation in text


def test_findings_that_need_nothing_are_no_reason_for_a_letter():
    with pytest.raises(InputError, match="nothing was found"):
        paper.referral(MASSAGE)
    with pytest.raises(InputError, match="nothing was found"):
        paper.referral(case("US-FL", "chiropractor", "thrust_spine", client=False))


def test_what_could_not_be_screened_is_in_the_letter():
    client = Client(steps=ALL_STEPS, unscreened=("osteoporosis",))
    decision = decide(
        Case("US-FL", "thrust_spine", (Credential("chiropractor"),), "lumbar", on=DAY, client=client)
    )
    text, _ = read(paper.referral(decision))
    assert "Could not be asked or examined Osteoporosis" in text


def test_the_record_holds_steps_with_time_and_person_and_the_whole_decision():
    entries = {"history": Entry("10:05", "J. Roe")}
    text, _ = read(paper.record(NECK, names=Names(practitioner="J. Roe"), entries=entries))
    assert "10:05 J. Roe" in text
    for reason in NECK.reasons:
        if not reason.text.startswith("Not done"):
            assert reason.text.replace(" (red_flags.yaml)", "") in text
    for step in ("history", "examination", "differential diagnosis", "informed consent"):
        assert step in text
    assert "Override" in text
    assert NECK.knowledge in text


def test_a_step_of_the_law_is_in_the_record():
    for place in ("CA-ON", "US-NC", "US-OR", "US-WA", "US-TX", "US-VA"):
        for profession in ("naturopathic_doctor", "physical_therapist", "chiropractor"):
            decision = case(place, profession, "thrust_spine", "lumbar")
            text, _ = read(paper.record(decision))
            for step in decision.before:
                if "demanded by" in step.text:
                    assert step.text.split("(demanded by ")[-1].rstrip(")") in text


def test_the_record_is_about_a_visit():
    with pytest.raises(InputError, match="not about a visit"):
        paper.record(case("US-FL", "chiropractor", "thrust_spine", client=False))
    with pytest.raises(InputError, match="Did you mean history"):
        paper.record(NECK, entries={"histroy": Entry("10:05")})


def test_the_aftercare_sheet_asks_every_red_flag_that_counts_after():
    for decision in (NECK, MASSAGE, LIMB):
        text, _ = read(paper.aftercare(decision))
        for flag in red_flags().values():
            after = "after" in flag.applies and any(flag.covers(region) for region in decision.case.regions)
            for_client = not flag.question.startswith("(practitioner)")
            assert (flag.question in text) == (after and for_client), flag.id


def test_the_aftercare_sheet_puts_emergencies_first():
    text, _ = read(paper.aftercare(NECK))
    assert (
        text.index("Call emergency services at once")
        < text.index("Has your face, an arm or a leg suddenly gone numb")
        < text.index("See a physician the same day")
        < text.index("Is your walking unsteady")
        < text.index("What to expect")
    )


@pytest.mark.parametrize(
    ("make_it", "says"),
    [
        (lambda: paper.consent(NECK, "de"), "not a language"),
        (lambda: paper.aftercare(NECK, size="a5"), "not a size"),
        (lambda: Names("x" * 201), "longer than 200"),
        (lambda: Names(clinic="a\x00b"), "cannot be printed"),
        (lambda: Names(practitioner=7), "must be text"),
        (lambda: Entry(by="y" * 300), "longer than"),
    ],
)
def test_bad_input_is_one_line(make_it, says):
    with pytest.raises(InputError, match=says) as error:
        make_it()
    assert "\n" not in str(error.value)


def test_lines_to_write_on_where_no_name_is_given():
    assert paper.aftercare(NECK).html.count('class="blank"') > paper.aftercare(
        NECK, names=Names("A", "B")
    ).html.count('class="blank"')


def test_sizes():
    assert "size: A4" in paper.aftercare(NECK).html
    assert "size: letter" in paper.aftercare(NECK, size="letter").html
    assert set(SIZES) == {"a4", "letter"}


def _grade(text: str) -> float:
    """Flesch-Kincaid grade, with vowel groups for syllables."""
    sentences = [s for s in re.split(r"[.!?:]+\s*", text) if s.strip()]
    spoken = re.findall(r"[A-Za-z’']+", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in spoken)
    return 0.39 * len(spoken) / len(sentences) + 11.8 * syllables / len(spoken) - 15.59


def test_what_a_client_reads_is_at_about_grade_7():
    said = [
        word.en.format_map(dict.fromkeys(re.findall(r"\{(\w+)\}", word.en), "x"))
        for key, word in words().items()
        if key.startswith(("c_", "right_", "sign_", "a_", "says_", "consent_", "sev_"))
        and len(word.en.split()) > 5
    ]
    assert _grade(" ".join(text if text[-1] in ".!?:" else f"{text}." for text in said)) <= 7.5


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=DECISIONS)
def test_the_questions_of_the_french_aftercare_are_french(decision):
    from html import unescape

    from handrail.safety import red_flags
    from handrail.safety.questions import wording

    def plain(text: str) -> str:
        return " ".join(unescape(text).replace("\u2060", "").replace("’", "'").split())

    sheets = {language: plain(read(make("aftercare", decision, language))[0]) for language in ("en", "fr")}
    asked = [flag for flag in red_flags().values() if plain(flag.question) in sheets["en"]]
    assert len(asked) > 20
    for flag in asked:
        assert plain(wording(flag.id, "fr")) in sheets["fr"], flag.id
        assert plain(flag.question) not in sheets["fr"], flag.id
