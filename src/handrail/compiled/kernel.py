"""The kernel: one pass over rows, block by block, compiled by numba.

It reads the index buffers of Arrow columns where they lie, and writes those of the answer. Everything it knows is
in arrays that are handed to it (``records``).
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, misc, attr-defined"

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numba import carray, njit

from handrail.compiled.buffers import compiled, days_of, flags_of, looked_up, mark, pointer, written
from handrail.compiled.findings import added, rest
from handrail.compiled.records import BLOCK, FIRST_DIAGNOSIS, MEANS, NOT_PLAIN, READ, REGION_BITS


def kept(function: Any) -> Any:
    """Compiled likewise, and kept on disk where numba finds a place to write.

    That is beside this file, else in the user's cache folder, or in NUMBA_CACHE_DIR.
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # nowhere to write: compiled anew in every process
        return compiled(function)


@compiled
def quick_cells(
    start, rows, columns, days, place_of, profession_of, plane_of, epochs, period_of, first_day, row_size, cells
):
    """Where the law's answers lie, for rows whose columns have 32-bit indices and no nulls: all in one go."""
    places = carray(pointer(columns[0, 0] + 4 * (columns[0, 3] + start)), (rows,), np.uint32)
    professions = carray(pointer(columns[1, 0] + 4 * (columns[1, 3] + start)), (rows,), np.uint32)
    questions = carray(pointer(columns[2, 0] + 4 * (columns[2, 3] + start)), (rows,), np.uint32)
    last_epoch = np.int32(epochs.shape[0] - 1)
    for i in range(rows):
        epoch = epochs[np.uint32(min(max(days[i] - first_day, np.int32(0)), last_epoch))]
        period = period_of[place_of[places[i]], epoch]
        cells[i] = plane_of[questions[i]] + period * row_size + profession_of[professions[i]]


@compiled
def find_cells(start, rows, batch, know, asked, periods, cells, spare, flags, expanded):
    """Where the law's answers lie, for a block of rows of any kind, and in which period each row is."""
    columns, maps, map_start = batch.columns, batch.maps, batch.map_start
    epochs, period_of, plane_of = know.epochs, know.periods, batch.plane
    plane_size, row_size = np.uint32(know.planes.shape[1] * know.planes.shape[2]), np.uint32(know.planes.shape[2])
    first_day, last_epoch = np.int32(know.first_epoch_day), np.int32(epochs.shape[0] - 1)
    looked_up(columns[2], maps[map_start[2] :], start, rows, asked, flags, expanded)
    if batch.questions.shape[1] > 1:
        questions = batch.questions
        looked_up(columns[3], maps[map_start[3] :], start, rows, spare, flags, expanded)
        for i in range(rows):
            asked[i] = questions[asked[i], spare[i]]
    days = days_of(batch.days, np.int64(0), start, rows)
    for i in range(rows):
        if days[i] < batch.day_range[0] or days[i] > batch.day_range[1]:
            asked[i] = batch.bad_day
    if batch.days[0, 1] != 0:
        flags_of(batch.days[0, 1], batch.days[0, 2] + start, rows, flags, expanded)
        for i in range(rows):
            if not flags[i]:
                asked[i] = batch.no_day
    looked_up(columns[0], maps[map_start[0] :], start, rows, spare, flags, expanded)
    for i in range(rows):
        epoch = epochs[np.uint32(min(max(days[i] - first_day, np.int32(0)), last_epoch))]
        periods[i] = period_of[spare[i], epoch]
    looked_up(columns[1], maps[map_start[1] :], start, rows, spare, flags, expanded)
    for i in range(rows):
        cells[i] = plane_of[asked[i]] * plane_size + periods[i] * row_size + spare[i]


