"""From a page's data to HTML, and from HTML to PDF."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from handrail.paper.words import Language, Voice
from handrail.terms import InputError, did_you_mean

Kind = Literal["consent", "referral", "record", "aftercare"]
Size = Literal["a4", "letter"]
SIZES: tuple[str, ...] = get_args(Size)
TEMPLATES = Path(__file__).parent / "templates"
EXTRA = "pip install 'handrail[paper]'"
PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
#: Fonts that come as Python packages, so that a paper looks the same on every machine; without them others do.
_FONTS = (
    ("font_source_sans_pro", "Source Sans Pro", "SourceSansPro", {"Regular": 400, "Semibold": 600, "It": 400}),
    ("font_source_serif_pro", "Source Serif Pro", "SourceSerifPro", {"Regular": 400, "Semibold": 600}),
)


@dataclass(frozen=True)
class Paper:
    """A paper, ready to be printed.

    Attributes:
        kind: consent, referral, record or aftercare.
        language: of its fixed wording.
        size: of its page.
        html: the whole paper as one HTML file that needs no other.
    """

    kind: Kind
    language: Language
    size: Size
    html: str

    def pdf(self) -> bytes:
        """The paper as PDF, tagged for screen readers.

        Raises:
            InputError: naming what to install, if WeasyPrint or its system libraries are missing.
        """
        weasyprint, urls, text = _weasyprint()
        # A paper fetches nothing from anywhere; only our own style sheet may open font files.
        nothing, files = urls.URLFetcher(allowed_protocols=()), urls.URLFetcher(allowed_protocols=("file",))
        fonts = text.FontConfiguration()
        faces = weasyprint.CSS(string=_font_faces(), font_config=fonts, url_fetcher=files)
        page = weasyprint.HTML(string=self.html, url_fetcher=nothing)
        return cast(
            bytes, page.write_pdf(stylesheets=[faces], font_config=fonts, pdf_tags=True, pdf_variant="pdf/ua-1")
        )


def known_size(given: str) -> Size:
    """``given``, if it is a size of paper; raises InputError with those that are."""
    if given in SIZES:
        return cast(Size, given)
    raise InputError(f"{given!r} is not a size of paper", hint=did_you_mean(given, SIZES))


def render(kind: Kind, language: Language, size: Size, data: dict[str, Any]) -> Paper:
    """A paper from its template and data."""
    html = (
        _templates()
        .get_template(f"{kind}.html")
        .render(kind=kind, w=Voice(language), language=language, size=size, style=_style(), **data)
    )
    return Paper(kind, language, size, html)


@cache
def _templates() -> Any:
    try:
        jinja2 = importlib.import_module("jinja2")
    except ImportError:
        raise InputError("papers need the library jinja2", hint=EXTRA) from None
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> Any:
    # Our own file: it holds signs that must not be escaped.
    return importlib.import_module("markupsafe").Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))


def _weasyprint() -> tuple[Any, Any, Any]:
    try:
        names = ("weasyprint", "weasyprint.urls", "weasyprint.text.fonts")
        package, urls, text = (importlib.import_module(name) for name in names)
    except ImportError:
        raise InputError("PDF needs the library WeasyPrint", hint=EXTRA) from None
    except OSError:
        raise InputError("PDF needs the system library Pango", hint=PANGO) from None
    return package, urls, text


@cache
def _font_faces() -> str:
    faces = []
    for package, family, file, styles in _FONTS:
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            continue
        for style, weight in styles.items():
            address = (Path(found.origin).parent / "files" / f"{file}-{style}.ttf").as_uri()
            slant = "italic" if style == "It" else "normal"
            faces.append(
                f'@font-face {{ font-family: "{family}"; src: url("{address}"); '
                f"font-weight: {weight}; font-style: {slant}; }}"
            )
    return "\n".join(faces)
