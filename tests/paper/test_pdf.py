"""The papers as PDF: the facts are in the text, the pages few, the size right."""

from __future__ import annotations

import io
import re

import pytest

from handrail import paper
from handrail.decide import Case, Client, Credential, decide
from handrail.paper import Names
from handrail.risk import risks
from handrail.terms import InputError

try:
    import weasyprint  # noqa: F401
except (ImportError, OSError) as error:
    pytest.skip(f"WeasyPrint cannot be loaded: {error}", allow_module_level=True)
pypdf = pytest.importorskip("pypdf")

#: With names of 200 letters, and in the widest of the fonts that a machine may fall back on.
WORST = {"consent": 10, "referral": 3, "record": 6, "aftercare": 6}
POINTS = {"a4": (595, 842), "letter": (612, 792)}
LONG = "Marguerite-Éléonore O’Brien-Vanderhoeven de la Fontaine-Saint-Jacques " * 2
UNBROKEN = "W" * 200


def visit(*findings: str, steps=("history",), place="US-FL", profession="chiropractor"):
    client = Client(findings=findings, steps=steps)
    return decide(
        Case(place, "thrust_spine", (Credential(profession),), "cervical", on="2026-11-24", client=client)
    )


def text_of(pdf: bytes) -> tuple[str, list]:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages), list(pages)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("kind", WORST)
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", POINTS)
def test_pages_are_few_numbered_and_of_the_size_asked(kind, language, size):
    decision = visit("osteoporosis", "cancer_history", place="US-WA", profession="physical_therapist")
    made = getattr(paper, kind)(decision, language, Names(LONG, UNBROKEN, "<script>alert(1)</script>"), size)
    text, pages = text_of(made.pdf())
    assert 1 <= len(pages) <= WORST[kind]
    for number, page in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in squeezed(page.extract_text())
        assert (round(page.mediabox.width), round(page.mediabox.height)) == POINTS[size]
    assert "<script>alert(1)</script>" in text
    assert squeezed(LONG) in text
    assert UNBROKEN in text
    assert decision.knowledge in text


def test_the_consent_pdf_holds_the_key_facts():
    text, _ = text_of(paper.consent(visit("osteoporosis")).pdf())
    assert "Fla.Stat.§460.403(9)(a)" in text
    for risk in risks("thrust_spine", "cervical").events:
        assert squeezed(risk.event.name) in text
        for part in risk.estimates:
            assert squeezed(part.estimate.value) in text
            assert squeezed(f"{part.estimate.study} {part.estimate.year}") in text


def test_the_referral_pdf_holds_the_findings():
    text, _ = text_of(paper.referral(visit("ces_saddle")).pdf())
    assert "Emergencyservices" in text
    assert "Saddlenumbness" in text


def test_a_pdf_has_title_language_and_tags():
    reader = pypdf.PdfReader(io.BytesIO(paper.aftercare(visit(), "fr").pdf()))
    assert reader.metadata.title.startswith("Après votre traitement")
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "fr"
    assert catalog["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize(("problem", "says"), [(ImportError, "handrail\\[paper\\]"), (OSError, "libpango")])
def test_what_is_missing_is_named(monkeypatch, problem, says):
    import importlib

    made = paper.aftercare(visit())

    def missing(name: str):
        raise problem(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(InputError, match=says) as error:
        made.pdf()
    assert "\n" not in str(error.value)


def test_a_paper_fetches_nothing(monkeypatch):
    import socket

    def refuse(*_: object, **__: object):
        raise AssertionError("a paper opened a connection")

    monkeypatch.setattr(socket, "create_connection", refuse)
    made = paper.aftercare(visit(), names=Names('<img src="https://example.org/x.png">'))
    assert made.pdf().startswith(b"%PDF")
    assert not re.search(r"<(img|link|script|iframe|object)\b", made.html)
