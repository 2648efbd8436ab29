"""What the first batch would wait for."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from handrail.compiled.judging import judge_of

#: Several candidates, regions read from diagnoses, a finding: every function of the kernel is compiled.
_ONE = {
    "jurisdiction": pa.array(["US-FL"]).dictionary_encode(),
    "profession": pa.array(["chiropractor"]).dictionary_encode(),
    "technique": pa.array(["soft_tissue|thrust_spine"]).dictionary_encode(),
    "regions": pa.array(["@dx"]).dictionary_encode(),
    "service_from": pa.array([date(2026, 1, 1)], pa.date32()),
    "dx1": pa.array(["M81.0"]).dictionary_encode(),
}


def warm() -> None:
    """Loads the tables, and compiles the kernel or loads it compiled."""
    judge_of(None).judge(pa.RecordBatch.from_pydict(_ONE))
