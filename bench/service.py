"""Load on the service over loopback, from this process: decisions beside a route that returns a constant.

``HANDRAIL_BENCH_SECONDS`` is the time of each kind of request (20; documented runs take 300).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from random import Random

from fastapi import Request
from starlette.responses import Response

from handrail.law import jurisdictions
from handrail.terms import PROFESSIONS, TECHNIQUES

SECONDS = float(os.environ.get("HANDRAIL_BENCH_SECONDS", "20"))
CONNECTIONS = 16
#: Each kind is asked in so many turns, so that a busy machine is busy for all.
TURNS = 5
AIM = 0.7


def app():
    """The service, with two routes beside it that return a constant: a short one, and one as long as decisions."""
    from handrail import Case, Credential, decide
    from handrail.web import create_app

    made = create_app()
    case = Case("US-FL", "thrust_spine", [Credential("massage_therapist")], on="2026-11-24")
    long = json.dumps(decide(case).as_dict()).encode()

    @made.post("/short")
    async def short(request: Request) -> Response:
        await request.body()
        return Response(b'{"ok":true}', media_type="application/json")

    @made.post("/long")
    async def as_long(request: Request) -> Response:
        await request.body()
        return Response(long, media_type="application/json")

    return made


class Asking(asyncio.Protocol):
    """One connection that asks again as soon as it was answered."""

    def __init__(
        self, requests: cycle[bytes], times: list[float], until: float, done: asyncio.Future[None]
    ) -> None:
        self.requests, self.times, self.until, self.done = requests, times, until, done
        self.buffer, self.wanted = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.begun = time.perf_counter()
        if self.begun >= self.until:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.wanted:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            assert self.buffer.startswith(b"HTTP/1.1 200"), self.buffer[:300]
            found = re.search(rb"content-length: (\d+)", self.buffer[:head])
            assert found
            self.wanted = head + 4 + int(found[1])
        if len(self.buffer) >= self.wanted:
            assert len(self.buffer) == self.wanted
            self.buffer, self.wanted = b"", 0
            self.times.append(time.perf_counter() - self.begun)
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))


async def _load(port: int, requests: list[bytes], seconds: float, times: list[float]) -> None:
    loop = asyncio.get_running_loop()
    until, given = time.perf_counter() + seconds, cycle(requests)
    ends = [loop.create_future() for _ in range(CONNECTIONS)]
    for end in ends:
        await loop.create_connection(lambda end=end: Asking(given, times, until, end), "127.0.0.1", port)
    await asyncio.gather(*ends)


def _request(path: str, data: object) -> bytes:
    body = json.dumps(data).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _cases(number: int) -> list[dict[str, object]]:
    draw = Random(7)  # noqa: S311  (the same cases in every run)
    return [
        {
            "jurisdiction": draw.choice(jurisdictions()),
            "technique": draw.choice(list(TECHNIQUES)),
            "credentials": [{"profession": draw.choice(list(PROFESSIONS))}],
            "on": "2026-11-24",
        }
        for _ in range(number)
    ]


def _memory(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found
    return int(found[1]) / 1024


def _start(folder: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "service:app", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--no-access-log", "--log-level", "warning"],
        cwd=Path(__file__).parent,
        env=os.environ | {"HANDRAIL_DATA": folder, "HANDRAIL_LOG_LEVEL": "warning"},
    )
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return server, port
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")


def service() -> None:
    """Prints throughput, latency and memory."""
    cases = _cases(2000)
    visits = [{**case, "client": {"steps": ["history"]}} for case in cases]
    kinds = {
        "a constant, 11 bytes": [_request("/short", case) for case in cases],
        "a constant as long as a decision": [_request("/long", case) for case in cases],
        "general decisions (2,000 kinds)": [_request("/v1/decisions", case) for case in cases],
        "visits (never kept)": [_request("/v1/decisions", case) for case in visits],
        "visits, others=false": [_request("/v1/decisions?others=false", case) for case in visits],
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    with tempfile.TemporaryDirectory() as folder:
        server, port = _start(folder)
        try:
            for requests in kinds.values():
                asyncio.run(_load(port, requests, 3, []))
            before = _memory(server.pid)
            for _turn in range(TURNS):
                for name, requests in kinds.items():
                    asyncio.run(_load(port, requests, SECONDS / TURNS, times[name]))
            after = _memory(server.pid)
        finally:
            server.terminate()
            server.wait()
    rates = {name: len(found) / SECONDS for name, found in times.items()}
    short, long = (rates[name] for name in list(kinds)[:2])
    print(f"The service, {CONNECTIONS} connections on loopback, {SECONDS:g} s of each, in {TURNS} turns")
    for name, found in times.items():
        found.sort()
        p50, p99 = (1000 * found[int(part * len(found))] for part in (0.5, 0.99))
        beside = f"{rates[name] / short:.2f} of the short constant, {rates[name] / long:.2f} of the long"
        print(f"  {name:34} {rates[name]:8,.0f}/s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   {beside}")
    print(f"  memory {before:,.0f} MiB before, {after:,.0f} MiB after; no request failed")
    print(f"  aim: general decisions at {AIM} of a constant or more")


if __name__ == "__main__":
    service()