@compiled
def find_last_periods(start, rows, batch, know, asked, periods, lasts, spare, flags, expanded):
    """The period of each row's last day; rows that end before they begin are given a question that says so."""
    days, ends = days_of(batch.days, np.int64(0), start, rows), days_of(batch.days, np.int64(1), start, rows)
    epochs, period_of = know.epochs, know.periods
    first_day, last_epoch = np.int64(know.first_epoch_day), np.int64(epochs.shape[0] - 1)
    no_day, bad_day, latest = batch.no_day, batch.bad_day, batch.day_range[1]
    looked_up(batch.columns[0], batch.maps[batch.map_start[0] :], start, rows, spare, flags, expanded)
    for i in range(rows):
        flags[i] = 1
    if batch.days[1, 1] != 0:
        flags_of(batch.days[1, 1], batch.days[1, 2] + start, rows, flags, expanded)
    for i in range(rows):
        lasts[i] = periods[i]
        if flags[i] and ends[i] != days[i] and asked[i] != no_day and asked[i] != bad_day:
            if ends[i] < days[i] or ends[i] > latest:
                asked[i] = bad_day
            else:
                at = min(max(np.int64(ends[i]) - first_day, 0), last_epoch)
                lasts[i] = period_of[spare[i], epochs[at]]


@compiled
def cells_of_bad_days(rows, batch, know, asked, cells):
    """Where rows that end before they begin are answered."""
    size = np.uint32(know.planes.shape[1] * know.planes.shape[2])
    bad_day, plane = batch.bad_day, np.uint32(batch.plane[batch.bad_day])
    for i in range(rows):
        if asked[i] == bad_day:
            cells[i] = plane * size + cells[i] % size


@compiled
def ordinary_days(days, ends, least, most):
    """Whether all days are of the calendar, and all last days the same as the first ones."""
    low, high, other = days[0], days[0], False
    for i in range(days.shape[0]):
        low, high = min(low, days[i]), max(high, days[i])
    for i in range(ends.shape[0]):
        other |= ends[i] != days[i]
    return low >= least and high <= most and not other


def _fingerprint() -> str:
    """Of the kernel's files, and of the numbers it shares with others."""
    names = ("buffers.py", "findings.py", "kernel.py", "records.py")
    return hashlib.sha256(b"".join((Path(__file__).parent / name).read_bytes() for name in names)).hexdigest()


