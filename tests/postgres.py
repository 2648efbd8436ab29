"""A PostgreSQL server of our own, on a socket in a folder that goes away with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Server:
    """A server that can be killed and started again.

    Args:
        durable: whether it waits for the disk, as a real one does.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable
        # A socket's path must be short, and the server's user must reach it.
        self.home = Path(tempfile.mkdtemp(prefix="handrail-pg-", dir="/tmp"))
        # PostgreSQL refuses to run as root: Debian's package makes a user for it.
        who: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self.as_other = who if os.geteuid() == 0 else {}
        if self.as_other:
            shutil.chown(self.home, "postgres", "postgres")
        self.data = str(self.home / "data")
        made = [program("initdb"), "-D", self.data, "-U", "handrail", "-A", "trust", "-E", "UTF8", "--no-locale"]
        self._run([*made, "--no-sync"])
        self.start()

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=self.home, **self.as_other)

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        fsync = "on" if self.durable else "off"
        words = ["-D", self.data, "-k", str(self.home), "-c", "listen_addresses=", "-c", f"fsync={fsync}"]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program("postgres"), *words], stdout=log, stderr=log, cwd=self.home, **self.as_other
            )
        self._wait()

    @property
    def connection(self) -> str:
        """How libpq connects to it."""
        return f"host={self.home} user=handrail dbname=postgres"

    def kill(self) -> None:
        """Kills it and all its processes at once, as a machine that stops would."""
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        for pid in (self.process.pid, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(timeout=30)
        time.sleep(0.1)

    def stop(self) -> None:
        """Stops it and takes its folder away."""
        try:
            self.process.send_signal(signal.SIGQUIT)  # at once: nothing is kept
            self.process.wait(timeout=30)
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def _wait(self) -> None:
        import psycopg

        for _ in range(300):
            try:
                psycopg.connect(self.connection).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.home / "log").read_text()
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"PostgreSQL did not start:\n{(self.home / 'log').read_text()}")


def program(name: str) -> str:
    """A program of the newest PostgreSQL; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    assert path, (
        f"PostgreSQL's {name} is missing: run `make setup` as root, or install Debian's package postgresql"
    )
    return path


@contextmanager
def database(connection: str) -> Iterator[str]:
    """How to connect to a database of its own on a server."""
    import psycopg
    from psycopg import sql as words

    name = f"of_{os.urandom(6).hex()}"
    with psycopg.connect(connection, autocommit=True) as server:
        server.execute(words.SQL("CREATE DATABASE {}").format(words.Identifier(name)))
    yield connection.replace("dbname=postgres", f"dbname={name}")


def url(connection: str) -> str:
    """SQLAlchemy's URL of a connection."""
    parts = dict(part.split("=", 1) for part in connection.split())
    return f"postgresql+psycopg://{parts['user']}@/{parts['dbname']}?host={parts['host']}"
