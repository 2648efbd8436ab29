"""Pages from templates: the language of a request, its texts, the safe headers, the addresses of static files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jinja2
import yaml
from fastapi import Request
from fastapi.responses import HTMLResponse

from handrail.terms import PLACES
from handrail.web import knowledge
from handrail.web.pages import icons, words

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGES = ("en", "fr")
_HEADERS = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
_YEAR = 365 * 24 * 3600

_texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
_loaders: list[jinja2.BaseLoader] = [jinja2.FileSystemLoader(HERE / "templates")]


def extend(*, templates: Path | None = None, texts: Path | None = None) -> None:
    """Adds another part's templates and texts.

    Args:
        templates: a folder of templates; ``base.html`` and ``parts.html`` of this room can be used in them.
        texts: a folder with ``en.yaml`` and ``fr.yaml``, each a flat mapping of keys to sentences.

    Raises:
        ValueError: if a key is there already with another sentence, or is not in both languages.
    """
    if texts is not None:
        read = {language: _read(texts / f"{language}.yaml") for language in LANGUAGES}
        if odd := set(read["en"]) ^ set(read["fr"]):
            raise ValueError(f"texts that are not in both languages: {', '.join(sorted(odd))}")
        for language, added in read.items():
            taken = {key for key, text in added.items() if _texts[language].get(key, text) != text}
            if taken:
                raise ValueError(f"texts that are there already: {', '.join(sorted(taken))}")
            _texts[language].update(added)
    if templates is not None:
        _loaders.append(jinja2.FileSystemLoader(templates))
        environment.cache_clear()


def _read(path: Path) -> dict[str, str]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {str(key): str(text) for key, text in data.items()}


def text(language: str, key: str, **values: object) -> str:
    """A sentence of the pages in a language; raises KeyError for a key that is not there."""
    sentence = _texts[language][key]
    return sentence.format(**values) if values else sentence


def texts() -> Mapping[str, Mapping[str, str]]:
    """All sentences: language -> key -> sentence."""
    return _texts


def language_of(request: Request) -> str:
    """The language of a request: ``?lang=``, else the cookie, else what the browser asks for, else English."""
    set_ = getattr(request.state, "language", None)
    if set_ in LANGUAGES:
        return str(set_)
    for given in (request.query_params.get("lang"), request.cookies.get("lang")):
        if given in LANGUAGES:
            return str(given)
    return _accepted(request.headers.get("accept-language", ""))


def explicit_language(request: Request) -> bool:
    """Whether the address or the cookie says the language."""
    return request.query_params.get("lang") in LANGUAGES or request.cookies.get("lang") in LANGUAGES


def _accepted(header: str) -> str:
    best, found = 0.0, "en"
    for part in header[:200].split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        language = name.strip()[:2].casefold()
        if language in LANGUAGES and weight > best:
            best, found = weight, language
    return found


@cache
def environment() -> jinja2.Environment:
    """The environment of the templates: escaping on, an undefined name is an error."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(_loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["first_up"] = first_up
    made.globals.update(static=static, icon=icons.icon, safe_url=safe_url)
    return made


def first_up(given: str) -> str:
    """Text with a capital in front, the rest as it is."""
    return given[:1].upper() + given[1:]


@cache
def static(name: str) -> str:
    """The address of a static file, with a hash of its content, so that it may be kept for a year."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def safe_url(given: str | None) -> str | None:
    """An address that may stand in a link: only http and https."""
    if not given:
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    return given if parts.scheme in ("http", "https") and parts.netloc else None


def address(path: str, **parameters: str | None) -> str:
    """An address of this service with the parameters that are given."""
    given = {key.rstrip("_"): value for key, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def switched(request: Request, language: str) -> str:
    """This page's address in another language: always a path of this service."""
    pairs = [(key, value) for key, value in parse_qsl(request.url.query) if key != "lang"][:30]
    # The path alone, with one slash in front: two would be another host.
    path = "/" + request.url.path.lstrip("/\\")
    return f"{path}?{urlencode([*pairs, ('lang', language)])}"


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page.

    Args:
        request: what it answers.
        template: its name; it extends ``base.html``.
        status: the HTTP status.
        context: what the template needs; ``t``, ``lang``, ``words`` and ``here`` are there already.
    """
    language = language_of(request)

    def t(key: str, **values: object) -> str:
        return text(language, key, **values)

    page = environment().get_template(template)
    html = page.render(
        request=request,
        t=t,
        lang=language,
        words=words.Words(language),
        here=request.url.path,
        switch=[(other, switched(request, other)) for other in LANGUAGES],
        knowledge={
            "version": knowledge.version(),
            "day": knowledge.researched().isoformat(),
            "places": len(PLACES),
        },
        today=date.today().isoformat(),  # noqa: DTZ011  (the reader's day is meant)
        **context,
    )
    response = HTMLResponse(html, status_code=status, headers=_HEADERS)
    if request.query_params.get("lang") in LANGUAGES:
        remember(request, response, "lang", language)
    return response


def remember(request: Request, response: HTMLResponse, name: str, value: str) -> None:
    """Keeps a choice (language, place) in the visitor's own browser."""
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        samesite="lax",
        httponly=True,
        secure=request.url.scheme == "https",
    )


extend(texts=HERE / "texts")
