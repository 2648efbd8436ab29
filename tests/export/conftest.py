"""Real servers for the exports: PostgreSQL and Spark, one of each a run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.export import engines

from handrail.export import Tables


@pytest.fixture(scope="session")
def tables() -> Tables:
    return Tables()


@pytest.fixture(scope="session")
def space(tables: Tables) -> list[engines.Asked]:
    """Every general question on the first and the last day of each period, with decide's answer."""
    return engines.whole_space(tables)


@pytest.fixture(scope="session")
def drawn() -> list[engines.Asked]:
    """Cases at random, with decide's answer."""
    return engines.at_random(engines.MANY)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """How to connect to a PostgreSQL server of our own: on a socket in a folder that goes away with it."""
    initdb = program("initdb")
    # PostgreSQL refuses to run as root: Debian's package makes a user for it.
    who: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []}
    as_other = who if os.geteuid() == 0 else {}
    # A socket's path must be short, and the server's user must reach it.
    home = Path(tempfile.mkdtemp(prefix="handrail-pg-", dir="/tmp"))
    try:
        if as_other:
            shutil.chown(home, "postgres", "postgres")
        data = str(home / "data")
        made = [initdb, "-D", data, "-U", "handrail", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, cwd=home, **as_other)
        started = [program("postgres"), "-D", data, "-k", str(home), "-c", "listen_addresses=", "-c", "fsync=off"]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(started, stdout=log, stderr=log, cwd=home, **as_other)
        try:
            yield wait_for(f"host={home} user=handrail dbname=postgres", server, home / "log")
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing is kept
            server.wait(timeout=30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def program(name: str) -> str:
    """A program of the newest PostgreSQL; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    assert path, (
        f"PostgreSQL's {name} is missing: run `make setup` as root, or install Debian's package postgresql"
    )
    return path


def wait_for(connection: str, server: subprocess.Popen[bytes], log: Path) -> str:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(connection).close()
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return connection
    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()}")


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[Any]:
    """A connection to a database of its own."""
    import psycopg
    from psycopg import sql as words

    name = f"of_{os.urandom(6).hex()}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(words.SQL("CREATE DATABASE {}").format(words.Identifier(name)))
    with psycopg.connect(postgres_server.replace("dbname=postgres", f"dbname={name}"), autocommit=True) as own:
        yield own


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark in this process, with its tables in a folder that goes away."""
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable)
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .appName("handrail exports")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "2g")
        # Small data, one long query: to plan and to compile it is most of the work.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
