"""The pages without a browser: what they say, what they keep, and what they do with bad input."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from handrail.law import jurisdictions, load
from handrail.terms import PLACES, TECHNIQUES, tiles
from handrail.terms.force_time import force_time, used
from handrail.web import create_app
from handrail.web.headers import CSP
from handrail.web.pages import about, ask, audit, extend, files, icons, law, map_, screen, technique, words
from handrail.web.pages.rendering import HERE, LANGUAGES, safe_url, static, texts

DOCS = Path(__file__).parents[3] / "docs" / "pages.md"
PAGES = [
    "/",
    "/ask?q=Can a masseuse crack my back in Florida?",
    "/ask?q=Can a masseuse crack my back?",
    "/ask?q=Who may adjust my neck in Ontario?",
    "/map",
    "/law",
    "/law/US-FL",
    "/law/CA-QC",
    "/law/US-FL/compare/CA-ON",
    "/law/CA-BC/history",
    "/screen",
    "/technique?speed=fast&range=beyond",
    "/audit",
    "/about",
]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "{{ 7*7 }}${7*7}",
    "javascript:alert(1)//",
    "</title><script>alert(1)</script>",
]


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps a tag."""
        self.found.append((tag, dict(attrs)))


def check_is_safe(html: str) -> None:
    """No script but ours, no handler, no inline style, no address that runs something."""
    for tag, attributes in Tags(html).found:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert "style" not in attributes
        assert "srcdoc" not in attributes
        if tag == "script":
            assert (attributes["src"] or "").startswith("/static/pages.js?v=")
        assert tag not in ("style", "iframe", "object", "base", "img")
        for name in ("href", "action", "formaction", "src"):
            if name in attributes:
                scheme = urlsplit(attributes[name] or "").scheme
                assert scheme in ("", "http", "https", "tel"), attributes[name]
    assert "49$49" not in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages(client: TestClient, path: str, language: str) -> None:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert f'<html lang="{language}">' in answer.text
    assert (
        "Not legal or medical advice" if language == "en" else "Ni avis juridique ni avis médical"
    ) in answer.text
    assert re.search(r"20\d\d-\d\d-\d\d", answer.text)
    check_is_safe(answer.text)
    ids = [attributes["id"] for _, attributes in Tags(answer.text).found if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_texts_have_the_same_keys_and_places_to_fill() -> None:
    found = {language: yaml.safe_load((HERE / "texts" / f"{language}.yaml").read_text()) for language in LANGUAGES}
    assert list(found["en"]) == list(found["fr"])
    for key, english in found["en"].items():
        fields = [sorted(re.findall(r"{(\w+)}", text)) for text in (english, found["fr"][key])]
        assert fields[0] == fields[1], key
        assert english.strip()
        assert found["fr"][key].strip()
        # French puts a space that does not break before these signs.
        assert (
            not re.search(r"(?<![\s\d])[;?!]| [:;?!»]", found["fr"][key].replace("letter", "")) or len(english) < 4
        ), key


def test_every_text_is_used_and_every_key_is_there() -> None:
    source = "\n".join(path.read_text() for path in HERE.rglob("*") if path.suffix in (".py", ".html"))
    written = set(re.findall(r'\bt\("(\w+)"[,)]', source)) | set(re.findall(r"\bt\('(\w+)'[,)]", source))
    assert written <= set(texts()["en"])
    beginnings = {*re.findall(r'"(\w+_)" ~', source), *re.findall(r"'(\w+_)' ~", source), "peak_", "nav_"}
    quoted = set(re.findall(r'"(\w+)"', source))
    own = [k for k in texts()["en"] if "." not in k]  # others' have the name of their part before them
    unused = [k for k in own if k not in written | quoted and not k.startswith(tuple(beginnings))]
    assert unused == []


def test_every_stand_has_its_sign_its_word_and_its_letter() -> None:
    for stand in words.STANDS:
        assert stand in icons.STANDS
        for language in LANGUAGES:
            assert {f"stand_{stand}", f"means_{stand}", f"letter_{stand}"} <= set(texts()[language])
    for language in LANGUAGES:
        letters = [texts()[language][f"letter_{stand}"] for stand in words.STANDS]
        assert len(set(letters)) == len(letters)
    outlines = [str(icons.icon(stand)).split(">", 1)[1] for stand in words.STANDS]
    assert len(set(outlines)) == len(outlines)


def test_every_route_is_documented() -> None:
    text = DOCS.read_text()
    for part in (ask, map_, law, screen, technique, audit, about, files):
        for route in part.router.routes:
            assert isinstance(route, APIRoute)
            assert f"`{route.path}`" in text, route.path


def test_the_card_says_verdict_why_source_and_how_sure(client: TestClient) -> None:
    answer = client.get("/ask?q=Can a masseuse crack my back in Florida?&lang=en").text
    for said in (
        "No. In Florida a massage therapist may not crack your back",
        "Fla. Stat. §§ 460.403(9)(a)",
        "read in the statute",
        "inferred: follows from the definitions",
        "chiropractor",
        'href="/law/US-FL#massage_therapist"',
        "s-prohibited",
        "before a spinal thrust",
    ):
        assert said in answer
    source = next(r.source or "" for r in load("US-FL").cell("massage_therapist", "thrust_spine"))
    assert source.startswith("https://")
    assert f'href="{source.split()[0]}"' in answer  # the address alone, without the words behind it
    assert source.split()[-1] in answer


def test_a_place_is_remembered_but_never_wins_over_the_question(client: TestClient) -> None:
    asked = "/ask?q=Can a masseuse crack my back?"
    overview = client.get(asked)
    assert "Where are you?" in overview.text
    assert "set-cookie" not in overview.headers
    there = client.get(asked + "&in=US-TX")
    assert "In Texas" in there.text
    assert "place=US-TX" in there.headers["set-cookie"]
    assert "HttpOnly" in there.headers["set-cookie"]
    again = client.get(asked)
    assert "In Texas" in again.text
    assert "which you chose before" in again.text
    assert "Where are you?" in client.get(asked + "&in=all").text
    other = client.get("/ask?q=Can a masseuse crack my back in Ohio?&in=US-TX")
    assert "In Ohio" in other.text
    assert "was not used" in other.text


def test_a_shared_address_gives_the_same_answer_to_somebody_else(client: TestClient) -> None:
    client.cookies.set("place", "US-TX")
    mine = client.get("/ask?q=Can a masseuse crack my back?&lang=en").text
    fields = [attributes for _, attributes in Tags(mine).found if attributes.get("id") == "address"]
    shared = urlsplit(fields[0]["value"] or "")
    assert parse_qs(shared.query) == {"q": ["Can a masseuse crack my back?"], "in": ["US-TX"], "lang": ["en"]}
    other = TestClient(
        client.app, follow_redirects=False, headers={"accept-language": "fr", "accept": "text/html"}
    )
    headline = re.compile(r'<h2 id="h1">(.*?)</h2>')
    theirs = other.get(f"{shared.path}?{shared.query}").text
    assert headline.findall(mine) == headline.findall(theirs) != []


def test_a_question_asked_back_is_answered_with_one_link(client: TestClient) -> None:
    answer = client.get("/ask?q=Can a chiropractor manipulate my back in Nevada?&lang=en").text
    links = [a["href"] or "" for tag, a in Tags(answer).found if tag == "a"]
    options = [link for link in links if link.startswith("/ask") and "technique=" in link]
    assert [parse_qs(urlsplit(link).query)["technique"][0] for link in options] == [
        "soft_tissue",
        "mobilization",
        "thrust_spine",
    ]
    for link in options:
        assert '<article class="card v-' in client.get(link).text


def test_the_language_of_the_question_counts_if_none_was_chosen(client: TestClient) -> None:
    answer = client.get("/ask?q=Un massothérapeute peut-il faire craquer mon dos au Québec ?")
    assert '<html lang="fr">' in answer.text
    assert (
        client.get("/", headers={"accept-language": "de, fr;q=0.8, en;q=0.5"}).text.count('<html lang="fr">') == 1
    )
    assert '<html lang="en">' in client.get("/?lang=xx").text
    client.get("/?lang=fr")
    assert '<html lang="fr">' in client.get("/about").text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_from_the_user_becomes_markup(client: TestClient, hostile: str) -> None:
    tries = [
        ("/ask", {"q": hostile}),
        ("/ask", {"q": f"Can a masseuse crack my back in Florida? {hostile}"}),
        ("/ask", {"q": "Can a masseuse crack my back?", "in": hostile}),
        ("/ask", {"q": "Can a masseuse crack my back?", "lang": hostile}),
        ("/ask", {"q": "Can a masseuse crack my back?", "technique": hostile}),
        ("/map", {"profession": hostile}),
        ("/map", {"on": hostile}),
        ("/map/fragment", {"technique": hostile}),
        ("/law", {"in": hostile}),
        ("/law/US-FL", {"lang": hostile, hostile: hostile}),
        ("/law/US-FL/compare", {"other": hostile}),
        ("/technique", {"speed": hostile}),
        ("/about", {"q": hostile}),
    ]
    for path, query in tries:
        answer = client.get(path, params=query)
        assert answer.status_code in (200, 303, 400, 404), (path, answer.status_code)
        check_is_safe(answer.text)
    for path in ("/law/", "/law/US-FL/compare/", "/audit/", "/static/"):
        answer = client.get(path + hostile.replace("/", "%2F").replace("?", "%3F"))
        assert answer.status_code in (307, 400, 404)  # 307: the same address without its last slash
        assert urlsplit(answer.headers.get("location", "")).netloc in ("", "testserver")
        check_is_safe(answer.text)
    client.cookies.set("place", "x")
    posted = client.post("/screen", data={"place": hostile, "technique": hostile, "a." + hostile: hostile})
    assert posted.status_code == 400
    check_is_safe(posted.text)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=12))
