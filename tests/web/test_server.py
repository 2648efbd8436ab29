"""The real server in a process of its own: it says where it is, stops gracefully, and names a port in use."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CASE = {
    "jurisdiction": "US-FL",
    "technique": "thrust_spine",
    "credentials": [{"profession": "massage_therapist"}],
    "client": {"findings": ["osteoporosis"]},
}
Start = Callable[..., tuple[subprocess.Popen, int]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server and gives it and its port."""
    running: list[subprocess.Popen] = []

    def starting(*options: str, **environment: str) -> tuple[subprocess.Popen, int]:
        server = subprocess.Popen(
            [sys.executable, "-m", "handrail", "serve", "--port", "0", "--data", str(tmp_path / "data"), *options],
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "log").open("wb"),
            text=True,
            env=os.environ | environment,
        )
        running.append(server)
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, line
        _ready(int(found[1]))
        return server, int(found[1])

    yield starting
    for server in running:
        if server.poll() is None:
            server.kill()
        server.wait()


def _ready(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if _get(port, "/healthz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("the server did not answer")


def _get(port: int, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asking.request("POST" if body is not None else "GET", path, body)
    answer = asking.getresponse()
    return answer.status, answer.read()


def test_a_request_under_way_is_answered_when_it_stops(start: Start, tmp_path: Path):
    server, port = start()
    batch = json.dumps({"cases": [{**CASE, "on": f"{1950 + n % 70}-01-01"} for n in range(2000)]}).encode()
    got: list[tuple[int, bytes]] = []
    asking = threading.Thread(target=lambda: got.append(_get(port, "/v1/decisions", batch)))
    asking.start()
    time.sleep(0.4)  # it is at work by now: the batch takes longer
    assert not got
    server.send_signal(signal.SIGTERM)
    asking.join(60)
    assert server.wait(30) in (0, -signal.SIGTERM)
    status, body = got[0]
    assert status == 200
    assert json.loads(body)["failed"] == 0
    with pytest.raises(OSError, match="refused"):
        _get(port, "/healthz")
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert any(line.get("route") == "/v1/decisions" for line in lines)
    assert "osteoporosis" not in (tmp_path / "log").read_text()


def test_an_audit_that_a_stop_interrupted_goes_on(start: Start, tmp_path: Path):
    server, port = start()
    header = "claim,line,npi,taxonomy,state,procedure,modifiers,service_from,service_to,dx1,dx2,amount"
    row = "c,1,,225700000X,FL,98941,,2026-03-02,2026-03-02,M54.50,,60.00"
    claims = "\n".join([header, *[row] * 50_000, ""])
    head = 'Content-Disposition: form-data; name="file"; filename="claims.csv"'
    body = f"--b\r\n{head}\r\n\r\n{claims}\r\n--b--\r\n"
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asking.request("POST", "/v1/audits", body, {"content-type": "multipart/form-data; boundary=b"})
    id_ = json.loads(asking.getresponse().read())["id"]
    server.send_signal(signal.SIGTERM)
    asking.close()
    server.wait(30)
    _server, port = start()
    until = time.monotonic() + 120
    while (said := json.loads(_get(port, f"/v1/audits/{id_}")[1]))["state"] not in ("done", "failed"):
        assert time.monotonic() < until, said
        time.sleep(0.2)
    assert said["state"] == "done", said
    assert said["rows"] == 50_000


def test_a_port_in_use_is_one_clear_line(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "handrail", "serve", "--port", str(port), "--data", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert str(port) in done.stderr
    assert "--port" in done.stderr
    assert done.stdout == ""


def test_a_setting_that_is_none_is_named(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "handrail", "serve", "--port", "0", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"HANDRAIL_MAX_SECONDS": "soon"},
    )
    assert done.returncode == 2
    assert "HANDRAIL_MAX_SECONDS" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_odd_bytes_on_the_wire_are_refused(start: Start):
    _server, port = start()
    for sent in (
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/law HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /v1/law/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            try:
                answer = line.recv(4096)
            except ConnectionResetError:
                answer = b""
        assert not answer or answer.startswith(b"HTTP/1.1 4"), answer[:60]
        assert _get(port, "/healthz")[0] == 200
