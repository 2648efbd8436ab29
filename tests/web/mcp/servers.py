"""The real server in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(**settings: str) -> Iterator[str]:
    """The service on a free port of loopback; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, **{f"HANDRAIL_{name.upper()}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "uvicorn", "--factory", "handrail.web:create_app", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "debug"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as knock:
                knock.settimeout(0.2)
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=30)
        _SAID.append(said)


_SAID: list[str] = []


def said() -> str:
    """What the last server wrote."""
    return _SAID[-1]