def test_any_question_gets_a_page(q: str, in_: str) -> None:
    answer = ANY.get("/ask", params={"q": q, "in": in_})
    assert answer.status_code in (200, 400)
    check_is_safe(answer.text)


ANY = TestClient(create_app(), follow_redirects=False, headers={"accept": "text/html"})


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/\\evil.example", "///evil.example", "/%5Cevil.example", "//"]
)
def test_the_language_switch_leads_nowhere_else(client: TestClient, path: str) -> None:
    answer = client.get(f"http://testserver{path}")
    for tag, attributes in Tags(answer.text).found:
        if tag == "a" and attributes.get("hreflang"):
            target = attributes["href"] or ""
            assert re.match(r"/(?![/\\])", target), target
            assert urlsplit(target).netloc == ""


def test_redirects_stay_here(client: TestClient) -> None:
    for path in ("/law?in=Ontario", "/law/US-FL/compare?other=Texas", "/law/US-FL/compare?other="):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/law/")
    assert client.get("/law?in=//evil.example").status_code == 400


def test_bad_input_gets_a_page_that_says_what_would_be_right(client: TestClient) -> None:
    wrong = client.get("/map?profession=chiropracter")
    assert wrong.status_code == 400
    assert "Did you mean chiropractor" in wrong.text
    assert client.get("/law/US-ZZ").status_code == 404
    assert client.get("/map?on=2026-02-30").status_code == 400
    assert client.get("/nothing").status_code == 404
    assert "<nav" in client.get("/nothing").text
    assert client.get("/static/../rendering.py").status_code == 404
    assert client.get("/static/%2e%2e%2frendering.py").status_code == 404
    assert client.get("/static/font/%2e%2e%2fx.ttf").status_code == 404


