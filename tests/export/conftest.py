"""Real servers for the exports: PostgreSQL and Spark, one of each a run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.export import engines
from tests.postgres import database

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


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[Any]:
    """A connection to a database of its own."""
    import psycopg

    with database(postgres_server) as connection, psycopg.connect(connection, autocommit=True) as own:
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