def _made(fingerprint: str) -> Any:
    """The kernel. Numba looks whether this function has changed and what it closes over, not at what it calls."""

    @kept
    def run(low, high, batch, know, verdict, leaning, leaning_bits, rule, rule_bits, reason, said):
        """Judges the rows from ``low`` (a multiple of 8) up to ``high``."""
        _ = fingerprint  # so that numba takes it for a part of this function
        columns, maps, map_start = batch.columns, batch.maps, batch.map_start
        count = columns.shape[0] - FIRST_DIAGNOSIS
        asked = np.empty(BLOCK, np.uint16)
        some = np.empty(BLOCK, np.uint16)
        spare = np.empty(BLOCK, np.uint16)
        periods = np.empty(BLOCK, np.uint16)
        last_periods = np.empty(BLOCK, np.uint16)
        cells = np.empty(BLOCK, np.uint32)
        entries = np.empty(BLOCK, np.uint32)
        flags = np.empty(BLOCK + 8, np.uint8)
        listed = np.empty(BLOCK, np.int32)
        expanded = np.empty(256, np.uint64)
        for byte in range(256):
            expanded[byte] = 0
            for bit in range(8):
                expanded[byte] |= np.uint64(byte >> bit & 1) << np.uint64(8 * bit)
        diagnoses, diagnosis_maps = columns[FIRST_DIAGNOSIS:], map_start[FIRST_DIAGNOSIS:]
        marks, read, by_diagnosis = batch.marks, know.read, batch.by_diagnosis.any()
        keys, rules, reasons = know.key, know.rule, know.reasons
        planes, sayings = know.planes.reshape(-1), know.sayings.reshape(-1)
        row_size = np.uint32(know.planes.shape[2])
        place_of, profession_of = maps[map_start[0] + 1 :], maps[map_start[1] + 1 :]
        epochs, period_of, first_day = know.epochs, know.periods, np.int32(know.first_epoch_day)
        quick_planes = batch.quick_planes
        least, most = batch.day_range[0], batch.day_range[1]
        for start in range(low, high, BLOCK):
            rows = min(BLOCK, high - start)
            days = days_of(batch.days, np.int64(0), start, rows)
            ends = days[:0]
            if batch.days[1, 0] != 0:
                ends = days_of(batch.days, np.int64(1), start, rows)
            ordinary = batch.days[0, 1] == 0 and ordinary_days(days, ends, least, most)
            lasts = periods[:0]
            if ordinary and quick_planes.shape[0] > 0:
                quick_cells(
                    start, rows, columns, days, place_of, profession_of, quick_planes, epochs, period_of,
                    first_day, row_size, cells,
                )  # fmt: skip
            else:
                find_cells(start, rows, batch, know, asked, periods, cells, spare, flags, expanded)
                if ends.shape[0] > 0 and not ordinary:
                    lasts = last_periods
                    find_last_periods(start, rows, batch, know, asked, periods, lasts, spare, flags, expanded)
                    cells_of_bad_days(rows, batch, know, asked, cells)
            for i in range(rows):
                some[i] = 0
            for k in range(count):
                at = diagnosis_maps[k]
                mark(diagnoses[k], marks[at:], start, rows, by_diagnosis, some, spare, flags, expanded)
            for i in range(rows):
                entries[i] = planes[cells[i]]
            if by_diagnosis:
                for i in range(rows):
                    context = entries[i] >> np.uint32(21)
                    if np.uint32(READ) <= context and context < np.uint32(NOT_PLAIN):
                        cells[i] += read[context - np.uint32(READ), some[i] & np.uint16(REGION_BITS)]
                        entries[i] = planes[cells[i]]
            if said.shape[0] > 0:
                for i in range(rows):
                    said[start + i] = sayings[cells[i]]
            if lasts.shape[0] > 0:
                for i in range(rows):
                    some[i] |= np.uint16(MEANS) * np.uint16(lasts[i] != periods[i])
            found = 0
            for i in range(rows):
                listed[found] = i
                found += some[i] >> np.uint16(15)
            if found:
                some_rows = listed[:found]
                found = added(
                    some_rows,
                    start,
                    periods,
                    lasts,
                    diagnoses,
                    maps,
                    diagnosis_maps,
                    keys,
                    rules,
                    reasons,
                    entries,
                )
            if found:
                rest(listed[:found], start, batch, know, entries, said)
            written(start, rows, entries, flags, verdict, leaning, leaning_bits, rule, rule_bits, reason)

    return run


run = _made(_fingerprint())


@kept
def renumber(codes, numbers, out, bits):
    """The candidates' standings as indices of a dictionary, with the bits of those that are there."""
    for i in range(codes.shape[0]):
        out[i] = numbers[codes[i]]
        if codes[i]:
            bits[i >> 3] |= np.uint8(1 << (i & 7))


@kept
def find_codes(offsets, wide_offsets, text_address, rows, keys, values, out):
    """The class of each value of a dictionary of diagnoses, by an open hash table of texts of up to 8 bytes.

    Returns how many are not in the table; ``out`` has 65535 for them.
    """
    text = carray(pointer(text_address), (1 << 62,), np.uint8)
    mask = keys.shape[0] - 1
    missing = 0
    for i in range(rows):
        if wide_offsets.shape[0] > 0:
            start, end = wide_offsets[i], wide_offsets[i + 1]
        else:
            start, end = np.int64(offsets[i]), np.int64(offsets[i + 1])
        out[i] = 65535
        if end - start > 8:
            missing += 1
            continue
        key = np.uint64(0)
        for at in range(start, end):
            if text[at] == 0:
                key = np.uint64(0)
                break
            key = key << np.uint64(8) | np.uint64(text[at])
        if key == 0 and end > start:
            missing += 1
            continue
        slot = np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) & mask
        while keys[slot] != 0:
            if keys[slot] == key:
                out[i] = values[slot]
                break
            slot = (slot + 1) & mask
        if out[i] == 65535:
            if key == 0:
                out[i] = 0
            else:
                missing += 1
    return missing
