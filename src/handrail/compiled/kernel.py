"""The kernel: one pass over rows, block by block, compiled by numba.

It reads the index buffers of Arrow columns where they lie, and writes those of the answer. Everything it knows is in
arrays that are handed to it (``Knowledge``, ``Batch``); this file uses no value of another module, so that numba's own
cache on disk, which looks at this file alone, is never out of date.

An entry is a 32-bit word that says all about an answer:

    bits  0-2   standing, 0 (permitted) to 6 (urgent); 7: not judged
    bits  3-7   reason
    bits  8-20  rule, as 1 + its number; 0: none
    bits 21-31  context: the technique with the regions that decide, for which a diagnosis is looked up
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray, njit, types
from numba.extending import intrinsic

BLOCK = 4096
#: A question whose technique is one and whose regions are named has a plane; the others have none.
NO_PLANE = -1
#: The most candidates of technique that a question can have.
CANDIDATES = 4
LEFT_OUT = 7
#: Reasons that the kernel itself gives, by their place in ``Knowledge.reasons``.
ASKS, FORBIDS, URGENT, CHANGES, AMBIGUOUS = 0, 1, 2, 3, 4


class Knowledge(NamedTuple):
    """Law and safety as arrays.

    ``planes`` [plane, period, profession] holds entries. ``epochs`` counts the days of change up to a day, from
    ``first_epoch_day``; ``periods`` [place, epoch] is the row of a plane. ``plane_work`` and ``context_work`` list
    places of work (technique and region). ``key`` [context, class of diagnosis] is 8 x standing + 7 - the place of
    the first region that has it, ``rule`` the finding behind it; ``match_key`` likewise of single findings.
    ``covers`` [a, b]: a stronger finding a takes b out. ``grade`` [match, place of work] is a standing,
    ``match_needs`` what would settle it, as bits.
    """

    planes: Any
    epochs: Any
    first_epoch_day: Any
    periods: Any
    plane_work: Any
    context_work: Any
    standing: Any
    needs: Any
    need_sets: Any
    key: Any
    rule: Any
    class_start: Any
    class_matches: Any
    class_regions: Any
    match_key: Any
    match_rule: Any
    covers: Any
    grade: Any
    match_needs: Any
    reasons: Any


class Batch(NamedTuple):
    """The columns of a batch: addresses of their buffers, and what their dictionaries mean.

    ``columns`` has a row per column (place, profession, technique, regions, then diagnoses): address of the indices,
    their width in bytes, address of the validity bits or 0, offset of the first row. ``maps`` holds the columns'
    dictionaries one after the other, ``map_start`` where each begins; its first value is for a null. ``days`` has a row
    for the first and one for the last day: address, address of the validity bits, offset.
    ``questions`` [technique, regions] is a question; ``plane`` its plane; ``count``, ``techniques`` and ``candidates``
    its candidates and their planes; ``by_diagnosis`` whether its regions are read from the diagnoses;
    ``read_planes`` [technique, regions as bits] the planes for them; ``reach`` the regions of a technique as bits;
    ``lists`` the number of its list of candidates.
    """

    columns: Any
    maps: Any
    map_start: Any
    days: Any
    questions: Any
    plane: Any
    count: Any
    techniques: Any
    candidates: Any
    by_diagnosis: Any
    read_planes: Any
    reach: Any
    lists: Any
    no_day: Any
    bad_day: Any
    day_range: Any


@intrinsic
def _pointer(typingctx, address):  # type: ignore[no-untyped-def]
    """An address as a pointer."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return types.voidptr(address), codegen


