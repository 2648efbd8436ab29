"""Counting different texts, about."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from handrail.audit.distinct import Distinct


@pytest.mark.parametrize("many", [0, 1, 100, 5000, 40_000, 300_000])
def test_within_a_few_standard_errors(many):
    counter = Distinct()
    counter.add(pa.array(np.arange(many)).cast(pa.string()))
    assert counter.about() == pytest.approx(many, rel=0.03)


def test_neither_order_nor_batches_nor_repeats_matter():
    words = pa.array([f"claim {n}" for n in range(3000)])
    one, other = Distinct(), Distinct()
    one.add(words)
    for start in (2000, 0, 1000, 500):
        piece = Distinct()
        piece.add(words.slice(start, 1000).dictionary_encode())
        other.add_state(piece.state())
    assert one.state() == other.state()


def test_nulls_and_what_no_row_holds_are_not_counted():
    counter = Distinct()
    counter.add(pa.nulls(3, pa.string()))
    assert counter.about() == 0
    counter.add(pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.array(["a", "b", "c"])))
    counter.add(pa.array(["a", None, ""]))
    assert counter.about() == 2