def test_a_fault_of_ours_is_a_page_without_its_cause() -> None:
    app = create_app()

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("osteoporosis of Jane Roe")

    answer = TestClient(app, raise_server_exceptions=False).get("/broken", headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "Jane Roe" not in answer.text


def test_static_files_are_kept_under_the_address_of_their_content(client: TestClient) -> None:
    for name in ("style.css", "pages.js", "mark.svg"):
        answer = client.get(static(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/style.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/font/sans.ttf").headers["content-type"] == "font/ttf"


def test_the_map_shows_every_place_as_decided(client: TestClient) -> None:
    assert set(tiles()) == set(PLACES) == set(jurisdictions())
    assert len(set(tiles().values())) == len(tiles())
    page = client.get("/map?profession=chiropractor&technique=thrust_spine&lang=en").text
    links = [a for tag, a in Tags(page).found if tag == "a" and "aria-label" in a]
    assert len(links) == len(PLACES)
    florida = next(a for a in links if (a["href"] or "").startswith("/law/US-FL"))
    assert florida["aria-label"] == "Florida: Yes"


def test_the_map_follows_the_day(client: TestClient) -> None:
    page = client.get("/map?profession=physical_therapist&technique=thrust_spine&lang=en").text
    days = re.findall(r"on=(\d{4}-\d\d-\d\d)", page)
    assert days
    before = date.fromordinal(date.fromisoformat(days[0]).toordinal() - 1)
    query = "/map/fragment?profession=physical_therapist&technique=thrust_spine&on="
    assert client.get(query + days[0]).text != client.get(f"{query}{before}").text.replace(str(before), days[0])


@pytest.mark.parametrize("code", jurisdictions())
def test_every_law_page_shows_every_rule(client: TestClient, code: str) -> None:
    page = client.get(f"/law/{code}")
    assert page.status_code == 200
    ids = {attributes.get("id") for _, attributes in Tags(page.text).found}
    file = load(code).file
    assert {rule.id for _, rule in file.rules()} <= ids
    assert set(file.professions) <= ids
    assert {item.id for item in file.prerequisites} <= ids
    check_is_safe(page.text)
    assert client.get(f"/law/{code}/history").status_code == 200


def test_a_law_can_be_downloaded(client: TestClient) -> None:
    text = client.get("/law/US-FL.yaml")
    assert "attachment" in text.headers["content-disposition"]
    assert yaml.safe_load(text.text)["jurisdiction"] == "US-FL"
    assert client.get("/law/US-FL.json").json()["name"] == "Florida"
    assert client.get("/law/US-ZZ.yaml").status_code == 404


def test_no_figure_without_its_source(client: TestClient) -> None:
    data = force_time()
    page = client.get("/technique?lang=en").text
    for name in used(data):
        assert data.sources[name].text_seen
        assert f'href="{data.sources[name].url}"'.replace("&", "&amp;") in page
    assert set(used(data)) == set(data.sources)
    references = set(re.findall(r'href="#(s\d+)"', page))
    assert references == {f"s{n}" for n in range(1, len(data.sources) + 1)}
    assert page.count("the lines between them are schematic") == 3
    for about_ in TECHNIQUES.values():
        assert about_.name.casefold() in page.casefold()


def test_only_web_addresses_become_links() -> None:
    for bad in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil",
        "file:///etc",
        "https:",
        "http://[",
        None,
        "",
    ):
        assert safe_url(bad) is None
    assert safe_url("https://example.org/a?b=c") == "https://example.org/a?b=c"


@pytest.mark.parametrize("code", jurisdictions())
def test_every_source_that_is_an_address_leads_there(client: TestClient, code: str) -> None:
    links = {a.get("href") or "" for tag, a in Tags(client.get(f"/law/{code}").text).found if tag == "a"}
    for _, rule in load(code).file.rules():
        if rule.source and rule.source.startswith("http"):
            assert rule.source.split()[0].rstrip(".,;") in links, rule.id
    assert not any(" " in link for link in links)


def test_other_rooms_can_add_texts_but_not_change_ours(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text("site: Other\n")
    (tmp_path / "fr.yaml").write_text("site: Autre\n")
    with pytest.raises(ValueError, match="there already"):
        extend(texts=tmp_path)
    (tmp_path / "fr.yaml").write_text("sites: Autre\n")
    with pytest.raises(ValueError, match="not in both"):
        extend(texts=tmp_path)