@njit(nogil=True, cache=True, inline="never")
def _looked_up(column, table, low, rows, out):
    """What the dictionary's values mean, for a block of rows; ``table[0]`` where a row is null."""
    address, width, valid, offset = column[0], column[1], column[2], column[3] + low
    if valid != 0:
        bits = carray(_pointer(valid), ((offset + rows + 7) >> 3,), np.uint8)
        for i in range(rows):
            out[i] = (bits[(offset + i) >> 3] >> ((offset + i) & 7)) & 1
    if width == 1:
        ones = carray(_pointer(address + offset), (rows,), np.uint8)
        if valid != 0:
            for i in range(rows):
                out[i] = table[1 + ones[i]] if out[i] else table[0]
        else:
            for i in range(rows):
                out[i] = table[1 + ones[i]]
    elif width == 2:
        twos = carray(_pointer(address + 2 * offset), (rows,), np.uint16)
        if valid != 0:
            for i in range(rows):
                out[i] = table[1 + twos[i]] if out[i] else table[0]
        else:
            for i in range(rows):
                out[i] = table[1 + twos[i]]
    elif width == 4:
        fours = carray(_pointer(address + 4 * offset), (rows,), np.uint32)
        if valid != 0:
            for i in range(rows):
                out[i] = table[1 + np.int64(fours[i])] if out[i] else table[0]
        else:
            for i in range(rows):
                out[i] = table[1 + np.int64(fours[i])]
    elif width == 8:
        eights = carray(_pointer(address + 8 * offset), (rows,), np.int64)
        for i in range(rows):
            out[i] = table[1 + eights[i]] if valid == 0 or out[i] else table[0]
    else:  # a column that is not there, or holds nothing
        for i in range(rows):
            out[i] = table[0]


@njit(nogil=True, cache=True, inline="never")
def _tied(context, best, classes, i, count, know):
    """The first finding of the worst standing that no stronger one of the same row takes out."""
    for k in range(count):
        one = classes[k, i]
        for at in range(know.class_start[one], know.class_start[one + 1]):
            match = know.class_matches[at]
            if know.match_key[context, match] == best and not _covered(match, classes, i, count, know):
                return np.int64(know.match_rule[match])
    return np.int64(0)


@njit(nogil=True, cache=True, inline="never")
def _covered(match, classes, i, count, know):
    for k in range(count):
        one = classes[k, i]
        for at in range(know.class_start[one], know.class_start[one + 1]):
            if know.covers[know.class_matches[at], match]:
                return True
    return False


@njit(nogil=True, cache=True)
def _with_findings(entry, classes, i, count, know):
    """An entry of the law, and what the diagnoses of a row make of it."""
    context = entry >> 21
    best, worst, tie = np.uint8(0), np.uint16(0), False
    for k in range(count):
        one = classes[k, i]
        if one:
            key = know.key[context, one]
            if key > best:
                best, worst, tie = key, one, False
            elif key == best and key != 0 and one != worst:
                tie = True
    standing = np.int64(best) >> 3
    if standing <= entry & 7:
        return entry
    rule = np.int64(know.rule[context, worst])
    if tie:
        rule = _tied(context, best, classes, i, count, know)
    reason = np.int64(know.reasons[ASKS if standing == 1 else (FORBIDS if standing == 5 else URGENT)])
    return standing | reason << 3 | rule << 8 | entry >> 21 << 21


@njit(nogil=True, cache=True)
def _leans(standing):
    """Which way a standing leans, as the undetermined standing that leans so."""
    return min(max(np.int64(standing), 2), 4)


@njit(nogil=True, cache=True, inline="never")
def _over_days(plane, first, last, profession, classes, i, count, know):
    """The answer over all days of a period in which the law changes: one answer, or that it changes."""
    whole = _with_findings(np.int64(know.planes[plane, first, profession]), classes, i, count, know)
    if whole & 7 == 7:
        return whole
    works = know.standing.shape[2]
    grades = np.zeros(works, np.uint8)
    settle = np.zeros((works, know.match_needs.shape[2]), np.uint64)
    for k in range(count):
        one = classes[k, i]
        for at in range(know.class_start[one], know.class_start[one + 1]):
            match = know.class_matches[at]
            if _covered(match, classes, i, count, know):
                continue
            for work in range(works):
                grades[work] = max(grades[work], know.grade[match, work])
                for word in range(settle.shape[1]):
                    settle[work, word] |= know.match_needs[match, work, word]
    law_words = know.need_sets.shape[1]
    words = law_words + settle.shape[1]
    earlier = np.zeros(words, np.uint64)
    now = np.zeros(words, np.uint64)
    regions = np.zeros(know.plane_work.shape[1], np.uint8)
    earlier_standing = np.uint8(0)
    worst = np.int64(0)
    changes = False
    for period in range(first, last + 1):
        standing = np.uint8(0)
        now[:] = 0
        context = np.int64(know.planes[plane, period, profession]) >> 21
        for at in range(know.context_work.shape[1]):
            work = know.context_work[context, at]
            if work < 0:
                break
            standing = max(standing, know.standing[period, profession, work], grades[work])
            needs = know.needs[period, profession, work]
            for word in range(law_words):
                now[word] |= know.need_sets[needs, word]
            for word in range(settle.shape[1]):
                now[law_words + word] |= settle[work, word]
        if standing == 0 or standing > 4:
            now[:] = 0
        for at in range(know.plane_work.shape[1]):
            work = know.plane_work[plane, at]
            if work < 0:
                break
            here = max(know.standing[period, profession, work], grades[work])
            if period > first and here != regions[at]:
                changes = True
            regions[at] = here
        if period > first:
            if standing != earlier_standing:
                changes = True
            for word in range(words):
                if now[word] != earlier[word]:
                    changes = True
        earlier_standing = standing
        earlier[:] = now
        worst = max(worst, _leans(standing))
    if changes:
        return worst | np.int64(know.reasons[CHANGES]) << 3 | whole >> 21 << 21
    return whole


