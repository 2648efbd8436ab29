"""REST: answers are those of the rooms below, lists come in parts, and unchanged knowledge is not sent twice."""

from __future__ import annotations

import copy
from datetime import date

import pytest
from starlette.testclient import TestClient

from handrail import Case, Credential, ask, decide
from handrail.decide import Client
from handrail.law import jurisdictions
from handrail.safety import contraindications

CASE = {
    "jurisdiction": "US-FL",
    "technique": "thrust_spine",
    "credentials": [{"profession": "massage_therapist"}],
    "on": "2026-11-24",
}
#: Addresses whose answers follow from the knowledge.
KNOWLEDGE = [
    "/v1/ask?q=Can a masseuse crack my back in Florida?",
    "/v1/who?in=Texas&do=thrust_spine",
    "/v1/law",
    "/v1/law/US-FL",
    "/v1/law/Florida/rules",
    "/v1/law/US-FL/compare/US-WA",
    "/v1/law/coverage?technique=mobilization",
    "/v1/law/gaps",
    "/v1/law/changes?from=2024-01-01&to=2026-11-24",
    "/v1/safety",
    "/v1/safety/osteoporosis",
    "/v1/safety/codes/M80.08XA",
    "/v1/technique",
    "/v1/intake?do=thrust_spine&region=cervical",
]


@pytest.mark.parametrize("profession", ["massage_therapist", "chiropractor", "physical_therapist"])
@pytest.mark.parametrize("place", ["US-FL", "US-WA", "CA-ON"])
def test_a_decision_is_the_reference_decision(client: TestClient, place: str, profession: str):
    asked = {**CASE, "jurisdiction": place, "credentials": [{"profession": profession}]}
    expected = decide(Case(place, "thrust_spine", [Credential(profession)], on="2026-11-24"))
    for _again in range(2):  # the second is one that was kept
        answer = client.post("/v1/decisions", json=asked)
        assert answer.status_code == 200
        assert answer.json() == expected.as_dict()


