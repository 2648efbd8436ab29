"""The clinic's pages: signing in, forms that cannot be forged, names that are no script."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml
from sqlalchemy import select, text
from tests.web.clinic.conftest import PASSWORD

from handrail.clinic import Accounts, Log, Practitioner, Roster, Service
from handrail.clinic.accounts import PER_NAME
from handrail.clinic.models import Base
from handrail.web.clinic import COOKIE, showing

pytest.importorskip("handrail.web.pages", exc_type=ImportError)


def sign_in(client, name: str = "the-owner", password: str = PASSWORD, **more):
    return client.post("/sign-in", data={"name": name, "password": password, **more})


def test_signing_in_and_out(client):
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert 'name="password"' in page.text
    assert page.headers["cache-control"] == "no-store"
    found = sign_in(client, next="/clinic/log")
    assert (found.status_code, found.headers["location"]) == (303, "/clinic/log")
    cookie = found.headers["set-cookie"].casefold()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    whole = client.get("/clinic")
    assert whole.status_code == 200
    csrf = re.search(r'name="csrf" value="([^"]+)"', whole.text)[1]
    assert client.post("/sign-out", data={"csrf": "x"}).status_code == 403
    assert client.post("/sign-out", data={"csrf": csrf}).status_code == 303
    assert client.get("/clinic").status_code == 303


def test_over_https_the_cookie_goes_nowhere_else(app, store):
    from fastapi.testclient import TestClient

    client = TestClient(app, base_url="https://clinic.example", follow_redirects=False)
    assert "secure" in sign_in(client).headers["set-cookie"].casefold()


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/clinic/../x", "javascript:1", "/sign-out"],
)
def test_after_signing_in_nobody_is_sent_elsewhere(client, onward):
    assert sign_in(client, next=onward).headers["location"] == "/clinic"


def test_a_planted_session_is_not_used_on(client, store):
    client.cookies.set(COOKIE, "planted-by-somebody-else")
    found = sign_in(client)
    fresh = found.cookies[COOKIE]
    assert fresh != "planted-by-somebody-else"
    assert Accounts(store).user_of("planted-by-somebody-else") is None
    client.cookies.clear()
    client.cookies.set(COOKIE, fresh)
    again = sign_in(client).cookies[COOKIE]
    assert again != fresh
    assert Accounts(store).user_of(fresh) is None  # the one before ends


def test_wrong_passwords_lock_and_say_nothing(client):
    said = set()
    for name in ("the-owner", "nobody-here"):
        found = sign_in(client, name, "wrong password wrong")
        assert found.status_code == 401
        assert "wrong password wrong" not in found.text
        said.add(re.sub(r"\s+", " ", found.text))
    assert len(said) == 1
    for _ in range(PER_NAME - 1):
        sign_in(client, "the-owner", "wrong password wrong")
    locked = sign_in(client)
    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) > 0


def test_without_an_owner_the_page_says_how_to_make_one(app, client, store):
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM account"))
    assert "handrail clinic init" in client.get("/sign-in").text
    assert 'name="password"' not in client.get("/sign-in").text


def forms(page: str) -> set[str]:
    return set(re.findall(r'<form[^>]*method="post" action="([^"]+)"', page))


FORMS = {
    "/clinic/check": {"practitioner": "p-bo", "service": "thrust_spine", "time": "2026-12-01T09:00"},
    "/clinic/log/override": {"of": "2", "reason": "cleared"},
    "/clinic/settings/log": {"on": "no"},
    "/clinic/settings/user": {"name": "new", "role": "viewer", "password": PASSWORD},
    "/clinic/settings/user/change": {"name": "the-viewer", "role": "clinician", "do": "role"},
    "/clinic/settings/key": {"name": "x", "role": "viewer", "days": "5"},
    "/clinic/settings/key/revoke": {"prefix": "hr_00000000"},
    "/clinic/settings/service": {"id": "neck", "name": "Neck", "technique": "thrust_spine", "region": "cervical"},
    "/clinic/settings/service/remove": {"id": "neck"},
    "/clinic/import": {"text": "x", "do": "all"},
    "/sign-out": {},
}


def state(store) -> str:
    with store.engine.connect() as connection:
        tables = ("account", "api_key", "service", "practitioner", "log_entry", "setting")
        return repr([connection.execute(select(Base.metadata.tables[table])).all() for table in tables])


@pytest.mark.parametrize("address", FORMS)
def test_a_forged_form_does_nothing(browser, store, address):
    who, other = browser("owner"), browser("owner")
    before = state(store)
    for csrf in ("", "x", "é", other.csrf):
        assert who.post(address, data={**FORMS[address], "csrf": csrf}).status_code == 403
    assert who.post(address, data=FORMS[address]).status_code == 403
    assert (
        who.post(
            address, data={**FORMS[address], "csrf": who.csrf}, headers={"origin": "https://e.example"}
        ).status_code
        == 403
    )
    assert state(store) == before


def test_every_form_of_the_pages_is_tried(browser, store):
    Roster(store).put_service(Service("neck", "Neck", "thrust_spine"))
    who = browser("owner")
    client_check(who)
    pages = ("/clinic", "/clinic/log?override=2", "/clinic/import", "/clinic/settings")
    found = set().union(*(forms(who.get(page).text) for page in pages))
    made = who.post("/clinic/settings/key", data={**FORMS["/clinic/settings/key"], "csrf": who.csrf})
    assert found | forms(made.text) == set(FORMS)


def client_check(who, **more):
    data = {**FORMS["/clinic/check"], "codes": "osteoporosis", "client": "c-1", "csrf": who.csrf, **more}
    return who.post("/clinic/check", data=data)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_page_is_drawn_in_both_languages(browser, store, lang):
    Roster(store).put_service(Service("neck", "Neck", "thrust_spine", ("cervical",)))
    who = browser("owner")
    for number in range(55):
        Log(store).feedback({"card": str(number)}, user="ehr")
    client_check(who)
    Log(store).override(57, "cleared", user="the-owner")
    for page in (
        "/sign-in",
        "/clinic",
        "/clinic/log",
        "/clinic/log?override=57",
        "/clinic/import",
        "/clinic/settings",
    ):
        found = who.get(page, params={"lang": lang, **({"override": 57} if "override" in page else {})})
        assert found.status_code == 200, found.text
        assert f'lang="{lang}"' in found.text
        assert " style=" not in found.text
        assert "onclick" not in found.text
    assert "before=" in who.get("/clinic/log").text


def test_texts_are_in_both_languages():
    read = [yaml.safe_load((showing.HERE / "texts" / f"{lang}.yaml").read_text("utf-8")) for lang in ("en", "fr")]
    assert read[0].keys() == read[1].keys()
    for key in read[0]:
        assert set(re.findall(r"{\w+}", read[0][key])) == set(re.findall(r"{\w+}", read[1][key])), key


def test_a_booking_on_the_page(browser, store):
    who = browser("front_desk")
    page = client_check(who, practitioner="p-di")
    assert page.status_code == 200
    assert "The licence is suspended." in page.text
    assert "Ann Hall" in page.text
    assert Log(store).page(limit=1)[0].body["client"] == "c-1"
    wrong = client_check(who, client="Jane Roe")
    assert wrong.status_code == 400
    assert "looks like" in wrong.text or "has spaces" in wrong.text
    assert client_check(who, time="").status_code == 400


def test_a_viewer_sees_no_finding(browser, store):
    client_check(browser("owner"))
    page = browser("viewer").get("/clinic")
    assert "osteoporosis" not in page.text.replace("M81.0, osteoporosis", "")
    assert browser("viewer").get("/clinic/log").status_code == 403


def test_an_override_on_the_page(browser, store):
    who = browser("clinician")
    assert 'href="/clinic/log?override=2"' in client_check(who).text
    assert "/clinic/log?override" not in client_check(browser("front_desk")).text
    assert who.post("/clinic/log/override", data={"of": 2, "reason": "", "csrf": who.csrf}).status_code == 400
    found = who.post("/clinic/log/override", data={"of": 2, "reason": "cleared by MD", "csrf": who.csrf})
    assert found.headers["location"] == "/clinic/log?done=4"
    assert "cleared by MD" in who.get("/clinic/log").text


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_names_are_no_script(browser, store):
    roster = Roster(store)
    bo = roster.get("p-bo")
    roster.put(Practitioner("p-bo", EVIL, held=bo.held))
    roster.put_service(Service("evil", EVIL, "thrust_spine"))
    who = browser("owner")
    client_check(who)
    Log(store).override(2, EVIL, user="the-owner")
    who.post("/clinic/settings/key", data={"name": EVIL[:100], "role": "viewer", "days": "9", "csrf": who.csrf})
    bad = f"practitioner_id,name,profession,jurisdiction,status\np-x,{EVIL!r},chiropractor,US-WA,{EVIL!r}\n"
    pages = [who.get(page).text for page in ("/clinic", "/clinic/log", "/clinic/settings")]
    pages.append(client_check(who).text)
    pages.append(who.get("/clinic/log", params={"user": EVIL, "kind": EVIL}).text)
    pages.append(who.get("/sign-in", params={"next": EVIL}).text)
    pages.append(client_check(who, codes=EVIL, client=EVIL[:60], time=EVIL).text)
    pages.append(who.post("/clinic/import", data={"text": bad, "do": "preview", "csrf": who.csrf}).text)
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert sum("&lt;script&gt;" in page for page in pages) >= 5


def test_an_import_on_the_page_is_looked_at_first(browser, store):
    who = browser("owner")
    row = "practitioner_id,name,profession,jurisdiction,status\np-new,New,chiropractor,US-WA,active\n"
    file = {"file": ("../../etc/passwd", row.encode(), "text/csv")}
    page = who.post("/clinic/import", data={"csrf": who.csrf, "do": "preview"}, files=file)
    assert page.status_code == 200
    assert "p-new" not in [one.id for one in Roster(store).all()]
    kept = re.search(r'name="text" value="([^"]*)"', page.text)[1]
    done = who.post("/clinic/import", data={"csrf": who.csrf, "do": "all", "text": kept})
    assert done.status_code == 200
    assert "p-new" in [one.id for one in Roster(store).all()]
    assert who.post("/clinic/import", data={"csrf": who.csrf, "text": "x"}).status_code == 400


def test_files_hold_no_formula(browser, store):
    roster = Roster(store)
    roster.put(Practitioner("p-bo", "=cmd|' /C calc'!A0", held=roster.get("p-bo").held))
    who = browser("owner")
    client_check(who)
    Log(store).override(2, "=1+1", user="the-owner")
    for page in ("/clinic/roster.csv", "/clinic/log/export?format=csv"):
        found = who.get(page)
        assert found.headers["content-type"].startswith("text/csv")
        assert "attachment" in found.headers["content-disposition"]
        assert not re.search(r'(^|,)"?[=+\-@]', found.text, re.MULTILINE)


def test_settings(browser, store):
    who = browser("owner")

    def send(address: str, **data):
        return who.post(f"/clinic/settings/{address}", data={"csrf": who.csrf, **data})

    assert send("service", **{**FORMS["/clinic/settings/service"]}).status_code == 303
    assert Roster(store).services()[0].regions == ("cervical",)
    assert send("service", id="x", name="x", technique="nope").status_code == 400
    made = send("key", name="x", role="viewer", days="30")
    secret = re.search(r"hr_[0-9a-f]{8}_[\w-]{43}", made.text)[0]
    assert secret not in who.get("/clinic/settings").text
    assert send("key/revoke", prefix=secret[:11]).status_code == 303
    assert send("user", **FORMS["/clinic/settings/user"]).status_code == 303
    assert send("user/change", name="new", do="disable").status_code == 303
    assert {user.name: off for user, off in Accounts(store).all()}["new"] is True
    assert send("user/change", name="new", do="fly").status_code == 400
    assert send("key", name="x", role="viewer", days="x").status_code == 400
    assert send("log", on="no").status_code == 303
    assert not Log(store).on


def test_a_day_can_be_asked(browser):
    page = browser("viewer").get("/clinic", params={"on": "2026-12-20"})
    assert str(date(2026, 12, 15)) in page.text
    assert browser("viewer").get("/clinic", params={"on": "x"}).status_code == 400


def test_a_long_log_is_read_whole_only_when_asked(browser, store, monkeypatch):
    from handrail.web.clinic import pages

    who = browser("owner")
    client_check(who)
    monkeypatch.setattr(pages, "READ_WHOLE", 1)
    page = who.get("/clinic/log").text
    assert "2 entries, not checked on this page." in page
    assert "/clinic/log?verify=true" in page
    assert "none altered" in who.get("/clinic/log", params={"verify": "true"}).text
    with store.engine.begin() as connection:
        for trigger in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars():
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text("UPDATE log_entry SET user_name = 'nobody' WHERE seq = 2"))
    assert "First bad entry: 2" in who.get("/clinic/log", params={"verify": "true"}).text
