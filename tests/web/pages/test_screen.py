"""Screen, as a browser without script sends it: the form carries everything."""

from __future__ import annotations

import io
import logging
from html import unescape
from html.parser import HTMLParser

import pypdf
import pytest
from fastapi.testclient import TestClient

from handrail.intake.questionnaire import questionnaire
from handrail.safety.questions import parents, questions, raised_by, word
from handrail.web.pages.words import spaced

START = {
    "place": "US-WA",
    "profession": "chiropractor",
    "technique": "thrust_spine",
    "region": "lumbar",
    "lang": "en",
}
#: The question that osteoporosis is found with.
BONE = raised_by("osteoporosis")[0].id
DONE = ["history", "examination", "diagnosis", "consent"]


class Form(HTMLParser):
    """The hidden fields of a page's form of questions, and the values of its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.boxes: list[str] = []
        self._in = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps what the form would send."""
        given = dict(attrs)
        if tag == "form":
            self._in = given.get("id") == "step" or given.get("action") == "/screen/paper"
        if self._in and tag == "input":
            name, value = given.get("name") or "", given.get("value") or ""
            if given.get("type") == "hidden":
                self.fields.setdefault(name, []).append(value)
            elif given.get("type") == "checkbox":
                self.boxes.append(value)


def above(link: str) -> list[str]:
    """The questions that one stands under."""
    found = []
    while (link := parents().get(link, "")) != "":
        found.append(link)
    return found


def send(client: TestClient, html: str, **more: str | list[str]) -> str:
    """Sends the form of a page with a button or boxes."""
    answer = client.post("/screen", data={**Form(html).fields, **more})
    assert answer.status_code == 200, answer.text
    assert answer.url.query == b""  # nothing in the address
    return answer.text


def current(html: str) -> str:
    """The question that a page asks."""
    return Form(html).fields["question"][0]