def test_a_visit_is_decided_with_all_that_is_said_of_it(client: TestClient):
    asked = {
        **CASE,
        "jurisdiction": "Washington",
        "region": ["lumbar", "sacral"],
        "credentials": [
            {
                "profession": "physical_therapist",
                "jurisdiction": "US-WA",
                "status": "active",
                "valid_to": "2027-01-31",
                "endorsements": ["spinal_manipulation"],
                "training": {"manipulation": 400},
            }
        ],
        "client": {
            "findings": ["osteoporosis", {"id": "acute_fracture", "site": "sacral", "match": "broad"}],
            "steps": ["history"],
            "unscreened": ["pregnancy"],
            "age": 70,
        },
        "met": ["history"],
    }
    from handrail.decide import Finding

    expected = decide(
        Case(
            "US-WA",
            "thrust_spine",
            [
                Credential(
                    "physical_therapist",
                    jurisdiction="US-WA",
                    status="active",
                    valid_to="2027-01-31",
                    endorsements=["spinal_manipulation"],
                    training={"manipulation": 400},
                )
            ],
            region=["lumbar", "sacral"],
            on="2026-11-24",
            client=Client(
                (Finding("osteoporosis"), Finding("acute_fracture", "sacral", "broad")),
                ("history",),
                ("pregnancy",),
                70,
            ),
            met=["history"],
        )
    )
    answer = client.post("/v1/decisions", json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json() == expected.as_dict()


def test_a_record_has_no_steps(client: TestClient):
    asked = {**CASE, "client": {"findings": ["osteoporosis"], "steps": None}}
    expected = decide(
        Case(
            "US-FL",
            "thrust_spine",
            [Credential("massage_therapist")],
            on="2026-11-24",
            client=Client(("osteoporosis",), None),  # type: ignore[arg-type]
        )
    )
    assert client.post("/v1/decisions", json=asked).json() == expected.as_dict()


def test_a_batch_loses_nothing_and_keeps_the_order(client: TestClient):
    bad = [
        {**CASE, "technique": "thurst_spine"},
        {**CASE, "credentials": []},
        {**CASE, "surprise": 1},
        5,
        None,
        [CASE],
        {**CASE, "on": "yesterday"},
    ]
    cases = [CASE, *bad, {**CASE, "jurisdiction": "CA-ON"}]
    answer = client.post("/v1/decisions", json={"cases": cases})
    assert answer.status_code == 200
    said = answer.json()
    assert said["failed"] == len(bad)
    assert len(said["decisions"]) == len(cases)
    assert [one.get("status") for one in said["decisions"]] == [None, *[400] * len(bad), None]
    assert said["decisions"][1]["hint"] == "Did you mean thrust_spine?"
    assert said["decisions"][0]["case"]["jurisdiction"] == "US-FL"
    assert said["decisions"][-1]["case"]["jurisdiction"] == "CA-ON"


def test_a_batch_has_one_to_ten_thousand_cases(client: TestClient):
    assert client.post("/v1/decisions", json={"cases": []}).status_code == 400
    assert client.post("/v1/decisions", json={"cases": [0] * 10_001}).status_code == 400
    most = client.post("/v1/decisions", json={"cases": [0] * 10_000})
    assert most.status_code == 200
    assert most.json()["failed"] == 10_000


def test_answers_about_clients_are_not_kept(client: TestClient):
    from handrail.web.rest import decisions

    before = len(decisions._kept)
    client.post("/v1/decisions", json={**CASE, "on": "2019-05-05", "client": {"findings": ["osteoporosis"]}})
    client.post("/v1/decisions", json={**CASE, "on": "2019-05-05", "client": {}})
    assert len(decisions._kept) == before
    client.post("/v1/decisions", json={**CASE, "on": "2019-05-05"})
    assert len(decisions._kept) == before + 1


def test_a_question_is_answered_as_at_the_prompt(client: TestClient):
    text = "Can a masseuse crack my back in Florida?"
    expected = ask(text).as_dict()
    assert client.get("/v1/ask", params={"q": text}).json() == expected
    assert client.post("/v1/ask", json={"question": text}).json() == expected


def test_who_names_every_profession_of_the_place(client: TestClient):
    said = client.get("/v1/who?in=Texas&do=thrust_spine&region=cervical").json()
    assert said["jurisdiction"] == "US-TX"
    by_name = {one["profession"]: one for one in said["professions"]}
    assert by_name["chiropractor"]["verdict"] == "permitted"
    assert by_name["chiropractor"]["citation"]
    assert client.get("/v1/who?in=Texas&do=dancing").status_code == 400


@pytest.mark.parametrize("path", KNOWLEDGE)
def test_unchanged_knowledge_is_not_sent_twice(client: TestClient, path: str):
    first = client.get(path)
    assert first.status_code == 200, first.text
    tag = first.headers["etag"]
    again = client.get(path, headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert client.get(path, headers={"if-none-match": "*"}).status_code == 304
    assert client.get(path, headers={"if-none-match": tag.removeprefix("W/")}).status_code == 304


def test_a_bad_question_is_bad_however_much_is_known(client: TestClient):
    tag = client.get("/v1/law").headers["etag"]
    assert client.get("/v1/law/Nowhere", headers={"if-none-match": tag}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/law?limit=7", "/v1/safety?limit=20", "/v1/law/gaps?limit=60", "/v1/law/US-FL/rules?limit=4"]
)
def test_parts_of_a_list_are_the_whole_list(client: TestClient, path: str):
    got, seen, following = [], 0, path
    while following:
        answer = client.get(following)
        said = answer.json()
        got += said["items"]
        following = said["next"]
        link = answer.headers.get("link")
        assert link == (f'<{following}>; rel="next"' if following else None)
        seen += 1
        assert seen < 200
    assert seen > 1
    assert len(got) == said["total"]
    assert got == client.get(path.split("?")[0] + "?limit=1000").json()["items"]


@pytest.mark.parametrize("odd", ["limit=0", "limit=1001", "offset=-1", "limit=x", "limit=1e9"])
def test_parts_are_bounded(client: TestClient, odd: str):
    assert client.get(f"/v1/law?{odd}").status_code == 400


def test_the_law_is_whole(client: TestClient):
    assert [row["jurisdiction"] for row in client.get("/v1/law?limit=100").json()["items"]] == jurisdictions()
    florida = client.get("/v1/law/us-fl").json()
    assert florida["jurisdiction"] == "US-FL"
    some = client.get("/v1/law/US-FL/rules?profession=massage_therapist&technique=thrust_spine").json()["items"]
    assert some
    assert {(one["profession"], one["technique"]) for one in some} == {("massage_therapist", "thrust_spine")}
    assert client.get("/v1/law/US-FL/rules?on=1700-01-01").json()["total"] <= len(some) + 1000
    assert client.get("/v1/law/US-FL/rules?profession=baker").status_code == 400


def test_two_places_are_compared_as_decided(client: TestClient):
    said = client.get("/v1/law/US-FL/compare/US-WA?on=2026-11-24").json()
    for row in said["rows"][::5]:
        for code, stand in zip(said["jurisdictions"], row["stand"], strict=True):
            found = decide(Case(code, row["technique"], [Credential(row["profession"])], on=date(2026, 11, 24)))
            assert stand["verdict"] == found.verdict.value


def test_clinical_rows_and_codes(client: TestClient):
    rows = client.get("/v1/safety?limit=1000").json()
    assert rows["total"] == len(contraindications())
    said = client.get("/v1/safety/codes/M80.08XA").json()["codes"]
    assert "osteoporosis_severe" in {match["finding"] for one in said for match in one["matches"]}
    missing = client.get("/v1/safety/osteoporos")
    assert missing.status_code == 404
    assert "osteoporosis" in missing.json()["hint"]


def test_technique_tells_which_fits(client: TestClient):
    said = client.get(
        "/v1/technique?speed=fast&amplitude=small&beyond_passive_range=true&tissue=joint&region=lumbar"
    ).json()
    assert said["fits"]["technique"] == "thrust_spine"
    assert set(said["techniques"]) == {"soft_tissue", "mobilization", "thrust_spine", "thrust_extremity"}
    assert client.get("/v1/technique").json()["fits"] is None


def test_the_questionnaire_and_answers_to_it(client: TestClient):
    asked = client.get("/v1/intake?do=thrust_spine&region=cervical").json()
    assert asked["questions"][0]["question"]["id"]
    form = client.get("/v1/intake?do=thrust_spine&region=cervical&format=fhir").json()
    assert form["resourceType"] == "Questionnaire"
    links = [item["linkId"] for item in form["item"]]
    yes = {"valueCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "Y"}}
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "in-progress",
        "item": [{"linkId": links[0], "answer": [yes]}],
    }
    said = client.post("/v1/intake?do=thrust_spine&region=cervical", json=response).json()
    assert said["findings"]
    assert said["complete"] is False
    odd = copy.deepcopy(response)
    odd["item"][0]["linkId"] = "shoe-size"
    assert client.post("/v1/intake?do=thrust_spine", json=odd).status_code == 400
    assert client.post("/v1/intake?do=thrust_spine", json={"resourceType": "Patient"}).status_code == 400


CHART = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Condition",
                "id": "c1",
                "clinicalStatus": {
                    "coding": [
                        {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
                    ]
                },
                "subject": {"reference": "Patient/p"},
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M80.08XA"}]},
            }
        }
    ],
}


