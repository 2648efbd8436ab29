"""A browser window that tells what its pages complain of."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

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
