"""Every page with the keyboard alone: reached with Tab, seen where the focus is, done with Enter or Space."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.watching import Watched, choose_file, entered, fill, follow, tab_to


def test_ask(chromium: Browser, served: str) -> None:
    with Watched(chromium, served, 360) as seen:
        page = seen.page
        page.goto("/about?lang=en")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        follow(page, ".brand")
        page.keyboard.type("Can a chiropractor crack my back?")
        entered(page)
        assert page.is_visible(".overview")
        fill(page, ".overview select", "Oreg")
        follow(page, ".overview form button")
        assert "In Oregon" in page.inner_text(".card h2")
        follow(page, ".card footer a")
        assert "/law/US-OR" in page.url
        assert seen.complaints == []


def test_map(chromium: Browser, served: str) -> None:
    with Watched(chromium, served) as seen:
        page = seen.page
        page.goto("/?lang=en")
        follow(page, "nav a[href='/map']")
        fill(page, "#profession", "Chiro")
        expect(page.locator("#map-shown h2")).to_contain_text("Chiropractor")
        fill(page, "#on", "03012024")
        expect(page.locator("#map-shown h2")).to_contain_text("2024-03-01")
        tab_to(page, "#slide")
        page.keyboard.press("Home")
        expect(page.locator("#map-shown h2")).to_contain_text("2015-01-01")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#map-shown h2")).to_contain_text("2015-01-02")
        assert page.get_attribute("#slide", "aria-valuetext") == "2015-01-02"
        # Every tile is a link with the place and how it stands there in its name.
        tab_to(page, ".tiles a[href*='US-WA']", 80)
        assert page.evaluate("document.activeElement.ariaLabel").startswith("Washington: ")
        tab_to(page, "details:last-of-type summary", 80)
        page.keyboard.press("Enter")
        expect(page.locator("#map-shown table")).to_be_visible()
        follow(page, "#map-shown td a")
        assert re.search("/law/(US|CA)-..#", page.url)
        assert seen.complaints == []


def test_law(chromium: Browser, served: str) -> None:
    with Watched(chromium, served, 360) as seen:
        page = seen.page
        page.goto("/?lang=fr")
        follow(page, "nav a[href='/law']")
        fill(page, "select[name=in]", "Colombie")
        follow(page, "main form button")
        assert page.inner_text("h1") == "Colombie-Britannique"
        tab_to(page, ".toc a[href='#chiropractor']")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("#chiropractor$"))
        # The focus goes on from there: the next link is in that section.
        page.keyboard.press("Tab")
        assert page.evaluate("!!document.activeElement.closest('#chiropractor')")
        page.goto("/law/CA-BC")
        tab_to(page, ".tools a[download]")
        with page.expect_download() as saved:
            page.keyboard.press("Enter")
        assert saved.value.suggested_filename.endswith((".yaml", ".json"))
        fill(page, "#other", "Ontario")
        follow(page, ".tools form button")
        assert page.url.split("?")[0].endswith("/law/CA-BC/compare/CA-ON")
        tab_to(page, ".compare th a")
        page.goto("/law/CA-BC")
        follow(page, ".tools a[href$='/history']")
        follow(page, ".timeline a")
        assert "/law/CA-BC#" in page.url
        assert seen.complaints == []


def test_screen(chromium: Browser, served: str) -> None:
    with Watched(chromium, served, 360) as seen:
        page = seen.page
        page.goto("/screen?lang=en")
        fill(page, "#place", "Washington")
        tab_to(page, "input[name=region][value=lumbar]")
        page.keyboard.press("Space")
        assert page.is_disabled("input[name=region][value=extremity]")
        tab_to(page, "main form button[type=submit]")
        asked = [_question(page)]
        for answer in ("no", "unknown", "no"):
            tab_to(page, f"button[value={answer}]")
            asked.append(_question(page))
        assert len(set(asked)) == 4
        assert page.url.endswith("/screen")  # no answer in the address
        tab_to(page, "button[value=back]")
        assert _question(page) == asked[-2]
        tab_to(page, "button[value=finish]")
        entered(page, "Space")
        assert page.is_visible(".card h2")
        fill(page, "#client_name", "Jane Roe")
        tab_to(page, "button[value=aftercare]")
        with page.expect_download() as paper:
            page.keyboard.press("Enter")
        assert paper.value.suggested_filename == "handrail-aftercare.pdf"
        assert seen.complaints == []


def _question(page: Page) -> str:
    entered(page)
    return page.inner_text("#step h1")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_technique(chromium: Browser, served: str, language: str) -> None:
    with Watched(chromium, served, 360) as seen:
        page = seen.page
        page.goto(f"/?lang={language}")
        follow(page, "nav a[href='/technique']")
        tab_to(page, "figure .scroll")
        # A picture wider than the screen can be scrolled with the arrows.
        assert page.evaluate("document.activeElement.scrollWidth > document.activeElement.clientWidth")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(500)
        assert page.evaluate("document.activeElement.scrollLeft") > 0
        tab_to(page, "#w-speed")
        page.keyboard.press("ArrowDown")
        chosen = page.input_value("#w-speed")
        assert chosen
        tab_to(page, "#w-region")
        page.keyboard.press("ArrowDown")
        follow(page, "#which button")
        assert f"speed={chosen}" in page.url
        assert page.is_visible("#which .card")
        tab_to(page, ".sources a", 90)
        assert page.evaluate("document.activeElement.href").startswith("http")
        assert seen.complaints == []


def test_audit(chromium: Browser, served: str, claims: Path) -> None:
    with Watched(chromium, served) as seen:
        page = seen.page
        page.goto("/?lang=en")
        follow(page, "nav a[href='/audit']")
        choose_file(page, "#file", claims)
        tab_to(page, "#audit-form button")
        page.keyboard.press("Enter")
        # An audit's first line waits for a process to begin.
        page.wait_for_url(re.compile("/audit/[A-Za-z0-9_-]+$"), timeout=120_000)
        expect(page.locator("#job .go")).to_be_visible(timeout=120_000)
        follow(page, "#job .go")
        assert page.url.endswith("/report")
        tab_to(page, "a, button, input, select, summary, [tabindex]")
        assert seen.complaints == []