@njit(nogil=True, cache=True, inline="never")
def _candidates(question, first, last, profession, classes, i, count, know, batch):
    """The answer where the technique is one of several, or the regions are read from the diagnoses.

    Returns the entry, and the candidates' standings as a number (0: there is one technique).
    """
    mask = 0
    possible = 0
    if batch.by_diagnosis[question]:
        for k in range(count):
            mask |= know.class_regions[classes[k, i]]
        for k in range(batch.count[question]):
            possible |= batch.reach[batch.techniques[question, k]] & mask
    answered = 0
    alike = True
    first_entry = np.int64(7)
    first_lean, one_way = np.int64(3), True
    said = np.int32(0)
    for k in range(batch.count[question]):
        plane = batch.candidates[question, k]
        if batch.by_diagnosis[question]:
            technique = batch.techniques[question, k]
            read = batch.reach[technique] & mask
            if read == 0 and possible != 0:
                said |= LEFT_OUT << (3 * k)
                continue
            plane = batch.read_planes[technique, read]
        elif plane == NO_PLANE:
            said |= LEFT_OUT << (3 * k)
            continue
        if first == last:
            entry = _with_findings(np.int64(know.planes[plane, first, profession]), classes, i, count, know)
        else:
            entry = _over_days(plane, first, last, profession, classes, i, count, know)
        standing = entry & 7
        if standing == 7:
            return entry, np.int32(0)
        said |= np.int32(standing) << (3 * k)
        lean = _leans(standing)
        if answered == 0:
            first_entry, first_lean = entry, lean
        else:
            alike = alike and standing == first_entry & 7
            one_way = one_way and lean == first_lean
        answered += 1
    if batch.count[question] == 1:
        return first_entry, np.int32(0)
    said = (said | np.int32(batch.lists[question]) << (3 * CANDIDATES)) + 1
    if alike:
        return first_entry, said
    standing = first_lean if one_way else np.int64(3)
    return standing | np.int64(know.reasons[AMBIGUOUS]) << 3, said


@njit(nogil=True, cache=True, inline="never")
def _bits_of(flags, rows, low, out):
    """Flags (0 or 1, a byte each) as bits."""
    whole = rows >> 3
    eights = flags.view(np.uint64)
    start = low >> 3
    for at in range(whole):
        out[start + at] = (eights[at] * np.uint64(0x0102040810204080)) >> np.uint64(56)
    if rows & 7:
        byte = 0
        for i in range(whole << 3, rows):
            byte |= flags[i] << (i & 7)
        out[start + whole] = byte


