"""The pages in a real browser: both languages, phone and desktop, light and dark, keyboard alone, no script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.web.pages.watching import Watched

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
#: Language, width, colours, and whether axe looks: once in light and once in dark; it takes half a second a page.
LOOKS = [
    ("en", 360, "light", True),
    ("fr", 1280, "dark", True),
    ("en", 1280, "dark", False),
    ("fr", 360, "light", False),
]


def check(page: Page, width: int, axe: bool) -> None:
    """No sideways scrolling, and no serious or critical violation."""
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if not axe:
        return
    found = Axe().run(page).response
    bad = [
        (rule["id"], [node["html"][:150] for node in rule["nodes"]][:3])
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
    ]
    assert bad == []
    assert len(found["passes"]) > 10  # axe did look


@pytest.mark.parametrize(("language", "width", "scheme", "axe"), LOOKS)
def test_every_page_fits_and_passes_axe_without_complaint(
    browser: Browser, served: str, language: str, width: int, scheme: str, axe: bool
) -> None:
    with Watched(browser, served, width, scheme) as seen:
        for path in PAGES:
            seen.page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            check(seen.page, width, axe)
            assert seen.page.evaluate("document.documentElement.lang") == language
        page = seen.page
        page.goto("/screen")
        page.select_option("#place", "US-WA")
        with page.expect_navigation():
            page.click("main form button[type=submit]")
        check(page, width, axe)
        with page.expect_navigation():
            page.click("button[value=yes]")
        assert page.inner_text("[role=alert] h1") == word("stop", language)
        check(page, width, axe)
        assert seen.complaints == []


def test_light_dark_and_print_differ(browser: Browser, served: str) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    found = []
    for scheme in ("light", "dark"):
        with Watched(browser, served, scheme=scheme) as seen:
            seen.page.goto("/ask?q=Can a masseuse crack my back in Florida?")
            found.append(seen.page.evaluate(ground))
            seen.page.emulate_media(media="print")
            assert seen.page.evaluate(ground) == "rgb(255, 255, 255)"
            assert not seen.page.is_visible(".askbox form")
            assert seen.page.is_visible(".card h2")
    assert found[0] != found[1]


def test_a_newcomer_has_the_answer_for_their_own_state_in_two_actions(browser: Browser, served: str) -> None:
    with Watched(browser, served) as seen:
        page = seen.page
        page.goto("/?lang=en")
        with page.expect_navigation():
            page.click("text=Can a massage therapist crack my back?")  # 1
        with page.expect_navigation():
            page.click(".overview .pick a:text-is('Oregon')")  # 2
        assert page.inner_text(".card h2").startswith("No. In Oregon")
    with Watched(browser, served) as seen:
        page = seen.page
        page.goto("/?lang=en")
        page.keyboard.type("can my massage therapist crack my back in maine")  # 1: the box has the focus
        page.keyboard.press("Enter")  # 2
        page.wait_for_selector(".card")
        assert "Maine" in page.inner_text(".card h2")
        assert seen.complaints == []


def _tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Goes on with Tab until the focus is on what is wanted, and can be seen there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def test_ask_by_keyboard_alone(browser: Browser, served: str) -> None:
    with Watched(browser, served, 360) as seen:
        page = seen.page
        page.goto("/about?lang=en")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        _tab_to(page, ".brand")
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        page.keyboard.type("Can a chiropractor crack my back?")
        page.keyboard.press("Enter")
        page.wait_for_selector(".overview")
        _tab_to(page, ".overview select")
        page.keyboard.type("Oreg")
        _tab_to(page, ".overview form button")
        page.keyboard.press("Enter")
        page.wait_for_selector(".card")
        assert "In Oregon" in page.inner_text(".card h2")
        _tab_to(page, ".card footer a")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/law/US-OR"))
        assert seen.complaints == []


def test_screen_by_keyboard_alone(browser: Browser, served: str) -> None:
    with Watched(browser, served, 360) as seen:
        page = seen.page
        page.goto("/screen?lang=en")
        _tab_to(page, "#place")
        page.keyboard.type("Washington")
        _tab_to(page, "input[name=region][value=lumbar]")
        page.keyboard.press("Space")
        assert page.is_disabled("input[name=region][value=extremity]")
        _tab_to(page, "main form button[type=submit]")
        asked = [_entered(page)]
        for answer in ("no", "unknown", "no"):
            _tab_to(page, f"button[value={answer}]")
            asked.append(_entered(page))
        assert len(set(asked)) == 4
        assert page.url.endswith("/screen")  # no answer in the address
        _tab_to(page, "button[value=back]")
        assert _entered(page) == asked[-2]
        _tab_to(page, "button[value=finish]")
        with page.expect_navigation():
            page.keyboard.press("Space")
        assert page.is_visible(".card h2")
        _tab_to(page, "#client_name")
        page.keyboard.type("Jane Roe")
        _tab_to(page, "button[value=aftercare]")
        with page.expect_download() as paper:
            page.keyboard.press("Enter")
        assert paper.value.suggested_filename == "handrail-aftercare.pdf"
        assert seen.complaints == []


def _entered(page: Page) -> str:
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page.inner_text("#step h1")


def test_every_page_works_without_script(browser: Browser, served: str) -> None:
    with Watched(browser, served, 360, java_script_enabled=False) as seen:
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


def test_the_map_follows_its_slider(browser: Browser, served: str) -> None:
    with Watched(browser, served) as seen:
        page = seen.page
        page.goto("/map?lang=en&profession=physical_therapist")
        before = page.inner_text("#map-shown h2")
        page.focus("#slide")
        with page.expect_response(lambda answer: "/map/fragment" in answer.url):
            page.keyboard.press("Home")
        page.wait_for_function("document.querySelector('#map-shown h2').textContent.includes('2015-01-01')")
        assert page.inner_text("#map-shown h2") != before
        assert page.input_value("#on") == "2015-01-01"
        assert "on=2015-01-01" in page.url
        assert page.locator(".tiles a").count() == 64
        with page.expect_response(lambda answer: "/map/fragment" in answer.url):
            page.select_option("#profession", "chiropractor")
        page.wait_for_function("document.querySelector('#map-shown h2').textContent.startsWith('Chiropractor')")
        assert seen.complaints == []


def test_no_sign_of_the_map_hangs_on_colour_alone(browser: Browser, served: str) -> None:
    with Watched(browser, served) as seen:
        seen.page.goto("/map?lang=en&profession=physical_therapist")
        tiles = seen.page.evaluate(
            "[...document.querySelectorAll('.tiles a')].map(a => [a.className, a.querySelector('i').textContent])"
        )
        letters: dict[str, set[str]] = {}
        for kind, letter in tiles:
            letters.setdefault(letter, set()).add(kind)
        assert len(letters) >= 3
        assert all(len(kinds) == 1 for kinds in letters.values())


def test_the_language_is_switched_within_the_questions(browser: Browser, served: str) -> None:
    with Watched(browser, served) as seen:
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
