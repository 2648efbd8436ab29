"""The tools as an assistant meets them: by the SDK's own client, over stdio and over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters, stdio_client
from tests.web.hooks import charts
from tests.web.mcp.servers import said, serving

from handrail import Case, Credential, decide
from handrail.web.mcp.shapes import DISCLAIMER

TOOLS = ["ask", "check", "who_may", "law", "screen"]
Use = Callable[[Client], Awaitable[Any]]


def record() -> dict[str, Any]:
    return charts.bundle(charts.patient(), charts.condition(charts.ICD, "M81.0"))


CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("ask", {"question": "Can a masseuse crack my back in Florida?"}, "460.403"),
    ("ask", {"question": "Un massothérapeute peut-il faire craquer mon dos au Québec ?"}, "Québec"),
    ("ask", {"question": "Who may adjust my neck in Ontario?"}, "chiropractor"),
    ("ask", {"question": "Can a masseuse crack my back?"}, "US-FL"),
    (
        "check",
        {
            "place": "Florida",
            "professions": ["massage_therapist"],
            "technique": "thrust_spine",
            "on": "2026-11-27",
        },
        "prohibited",
    ),
    (
        "check",
        {
            "place": "US-OR",
            "professions": ["chiropractor"],
            "technique": "thrust_spine",
            "regions": ["cervical"],
            "findings": ["osteoporosis"],
            "done": ["history"],
            "age": 70,
        },
        "Osteoporosis",
    ),
    ("who_may", {"place": "TX", "technique": "thrust_spine"}, "chiropractor"),
    ("law", {"place": "US-FL", "profession": "massage_therapist", "on": "2026-11-27"}, "480.033"),
    ("law", {"place": "CA-ON", "technique": "thrust_spine"}, "reserved_act"),
    (
        "screen",
        {"record": record(), "place": "OR", "professions": ["chiropractor"], "technique": "thrust_spine"},
        "Osteoporosis",
    ),
]

WRONG: list[tuple[str, dict[str, Any], str]] = [
    (
        "check",
        {"place": "Florda", "professions": ["chiropractor"], "technique": "thrust_spine"},
        "Did you mean US-FL",
    ),
    (
        "check",
        {"place": "FL", "professions": ["chiropracter"], "technique": "thrust_spine"},
        "Did you mean chiropractor",
    ),
    ("check", {"place": "FL", "professions": [], "technique": "thrust_spine"}, "professions"),
    ("check", {"place": "FL", "professions": ["chiropractor"], "technique": "cracking"}, "technique"),
    (
        "check",
        {"place": "FL", "professions": ["chiropractor"], "technique": "thrust_spine", "findings": ["osteoporosi"]},
        "osteoporosis",
    ),
    (
        "check",
        {"place": "FL", "professions": ["chiropractor"], "technique": "thrust_spine", "regions": ["extremity"]},
        "has no region extremity",
    ),
    (
        "check",
        {"place": "FL", "professions": ["chiropractor"], "technique": "thrust_spine", "on": "soon"},
        "not a day",
    ),
    ("ask", {"question": "What is the weather?"}, "ask"),
    ("ask", {}, "question"),
    ("ask", {"question": "x" * 3000}, "question"),
    ("law", {"place": "Atlantis"}, "Atlantis"),
    (
        "screen",
        {
            "record": {"resourceType": "Patiant"},
            "place": "FL",
            "professions": ["chiropractor"],
            "technique": "mobilization",
        },
        "Did you mean",
    ),
    (
        "screen",
        {
            "record": charts.bundle(charts.patient("yesterday")),
            "place": "FL",
            "professions": ["chiropractor"],
            "technique": "mobilization",
        },
        "birthDate",
    ),
]


async def use_all(client: Client) -> None:
    """Every call of the tables, checked."""
    listed = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(listed) == TOOLS
    for tool in listed.values():
        assert tool.description
        assert all(field.get("description") for field in tool.input_schema["properties"].values())
        assert tool.output_schema
        assert tool.annotations
        assert tool.annotations.read_only_hint
    for name, arguments, words in CALLS:
        result = await client.call_tool(name, arguments)
        assert not result.is_error, (name, result.content)
        found = result.structured_content
        assert found
        Draft202012Validator(listed[name].output_schema).validate(found)
        assert found["disclaimer"] == DISCLAIMER
        assert "not legal or medical advice" in found["disclaimer"]
        said_ = json.dumps(found, ensure_ascii=False)
        assert words in said_, (name, said_[:500])
        assert "Quillfeather" not in said_
    for name, arguments, words in WRONG:
        result = await client.call_tool(name, arguments)
        assert result.is_error, (name, arguments)
        text = result.content[0].text
        assert words in text, text
        assert "Traceback" not in text
        assert "yesterday" not in text
        assert len(text) < 3000


def run(use: Use, transport: Any) -> Any:
    async def inside() -> Any:
        async with Client(transport) as client:
            return await use(client)

    # In a thread of its own: a browser of other tests may have left a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, inside()).result()


def test_over_stdio():
    server = StdioServerParameters(command=sys.executable, args=["-m", "handrail", "mcp"])
    run(use_all, stdio_client(server))


def test_a_citation_has_its_day_and_the_text_that_was_read():
    async def one(client: Client) -> Any:
        arguments = {"place": "FL", "professions": ["massage_therapist"], "technique": "thrust_spine"}
        return (await client.call_tool("check", arguments)).structured_content

    server = StdioServerParameters(command=sys.executable, args=["-m", "handrail", "mcp"])
    answer = run(one, stdio_client(server))["answer"]
    decision = decide(Case("US-FL", "thrust_spine", [Credential("massage_therapist")]))
    assert answer["law_researched"] == decision.as_of
    assert answer["knowledge"] == decision.knowledge
    assert answer["verdict"] == decision.verdict.value
    assert [one["citation"] for one in answer["citations"]] == [reason.citation for reason in decision.reasons]
    assert any(one["text_seen"] for one in answer["citations"])


@pytest.fixture(scope="module")
def address():
    with serving() as found:
        yield found


def test_over_http(address):
    run(use_all, f"{address}/mcp")


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "evil.example.org"}, 421),
        ({"Host": "127.0.0.1.evil.example.org:8000"}, 421),
        ({"Origin": "http://127.0.0.1:5"}, 200),
        ({"Origin": "https://evil.example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 400),
        ({"Accept": "text/html"}, 406),
    ],
)
def test_hosts_and_origins_of_elsewhere_are_refused(headers, status, address):
    answer = httpx.post(f"{address}/mcp", json=HELLO, headers=ACCEPT | headers)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b"[" * 50_000, b'{"jsonrpc": "2.0"}', b"\xff", b"0" * (5 << 20)]
)
def test_what_is_no_message_is_refused(raw, address):
    answer = httpx.post(f"{address}/mcp", content=raw, headers=ACCEPT)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text


def test_hosts_are_a_setting_and_nothing_about_a_client_is_logged():
    with serving(mcp_hosts="handrail.example.org") as found:
        named = httpx.post(f"{found}/mcp", json=HELLO, headers=ACCEPT | {"Host": "handrail.example.org"})
        assert named.status_code == 200
        assert httpx.post(f"{found}/mcp", json=HELLO, headers=ACCEPT).status_code == 421
        for arguments in (
            {"record": record(), "place": "OR", "professions": ["chiropractor"], "technique": "thrust_spine"},
            {
                "record": charts.bundle(charts.patient("yesterday")),
                "place": "OR",
                "professions": [],
                "technique": "x",
            },
        ):
            call = {
                "jsonrpc": "2.0",
                "id": 2,
                "method": "tools/call",
                "params": {"name": "screen", "arguments": arguments},
            }
            httpx.post(f"{found}/mcp", json=call, headers=ACCEPT | {"Host": "handrail.example.org"})
    for word in (*charts.SECRETS, "M81.0", "steoporosis", "yesterday"):
        assert word not in said()