def test_a_chart_is_screened_and_decided(client: TestClient):
    said = client.post(
        "/v1/screen?in=US-OR&as=chiropractor&do=thrust_spine&region=lumbar&on=2026-11-24&done=history", json=CHART
    ).json()
    found = said["screening"]["findings"]
    assert found
    assert found[0]["resource"] == "Condition/c1"
    assert said["decision"]["verdict"] in ("prohibited", "conditional")
    assert said["decision"]["case"]["client"]["findings"]
    assert client.post("/v1/screen?in=US-OR&as=chiropractor", json=CHART).status_code == 400  # no technique


VISIT = {
    "jurisdiction": "US-FL",
    "technique": "thrust_spine",
    "region": "lumbar",
    "credentials": [{"profession": "chiropractor"}],
    "client": {"findings": ["osteoporosis"], "steps": ["history"]},
}


@pytest.mark.parametrize("kind", ["consent", "referral", "record", "aftercare"])
def test_papers_are_written_and_not_kept(client: TestClient, kind: str):
    name = "Zoë <script>alert(1)</script>"
    asked = {"kind": kind, "case": VISIT, "format": "html", "names": {"client": name}}
    answer = client.post("/v1/papers", json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "Zoë" in answer.text


def test_a_paper_comes_as_pdf(client: TestClient):
    answer = client.post(
        "/v1/papers", json={"kind": "aftercare", "case": VISIT, "language": "fr", "size": "letter"}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_a_paper_that_would_mislead_is_refused(client: TestClient):
    answer = client.post("/v1/papers", json={"kind": "consent", "case": CASE})
    assert answer.status_code == 400
    assert "must not be done" in answer.json()["detail"]
    odd = {"kind": "consent", "case": VISIT, "entries": {"history": {"at": "10:05"}}}
    assert client.post("/v1/papers", json=odd).status_code == 400
