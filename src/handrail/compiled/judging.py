"""Lines in, findings out: Arrow record batches, through the kernel."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa

from handrail.compiled import columns, kernel, records, store
from handrail.compiled.diagnoses import Diagnoses
from handrail.compiled.questions import Questions
from handrail.compiled.records import MEANS
from handrail.compiled.tables import Planes, candidate_lists
from handrail.compiled.words import LEANINGS, REASON, REASONS, VERDICTS, said
from handrail.terms.billing import Codes, shipped

#: Fewer rows than this for each thread are not worth one.
ROWS_PER_THREAD = 32_768


class Judge:
    """The tables and the words of the answers. There is one per set of region codes; it is used by all threads.

    Args:
        codes: the maps of codes, for the regions that diagnoses name.
    """

    def __init__(self, codes: Codes) -> None:
        self.base = store.load()
        self.planes = Planes(self.base)
        self.diagnoses = Diagnoses(self.base, codes.region_of_diagnosis)
        self._lock = threading.RLock()
        self._places = {name: number for number, name in enumerate(self.base.jurisdictions)}
        self._professions = {name: number for number, name in enumerate(self.base.professions)}
        self._candidates = np.zeros(0, np.int32)
        self._candidate_texts: list[str] = []
        self._words = tuple(
            pa.array(words, pa.utf8()) for words in (VERDICTS, LEANINGS, self.base.rules, [*REASONS])
        )
        kernel_reasons = (
            "finding_asks",
            "finding_forbids",
            "finding_urgent",
            "changes_within_period",
            "technique_ambiguous",
        )
        self._reasons = np.array([REASON[name] for name in kernel_reasons], np.uint8)

    def judge(self, lines: pa.RecordBatch) -> pa.RecordBatch:
        """As ``compiled.judge``."""
        rows = lines.num_rows
        with self._lock:
            batch, know, questions, keep = self._prepared(lines)
        out = _Out(rows, candidates=questions.several)
        arrays = out.arrays
        _in_parallel(rows, lambda low, high: kernel.run(low, high, batch, know, *arrays))
        del keep
        return self._answer(out, questions)

    def _prepared(self, lines: pa.RecordBatch) -> tuple[records.Batch, records.Knowledge, Questions, list[Any]]:
        """The batch and the knowledge as the kernel wants them. The list keeps alive what addresses point to."""
        place = columns.coded(lines, "jurisdiction")
        profession = columns.coded(lines, "profession")
        technique = columns.coded(lines, "technique")
        regions = columns.coded(lines, "regions")
        first = columns.days(lines, "service_from")
        last = columns.days(lines, "service_to", needed=False)
        diagnoses = [columns.coded(lines, name) for name in columns.diagnosis_columns(lines)]
        assert first is not None  # noqa: S101  (it is needed)
        questions = Questions.of(technique, regions, self.planes)
        places, people = len(self._places), len(self._professions)
        maps = [
            columns.meant(place.dictionary, places, lambda name: self._places.get(name, places + 1)),
            columns.meant(profession.dictionary, people, lambda name: self._professions.get(name, people + 1)),
            *questions.maps,
        ]
        seen: dict[tuple[int, int], Any] = {}
        maps.extend(self._classes(column.dictionary, seen) for column in diagnoses)
        know, marks_of = self._knowledge()
        if not questions.by_diagnosis:
            marks_of = marks_of & MEANS
        texts = [np.zeros(len(values), np.uint16) for values in maps[:4]]
        marks = np.concatenate([*texts, *(marks_of[values] for values in maps[4:])])
        # Both texts of a procedure share their indices: then one map leads from them to the plane.
        quick = np.empty(0, np.uint32)
        if all(column.width == 4 and not column.valid for column in (place, profession, technique)) and (
            questions.arrays[0].shape[1] == 1
        ):
            size = self.planes.planes[0].size
            quick = (questions.arrays[1][questions.maps[0][1:]] * size).astype(np.uint32)
        two = last is not None and (last.address, last.offset) != (first.address, first.offset)
        batch = records.Batch._make(
            (
                np.array([c.place for c in (place, profession, technique, regions, *diagnoses)], np.int64),
                np.concatenate(maps),
                marks,
                np.cumsum([0, *(len(values) for values in maps)])[:-1],
                np.array([day.place if day else (0, 0, 0) for day in (first, last if two else None)], np.int64),
                *questions.arrays[:-2],
                quick,
                *questions.arrays[-2:],
                np.array(_CALENDAR, np.int64),
            )
        )
        return batch, know, questions, [first.keep, last, place, profession, technique, regions, diagnoses]

    def _classes(self, dictionary: Any, seen: dict[tuple[int, int], Any]) -> Any:
        if dictionary is None:
            return np.zeros(1, np.uint16)
        at = (dictionary.buffers()[1].address if dictionary.buffers()[1] else 0, dictionary.offset)
        found = seen.get(at)
        if found is None or len(found) != len(dictionary) + 1:
            found = seen[at] = np.concatenate([np.zeros(1, np.uint16), self.diagnoses.classes(dictionary)])
        return found

    def _knowledge(self) -> tuple[records.Knowledge, Any]:
        """What the kernel is given, and the marks of the classes of diagnoses."""
        planes, base = self.planes, self.base
        of_diagnoses = dict(self.diagnoses.arrays(planes.contexts))
        marks = of_diagnoses.pop("class_marks")
        know = records.Knowledge(
            planes.planes,
            planes.sayings,
            planes.read,
            planes.epochs,
            planes.first_epoch_day,
            planes.periods,
            planes.plane_work,
            planes.context_work,
            base.standing,
            base.needs,
            base.need_sets,
            reasons=self._reasons,
            **of_diagnoses,
        )
        return know, marks

    def _answer(self, out: _Out, questions: Questions) -> pa.RecordBatch:
        verdicts, leanings, rules, reasons = self._words
        arrays = [
            _dictionary(out.rows, pa.int8(), out.verdict, None, verdicts),
            _dictionary(out.rows, pa.int8(), out.leaning, out.leaning_bits, leanings),
            _dictionary(out.rows, pa.int16(), out.rule, out.rule_bits, rules),
            _dictionary(out.rows, pa.int8(), out.reason, None, reasons),
            self._said(out, questions),
        ]
        return pa.RecordBatch.from_arrays(arrays, names=["verdict", "leaning", "rule", "reason", "candidates"])

    def _said(self, out: _Out, questions: Questions) -> pa.Array:
        """The candidates in words: a dictionary that grows with what was seen."""
        if not questions.several:
            indices, bits = _nothing(out.rows)
            return _dictionary(out.rows, pa.int16(), indices, bits, pa.array([], pa.utf8()))
        codes = out.arrays[-1]
        seen = np.flatnonzero(np.bincount(codes))
        with self._lock:
            if len(self._candidates) <= seen.max():
                grown = np.full(int(seen.max()) + 1, -1, np.int32)
                grown[: len(self._candidates)] = self._candidates
                self._candidates = grown
            for code in seen.tolist():
                if code and self._candidates[code] < 0:
                    self._candidates[code] = len(self._candidate_texts)
                    self._candidate_texts.append(_candidates_in_words(code - 1))
            numbers = np.maximum(self._candidates, 0).astype(np.int16)
            texts = pa.array(self._candidate_texts, pa.utf8())
        indices = pa.allocate_buffer(2 * out.rows)
        bits = np.zeros((out.rows + 7) // 8, np.uint8)
        kernel.renumber(codes, numbers, np.frombuffer(indices, np.int16), bits)
        return _dictionary(out.rows, pa.int16(), indices, pa.py_buffer(bits), texts)


#: The days that Python's calendar has, from year 1 to 9999, as days since 1970-01-01.
_CALENDAR = (-719_162, 2_932_896)


class _Out:
    """The buffers that the kernel writes. The last of ``arrays`` is empty where no line has candidates."""

    def __init__(self, rows: int, *, candidates: bool) -> None:
        self.rows = rows
        bits = (rows + 7) // 8
        self.verdict, self.leaning, self.reason = (pa.allocate_buffer(rows) for _ in range(3))
        self.leaning_bits, self.rule_bits = (pa.allocate_buffer(bits) for _ in range(2))
        self.rule = pa.allocate_buffer(2 * rows)
        self.arrays = (
            np.frombuffer(self.verdict, np.uint8),
            np.frombuffer(self.leaning, np.uint8),
            np.frombuffer(self.leaning_bits, np.uint8),
            np.frombuffer(self.rule, np.uint16),
            np.frombuffer(self.rule_bits, np.uint8),
            np.frombuffer(self.reason, np.uint8),
            np.empty(rows if candidates else 0, np.int32),
        )


def _dictionary(rows: int, kind: Any, indices: Any, bits: Any, words: Any) -> pa.Array:
    return pa.DictionaryArray.from_buffers(
        pa.dictionary(kind, pa.utf8()), rows, [bits, indices], words, null_count=0 if bits is None else -1
    )


def _candidates_in_words(code: int) -> str:
    """Such as ``soft_tissue: permitted; thrust_spine: undetermined, leaning no``."""
    techniques = candidate_lists()[code >> 3 * records.CANDIDATES]
    digits = [code >> 3 * at & 7 for at in range(len(techniques))]
    return "; ".join(
        f"{name}: {said(digit)}"
        for name, digit in zip(techniques, digits, strict=True)
        if digit != records.LEFT_OUT
    )


_zeros: list[pa.Buffer] = []


def _nothing(rows: int) -> tuple[pa.Buffer, pa.Buffer]:
    """Zeros, for a column that is null everywhere: one buffer for all batches."""
    if not _zeros or _zeros[0].size < 2 * rows:
        _zeros[:] = [pa.py_buffer(np.zeros(2 * rows, np.uint8))]
    zeros = _zeros[0]
    return zeros.slice(0, 2 * rows), zeros.slice(0, (rows + 7) // 8)


_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}


def threads() -> int:
    """How many threads share a batch: NUMBA_NUM_THREADS, else as many as there are cores."""
    import numba

    return int(numba.get_num_threads())


def _in_parallel(rows: int, run: Callable[[int, int], None]) -> None:
    """Runs over all rows, shared among threads. The threads are ours and not numba's: those cannot be shared.

    A kernel that several threads of a program call at once, or that a forked process calls (Spark forks its
    workers), must not rest on numba's own threading layers.
    """
    count = min(threads(), max(1, rows // ROWS_PER_THREAD))
    if count == 1:
        run(0, rows)
        return
    key = (os.getpid(), count)
    if key not in _pools:
        _pools[key] = ThreadPoolExecutor(count - 1, thread_name_prefix="handrail")
    step = -(-rows // count // records.BLOCK) * records.BLOCK
    parts = [(low, min(low + step, rows)) for low in range(0, rows, step)]
    waiting = [_pools[key].submit(run, *part) for part in parts[1:]]
    run(*parts[0])
    for one in waiting:
        one.result()


_judges: dict[tuple[tuple[str, str], ...] | None, Judge] = {}
_making = threading.Lock()


def judge_of(codes: Codes | None) -> Judge:
    """The tables for a set of region codes, made once."""
    key = None if codes is None or codes.regions == shipped().regions else tuple(sorted(codes.regions.items()))
    with _making:
        if key not in _judges:
            _judges[key] = Judge(codes or shipped())
        return _judges[key]