def run(client: TestClient, start: dict[str, str | list[str]], yes: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """Answers everything with no, but some with yes; the result, and what was asked."""
    html = client.post("/screen", data=start).text
    asked = []
    for _ in range(400):
        if 'name="question"' not in html:
            return html, asked
        form = Form(html)
        if form.boxes:
            html = send(client, html, site=[form.boxes[0]])
            continue
        asked.append(current(html))
        html = send(client, html, answer="yes" if asked[-1] in yes else "no")
    raise AssertionError("no end")


def test_all_answered_with_no_and_all_steps_done_is_permitted(client: TestClient) -> None:
    html, asked = run(client, {**START, "done": DONE})
    whole = [one.question.id for one in questionnaire("thrust_spine", ("lumbar",)).questions]
    assert [id_ for id_ in asked if id_ in whole] == asked
    assert len(asked) == len(set(asked)) > 20
    assert "Nothing was answered with yes" in html
    # The questions to the practitioner are still open: what they ask about is not screened.
    assert "Questions for the practitioner" in html
    fields = Form(html).fields
    html = client.post("/screen", data={**fields, "do": "practitioner"}).text
    while 'name="question"' in html:
        html = send(client, html, answer="no")
    assert 'class="card v-permitted"' in html


def test_an_emergency_stops_at_once(client: TestClient) -> None:
    html = client.post("/screen", data=START).text
    first = next(one for one in questionnaire("thrust_spine", ("lumbar",)).questions if one.emergency)
    for _ in range(60):
        if current(html) == first.question.id:
            break
        html = send(client, html, answer="no")
    html = send(client, html, answer="yes")
    assert 'role="alert"' in html
    assert word("stop", "en") in unescape(html)
    assert 'class="card v-urgent"' in html
    assert 'name="answer"' not in html
    again = client.post(
        "/screen", data={**START, f"a.{first.question.id}": "yes", "question": first.question.id, "do": "same"}
    )
    assert current(again.text) == first.question.id  # a slip of the finger can be taken back
    assert "Answered before" in again.text
    french = client.post("/screen", data={**Form(html).fields, "lang": "fr", "do": "finish"}).text
    assert spaced(word("stop", "fr"), "fr") in unescape(french)


def test_a_finding_with_a_site_bars_or_asks(client: TestClient) -> None:
    html, asked = run(client, {**START, "done": DONE}, yes=(BONE, *above(BONE)))
    assert BONE in asked
    assert 'class="card v-permitted"' not in html
    assert "Osteoporosis" in html


def test_back_goes_to_the_question_before_and_takes_its_answer_along(client: TestClient) -> None:
    html = client.post("/screen", data=START).text
    first = current(html)
    html = send(client, html, answer="unknown")
    second = current(html)
    html = send(client, html, do="back")
    assert current(html) == first != second
    assert "Answered before" in html
    html = send(client, html, answer="no")
    assert current(html) == second


def test_stopping_early_leaves_the_rest_unscreened(client: TestClient) -> None:
    html = send(client, client.post("/screen", data={**START, "done": DONE}).text, do="finish")
    assert "questions were not answered" in html
    assert 'class="card v-conditional"' in html


@pytest.mark.parametrize("kind", ["consent", "referral", "record", "aftercare"])
def test_papers_come_as_pdf_with_the_names_given(client: TestClient, kind: str) -> None:
    visit = {**START, "done": DONE, f"a.{BONE}": "yes"}
    answer = client.post("/screen/paper", data={**visit, "kind": kind, "client_name": "Jane Roe", "size": "a4"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert "Jane Roe" in text


def test_what_is_no_answer_is_refused_and_not_repeated(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    some = next(iter(questions()))
    for bad in (
        {"place": "nowhere"},
        {"technique": "magic"},
        {"region": "nose"},
        {f"a.{some}": "perhaps-secret"},
        {"a.secret_illness": "yes"},
        {f"a.{some}.where": "secret-place"},
    ):
        answer = client.post("/screen", data={**START, **bad})
        assert answer.status_code == 400, bad
        assert "secret" not in answer.text
    assert client.post("/screen", data={**START, "question": "secret", "answer": "yes"}).status_code == 400
    assert client.post("/screen/paper", data={**START, "kind": "../x"}).status_code == 400
    assert client.post("/screen/paper", data={"kind": "consent"}).status_code == 400
    send(client, client.post("/screen", data=START).text, answer="yes")
    assert "secret" not in caplog.text
    assert not any(id_ in caplog.text for id_ in questions())


def test_what_is_confirmed_as_met_is_decided_with(client: TestClient) -> None:
    """A physical therapist in Washington needs an endorsement for a thrust: it is ticked with the steps."""
    start = {**START, "profession": "physical_therapist"}
    html, _ = run(client, start)
    html = client.post("/screen", data={**Form(html).fields, "do": "practitioner"}).text
    while 'name="question"' in html:
        html = send(client, html, answer="no")
    assert 'class="card v-conditional"' in html
    needs = Needs(html)
    assert "endorsement" in unescape(html)
    assert len(needs.boxes) > 4
    assert needs.checked == []
    html = client.post("/screen", data={**needs.fields, "met": needs.boxes, "do": "finish"}).text
    assert 'class="card v-permitted"' in html
    again = Needs(html)
    assert again.boxes == again.checked == needs.boxes
    # What is confirmed goes along to the papers and back to the questions.
    fields = Form(html).fields
    assert sorted(fields["done"] + fields["met"]) == sorted(needs.boxes)
    html = client.post("/screen", data={**again.fields, "met": needs.boxes[1:], "do": "finish"}).text
    assert 'class="card v-conditional"' in html
    for bad in ("<b>", "a b", "x" * 300, "a:b:c"):
        assert client.post("/screen", data={**start, "met": bad, "do": "finish"}).status_code == 400


class Needs(Form):
    """The form of what can be confirmed."""

    def __init__(self, html: str) -> None:
        self.checked: list[str] = []
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the boxes, and which are ticked."""
        given = dict(attrs)
        if tag == "form":
            self._in = given.get("id") == "needs"
        elif self._in:
            super().handle_starttag(tag, attrs)
            if "checked" in given:
                self.checked.append(given["value"] or "")
