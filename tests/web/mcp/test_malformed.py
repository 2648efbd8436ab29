"""What is no message, or no call of a tool, is refused over HTTP, and the server goes on."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.web.malformed import BODIES, HEADERS, JSON, TEXT, send_many

TOOLS = ("ask", "check", "who_may", "law", "screen")
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
WORDS = st.sampled_from(
    "US-WA Florida chiropractor massage_therapist thrust_spine mobilization cervical osteoporosis "
    "history 2024-03-01".split()
)
NAMES = st.sampled_from(
    "question place professions technique regions on findings done age met profession record steps".split()
)
ARGUMENTS = st.dictionaries(NAMES, JSON | WORDS | st.lists(WORDS, max_size=3), max_size=7) | JSON
PLAUSIBLE = st.fixed_dictionaries(
    {"place": WORDS, "technique": WORDS, "professions": st.lists(WORDS, max_size=3), "profession": WORDS},
    optional={
        "question": TEXT,
        "record": JSON,
        "findings": st.lists(WORDS | TEXT, max_size=3),
        "on": WORDS | TEXT,
    },
)
METHODS = (
    st.sampled_from(["tools/call", "tools/list", "initialize", "ping", "resources/read", "prompts/get"]) | TEXT
)


@pytest.mark.parametrize("tool", TOOLS)
def test_arguments(client: TestClient, tool: str) -> None:
    seen: Counter[str] = Counter()

    def call(arguments: Any) -> None:
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": tool, "arguments": arguments},
        }
        answer = client.post("/mcp", content=json.dumps(message), headers=ACCEPT)
        assert answer.status_code in (200, 400), answer.text
        assert "Traceback" not in answer.text
        said = answer.json()
        if "error" in said:
            assert said["error"]["code"] in (-32600, -32602, -32700), said
        seen["error" if "error" in said else str(said["result"].get("isError", False))] += 1

    send_many(call, 40, arguments=ARGUMENTS | PLAUSIBLE)
    assert seen["True"] > 0  # the tool itself was reached, and refused


def test_messages(client: TestClient) -> None:
    def send(body: Any, headers: dict[str, bytes], method: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = client.request(method, "/mcp", content=content, headers={**ACCEPT, **headers})
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text

    messages = st.fixed_dictionaries(
        {"jsonrpc": st.just("2.0") | JSON, "method": METHODS}, optional={"id": JSON, "params": JSON}
    )
    methods = st.sampled_from(["POST", "POST", "POST", "DELETE", "PUT"])
    send_many(send, 40, body=BODIES | messages, headers=HEADERS, method=methods)
    alive = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    listed = client.post("/mcp", json=alive, headers=ACCEPT).json()
    assert [tool["name"] for tool in listed["result"]["tools"]] == list(TOOLS)
