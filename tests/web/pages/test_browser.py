"""The pages in a real browser: both languages, phone and desktop, light and dark, no script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.watching import Watched, serious

from handrail.safety.questions import word

PAGES = [
    "/",
    "/ask?q=Can a masseuse crack my back in Florida?",
    "/ask?q=Can a masseuse crack my back?&in=all",
    "/ask?q=Who may adjust my neck in Ontario?",
    "/ask?q=banana",
    "/map",
    "/law",
    "/law/US-FL",
    "/law/US-FL/compare/CA-ON",
    "/law/CA-BC/history",
    "/screen",
    "/technique?speed=fast",
    "/audit",
    "/about",
    "/nothing",
]
#: Language, width, colours.
LOOKS = [
    ("en", 360, "light"),
    ("fr", 1280, "dark"),
    ("en", 1280, "dark"),
    ("fr", 360, "light"),
]


def check(page: Page, width: int) -> None:
    """No sideways scrolling, and no serious or critical violation."""
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert serious(page) == []


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_every_page_fits_and_passes_axe_without_complaint(
    chromium: Browser, served: str, language: str, width: int, scheme: str
) -> None:
    with Watched(chromium, served, width, scheme) as seen:
        for path in PAGES:
            seen.page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            check(seen.page, width)
            assert seen.page.evaluate("document.documentElement.lang") == language
        page = seen.page
        page.goto("/screen")
        page.select_option("#place", "US-WA")
        with page.expect_navigation():
            page.click("main form button[type=submit]")
        check(page, width)
        with page.expect_navigation():
            page.click("button[value=yes]")
        assert page.inner_text("[role=alert] h1") == word("stop", language)
        check(page, width)
        with page.expect_navigation():
            page.click("button[value=same]")
        for number in range(6):
            check(page, width) if number < 2 else None
            with page.expect_navigation():
                page.click("button[value=unknown]" if number % 2 else "button[value=no]")
        with page.expect_navigation():
            page.click("button[value=finish]")
        assert page.is_visible(".papers")
        check(page, width)
        assert seen.complaints == []


def test_light_dark_and_print_differ(chromium: Browser, served: str) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    found = []
    for scheme in ("light", "dark"):
        with Watched(chromium, served, scheme=scheme) as seen:
            seen.page.goto("/ask?q=Can a masseuse crack my back in Florida?")
            found.append(seen.page.evaluate(ground))
            seen.page.emulate_media(media="print")
            assert seen.page.evaluate(ground) == "rgb(255, 255, 255)"
            assert not seen.page.is_visible(".askbox form")
            assert seen.page.is_visible(".card h2")
    assert found[0] != found[1]


def test_a_newcomer_has_the_answer_for_their_own_state_in_two_actions(chromium: Browser, served: str) -> None:
    with Watched(chromium, served) as seen:
        page = seen.page
        page.goto("/?lang=en")
        with page.expect_navigation():
            page.click("text=Can a massage therapist crack my back?")  # 1
        with page.expect_navigation():
            page.click(".overview .pick a:text-is('Oregon')")  # 2
        assert page.inner_text(".card h2").startswith("No. In Oregon")
    with Watched(chromium, served) as seen:
        page = seen.page
        page.goto("/?lang=en")
        page.keyboard.type("can my massage therapist crack my back in maine")  # 1: the box has the focus
        page.keyboard.press("Enter")  # 2
        page.wait_for_selector(".card")
        assert "Maine" in page.inner_text(".card h2")
        assert seen.complaints == []


def test_every_page_works_without_script(chromium: Browser, served: str) -> None:
    with Watched(chromium, served, 360, java_script_enabled=False) as seen:
        page = seen.page
        page.goto("/?lang=fr")
        page.fill("#q", "Un massothérapeute peut-il faire craquer mon dos ?")
        page.select_option("#in", "CA-QC")
        with page.expect_navigation():
            page.click("form button[type=submit]")
        assert page.inner_text(".card .verdict") == "Non"
        assert not page.is_visible("[data-copy]")
        page.goto("/map")
        assert not page.is_visible("#slide")
        page.select_option("#profession", "chiropractor")
        page.fill("#on", "2024-03-01")
        with page.expect_navigation():
            page.click("#map-form button")
        assert "2024-03-01" in page.inner_text("#map-shown h2")
        assert page.locator(".tiles a.v-permitted").count() > 40
        with page.expect_navigation():
            page.locator(".tiles a").first.click()
        assert "/law/" in page.url
        page.select_option("#other", "US-OR")
        with page.expect_navigation():
            page.click(".tools button")
        assert page.url.split("?")[0].endswith("/compare/US-OR")
        page.goto("/screen")
        page.select_option("#place", "US-WA")
        with page.expect_navigation():
            page.click("main form button[type=submit]")
        with page.expect_navigation():
            page.click("button[value=no]")
        with page.expect_navigation():
            page.click("button[value=finish]")
        assert page.is_visible(".card h2")
        page.goto("/technique")
        page.select_option("#w-speed", "fast")
        with page.expect_navigation():
            page.click("#which button")
        assert page.is_visible("#which .card")


def test_the_map_follows_its_slider(chromium: Browser, served: str) -> None:
    with Watched(chromium, served) as seen:
        page = seen.page
        page.goto("/map?lang=en&profession=physical_therapist")
        before = page.inner_text("#map-shown h2")
        page.focus("#slide")
        with page.expect_response(lambda answer: "/map/fragment" in answer.url):
            page.keyboard.press("Home")
        expect(page.locator("#map-shown h2")).to_contain_text("2015-01-01")
        assert page.inner_text("#map-shown h2") != before
        assert page.input_value("#on") == "2015-01-01"
        assert "on=2015-01-01" in page.url
        assert page.locator(".tiles a").count() == 64
        with page.expect_response(lambda answer: "/map/fragment" in answer.url):
            page.select_option("#profession", "chiropractor")
        expect(page.locator("#map-shown h2")).to_contain_text("Chiropractor")
        assert seen.complaints == []


def test_no_sign_of_the_map_hangs_on_colour_alone(chromium: Browser, served: str) -> None:
    with Watched(chromium, served) as seen:
        seen.page.goto("/map?lang=en&profession=physical_therapist")
        tiles = seen.page.evaluate(
            "[...document.querySelectorAll('.tiles a')].map(a => [a.className, a.querySelector('i').textContent])"
        )
        letters: dict[str, set[str]] = {}
        for kind, letter in tiles:
            letters.setdefault(letter, set()).add(kind)
        assert len(letters) >= 3
        assert all(len(kinds) == 1 for kinds in letters.values())


def test_the_language_is_switched_within_the_questions(chromium: Browser, served: str) -> None:
    with Watched(chromium, served) as seen:
        page = seen.page
        page.goto("/screen?lang=en")
        page.select_option("#place", "US-WA")
        with page.expect_navigation():
            page.click("main form button[type=submit]")
        with page.expect_navigation():
            page.click("button[value=no]")
        english = page.inner_text("#step h1")
        number = page.inner_text(".progress span").split()[0]
        with page.expect_navigation():
            page.click(".langs button")
        assert page.inner_text("#step h1") != english
        assert page.inner_text(".progress span").split()[0] == number
        with page.expect_navigation():
            page.click("button[value=back]")
        assert "Réponse donnée" in page.inner_text("#step")
