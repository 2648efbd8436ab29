"""Spark runs the exported script over the whole space, and the example. One test: Spark starts once."""

from __future__ import annotations

from tests.export import engines, examples

from handrail.export import Tables, write
from handrail.law import load


def test_spark_answers_as_decide_and_its_example_runs(tables, space, drawn, spark, tmp_path):
    engines.check("Spark", tables, engines.spark(tables, spark), space, drawn)
    few = Tables([load("US-FL"), load("US-WA")])
    for name in ("parquet", "sql"):
        write(few, name, tmp_path / "law" / name)
    spark.sql("TRUNCATE TABLE handrail_case")
    spark.sql("TRUNCATE TABLE handrail_case_region")
    examples.run(examples.sections()["Spark"], str(tmp_path))
