"""A browser window that tells what its pages complain of; the keyboard alone; axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

#: A busy machine is no fault of a page.
expect.set_options(timeout=60_000)
#: The browser's own line about a page that answers with 400 or 404.
_STATUS = "Failed to load resource"


class Watched:
    """A context whose pages tell what they complain of, and what they ask for elsewhere."""

    def __init__(
        self, browser: Browser, served: str, width: int = 1280, scheme: Any = "light", **more: Any
    ) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, base_url=served, **more
        )
        self.context.set_default_timeout(60_000)
        self.page: Page = self.context.new_page()
        # Listening from the start: a file chooser that opens before somebody listens is lost.
        self.page.on("filechooser", lambda _: None)
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if _STATUS not in m.text else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "request", lambda r: self.complaints.append(r.url) if not r.url.startswith((served, "data:")) else None
        )

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Goes on with Tab until the focus is on what is wanted, and can be seen there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            style = page.evaluate(
                "(({outlineStyle: a, boxShadow: b}) => [a, b])(getComputedStyle(document.activeElement))"
            )
            assert style != ["none", "none"], f"the focus cannot be seen on {selector}"
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def entered(page: Page, key: str = "Enter") -> None:
    """Presses Enter where the focus is, and waits for the page to which that leads."""
    with page.expect_navigation():
        page.keyboard.press(key)


def follow(page: Page, selector: str, most: int = 60) -> None:
    """Goes to a link or button with Tab, and on to the page to which it leads with Enter."""
    tab_to(page, selector, most)
    entered(page)


def fill(page: Page, selector: str, text: str, most: int = 60) -> None:
    """Goes to a field with Tab and types."""
    tab_to(page, selector, most)
    page.keyboard.type(text)


def choose_file(page: Page, selector: str, path: Path) -> None:
    """Goes to a field for files with Tab, opens it with Enter and takes one."""
    tab_to(page, selector)
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter")
    asked.value.set_files(path)


def serious(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds on a page that is serious or critical: rules, and where."""
    found = Axe().run(page).response
    assert len(found["passes"]) > 10  # axe did look
    return [
        (rule["id"], [node["html"][:150] for node in rule["nodes"]][:3])
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
    ]