@njit(nogil=True, cache=True)
def run(low, high, batch, know, verdict, leaning, leaning_bits, rule, rule_bits, reason, said):
    """Judges the rows from ``low`` (a multiple of 8) up to ``high``."""
    count = batch.columns.shape[0] - 4
    place = np.empty(BLOCK, np.uint16)
    profession = np.empty(BLOCK, np.uint16)
    asked = np.empty(BLOCK, np.uint16)
    regions = np.empty(BLOCK, np.uint16)
    classes = np.empty((max(count, 1), BLOCK), np.uint16)
    some = np.empty(BLOCK, np.uint16)
    entries = np.empty(BLOCK, np.uint32)
    flags = np.empty(BLOCK, np.uint8)
    one_map = batch.questions.shape[1] == 1
    two_days = batch.days[1, 0] != 0
    write_said = said.shape[0] > 0
    last_epoch = know.epochs.shape[0] - 1
    least, most = batch.day_range[0], batch.day_range[1]
    for start in range(low, high, BLOCK):
        rows = min(BLOCK, high - start)
        _looked_up(batch.columns[0], batch.maps[batch.map_start[0] :], start, rows, place)
        _looked_up(batch.columns[1], batch.maps[batch.map_start[1] :], start, rows, profession)
        _looked_up(batch.columns[2], batch.maps[batch.map_start[2] :], start, rows, asked)
        if not one_map:
            _looked_up(batch.columns[3], batch.maps[batch.map_start[3] :], start, rows, regions)
            for i in range(rows):
                asked[i] = batch.questions[asked[i], regions[i]]
        some[:rows] = 0
        for k in range(count):
            _looked_up(batch.columns[4 + k], batch.maps[batch.map_start[4 + k] :], start, rows, classes[k])
            for i in range(rows):
                some[i] |= classes[k, i]
        offset = batch.days[0, 2] + start
        days = carray(_pointer(batch.days[0, 0] + 4 * offset), (rows,), np.int32)
        if batch.days[0, 1] != 0:
            bits = carray(_pointer(batch.days[0, 1]), ((offset + rows + 7) >> 3,), np.uint8)
            for i in range(rows):
                if not (bits[(offset + i) >> 3] >> ((offset + i) & 7)) & 1:
                    asked[i] = batch.no_day
        ends = days
        end_offset = batch.days[1, 2] + start
        end_bits = carray(_pointer(batch.days[0, 0]), (0,), np.uint8)
        if two_days:
            ends = carray(_pointer(batch.days[1, 0] + 4 * end_offset), (rows,), np.int32)
            if batch.days[1, 1] != 0:
                end_bits = carray(_pointer(batch.days[1, 1]), ((end_offset + rows + 7) >> 3,), np.uint8)
        for i in range(rows):
            day = days[i]
            question = asked[i]
            if (day < least or day > most) and question != batch.no_day:
                question = batch.bad_day
            epoch = know.epochs[min(max(np.int64(day) - know.first_epoch_day, 0), last_epoch)]
            period = know.periods[place[i], epoch]
            last = period
            if two_days and ends[i] != day:
                end = ends[i]
                at = end_offset + i
                given = end_bits.shape[0] == 0 or (end_bits[at >> 3] >> (at & 7)) & 1
                if given and question != batch.no_day:
                    if end < day or end > most:
                        question = batch.bad_day
                    else:
                        epoch = know.epochs[min(max(np.int64(end) - know.first_epoch_day, 0), last_epoch)]
                        last = know.periods[place[i], epoch]
            plane = batch.plane[question]
            code = np.int32(0)
            if plane == NO_PLANE:
                entry, code = _candidates(question, period, last, profession[i], classes, i, count, know, batch)
            elif period != last:
                entry = _over_days(plane, period, last, profession[i], classes, i, count, know)
            else:
                entry = np.int64(know.planes[plane, period, profession[i]])
                if some[i]:
                    entry = _with_findings(entry, classes, i, count, know)
            entries[i] = entry
            if write_said:
                said[start + i] = code
        for i in range(rows):
            standing = entries[i] & 7
            verdict[start + i] = min(standing, 2) + max(np.int64(standing) - 4, 0)
            leaning[start + i] = min(max(np.int64(standing) - 2, 0), 2)
            flags[i] = 1 if standing > 1 and standing < 5 else 0
        _bits_of(flags, rows, start, leaning_bits)
        for i in range(rows):
            reason[start + i] = (entries[i] >> 3) & 31
            number = np.int64(entries[i] >> 8) & 0x1FFF
            rule[start + i] = max(number - 1, 0)
            flags[i] = 1 if number > 0 else 0
        _bits_of(flags, rows, start, rule_bits)


@njit(nogil=True, cache=True)
def renumber(codes, numbers, out, bits):
    """The candidates' standings as indices of a dictionary, with the bits of those that are there."""
    for i in range(codes.shape[0]):
        out[i] = numbers[codes[i]]
        if codes[i]:
            bits[i >> 3] |= np.uint8(1 << (i & 7))


@njit(nogil=True, cache=True)
def find_codes(offsets, wide_offsets, text_address, rows, keys, values, out):
    """The class of each value of a dictionary of diagnoses, by an open hash table of texts of up to 8 bytes.

    Returns how many are not in the table; ``out`` has 65535 for them.
    """
    text = carray(_pointer(text_address), (1 << 62,), np.uint8)
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
