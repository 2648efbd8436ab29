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
#: A candidate that is left out has no plane.
NO_PLANE = -1
#: The context of a plane to which a finding cannot simply be added.
NOT_PLAIN = 2047
#: Where the columns of diagnoses begin.
FIRST_DIAGNOSIS = 4
#: The most candidates of technique that a question can have.
CANDIDATES = 4
LEFT_OUT = 7
#: Reasons that the kernel itself gives, by their place in ``Knowledge.reasons``.
ASKS, FORBIDS, URGENT, CHANGES, AMBIGUOUS = 0, 1, 2, 3, 4


class Knowledge(NamedTuple):
    """Law and safety as arrays.

    ``planes`` [plane, period, profession] holds entries, ``sayings`` likewise what the candidates of a question say
    (0: there is one technique). ``epochs`` counts the days of change up to a day, from
    ``first_epoch_day``; ``periods`` [place, epoch] is the row of a plane. ``plane_work`` and ``context_work`` list
    places of work (technique and region). ``key`` [context, class of diagnosis] is 8 x standing + 7 - the place of
    the first region that has it, ``rule`` the finding behind it; ``match_key`` likewise of single findings.
    ``covers`` [a, b]: a stronger finding a takes b out. ``grade`` [match, place of work] is a standing,
    ``match_needs`` what would settle it, as bits.
    """

    planes: Any
    sayings: Any
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
    ``questions`` [technique, regions] is a question; ``plane`` its plane, which answers rows without a finding;
    ``plain`` whether a finding may be added to that answer; ``count``, ``techniques`` and ``candidates``
    its candidates and their planes; ``by_diagnosis`` whether its regions are read from the diagnoses;
    ``read_planes`` [technique, regions as bits] the planes for them; ``reach`` the regions of a technique as bits;
    ``lists`` the number of its list of candidates. ``quick_planes`` is where the planes of the techniques' dictionary
    begin, if the first three columns have 32-bit indices and no nulls and the fourth shares the third's; else empty.
    """

    columns: Any
    maps: Any
    map_start: Any
    days: Any
    questions: Any
    plane: Any
    plain: Any
    count: Any
    techniques: Any
    candidates: Any
    by_diagnosis: Any
    read_planes: Any
    reach: Any
    lists: Any
    quick_planes: Any
    no_day: Any
    bad_day: Any
    day_range: Any


def _compiled(function: Any) -> Any:
    """Compiled without the lock of the interpreter, and kept on disk where numba finds a place to write.

    That is beside this file, else in the user's cache folder, or in NUMBA_CACHE_DIR.
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # nowhere to write: compiled anew in every process
        return njit(nogil=True)(function)


@intrinsic
def _pointer(typingctx, address):  # type: ignore[no-untyped-def]
    """An address as a pointer."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return types.voidptr(address), codegen


@_compiled
def _flags_of(address, offset, rows, flags, expanded):
    """Validity bits as flags, a byte each."""
    bits = carray(_pointer(address + (offset >> 3)), (((offset & 7) + rows + 7) >> 3,), np.uint8)
    shift = offset & 7
    if shift == 0:
        eights = flags.view(np.uint64)
        for at in range((rows + 7) >> 3):
            eights[at] = expanded[bits[at]]
    else:
        for i in range(rows):
            flags[i] = (bits[(shift + i) >> 3] >> ((shift + i) & 7)) & 1


@_compiled
def _looked_up(column, table, low, rows, out, flags, expanded):
    """What the dictionary's values mean, for a block of rows; ``table[0]`` where a row is null."""
    address, width, offset = column[0], column[1], column[3] + low
    has_nulls = column[2] != 0
    null = table[0]
    values = table[1:]
    if has_nulls:
        _flags_of(column[2], offset, rows, flags, expanded)
    if width == 1:
        ones = carray(_pointer(address + offset), (rows,), np.uint8)
        if has_nulls:
            for i in range(rows):
                out[i] = values[ones[i]] if flags[i] else null
        else:
            for i in range(rows):
                out[i] = values[ones[i]]
    elif width == 2:
        twos = carray(_pointer(address + 2 * offset), (rows,), np.uint16)
        if has_nulls:
            for i in range(rows):
                out[i] = values[twos[i]] if flags[i] else null
        else:
            for i in range(rows):
                out[i] = values[twos[i]]
    elif width == 4:
        fours = carray(_pointer(address + 4 * offset), (rows,), np.uint32)
        if has_nulls:
            for i in range(rows):
                out[i] = values[fours[i]] if flags[i] else null
        else:
            for i in range(rows):
                out[i] = values[fours[i]]
    elif width == 8:
        eights = carray(_pointer(address + 8 * offset), (rows,), np.uint64)
        for i in range(rows):
            out[i] = values[eights[i]] if not has_nulls or flags[i] else null
    else:  # a column that is not there, or holds nothing
        for i in range(rows):
            out[i] = null


@_compiled
def _class_at(columns, k, maps, first, row):
    """What the value of one column means in one row. No branch on nulls: what lies under one is not looked up."""
    address, width, valid, at = columns[k, 0], columns[k, 1], columns[k, 2], columns[k, 3] + row
    there = np.int64(1)
    if valid != 0:
        there = np.int64(carray(_pointer(valid + (at >> 3)), (1,), np.uint8)[0] >> np.uint8(at & 7)) & 1
    index = np.int64(-1)
    if width == 4:
        index = np.int64(carray(_pointer(address + 4 * at), (1,), np.uint32)[0])
    elif width == 1:
        index = np.int64(carray(_pointer(address + at), (1,), np.uint8)[0])
    elif width == 2:
        index = np.int64(carray(_pointer(address + 2 * at), (1,), np.uint16)[0])
    elif width == 8:
        index = carray(_pointer(address + 8 * at), (1,), np.int64)[0]
    return maps[np.uint64(first + (index + 1) * there)]


@_compiled
def _some(column, table, low, rows, some, spare, flags, expanded):
    """Adds to ``some`` whether a diagnosis may mean anything, for a block of rows.

    Nulls are not looked at: what lies under one is no answer, and rows that seem to have a finding are looked at again.
    """
    address, width, offset = column[0], column[1], column[3] + low
    values = table[1:]
    last = values.shape[0] - 1
    if last < 0:
        return
    if column[2] != 0 and values[0] != 0:  # nulls lie on the first value, mostly
        _looked_up(column, table, low, rows, spare, flags, expanded)
        for i in range(rows):
            some[i] |= spare[i]
    elif width == 1:
        ones = carray(_pointer(address + offset), (rows,), np.uint8)
        for i in range(rows):
            some[i] |= values[min(np.uint32(ones[i]), np.uint32(last))]
    elif width == 2:
        twos = carray(_pointer(address + 2 * offset), (rows,), np.uint16)
        for i in range(rows):
            some[i] |= values[min(np.uint32(twos[i]), np.uint32(last))]
    elif width == 4:
        fours = carray(_pointer(address + 4 * offset), (rows,), np.uint32)
        for i in range(rows):
            some[i] |= values[min(fours[i], np.uint32(last))]
    elif width == 8:
        eights = carray(_pointer(address + 8 * offset), (rows,), np.uint64)
        for i in range(rows):
            some[i] |= values[min(eights[i], np.uint64(last))]


@_compiled
def _tied(context, best, classes, know):
    """The first finding of the worst standing that no stronger one of the same row takes out."""
    for one in classes:
        for at in range(know.class_start[one], know.class_start[one + 1]):
            match = know.class_matches[at]
            if know.match_key[context, match] == best and not _covered(match, classes, know):
                return np.int64(know.match_rule[match])
    return np.int64(0)


@_compiled
def _covered(match, classes, know):
    for one in classes:
        for at in range(know.class_start[one], know.class_start[one + 1]):
            if know.covers[know.class_matches[at], match]:
                return True
    return False


@_compiled
def _with_findings(entry, classes, know):
    """An entry of the law, and what the diagnoses of a row make of it."""
    context = entry >> 21
    best, worst, tie = np.uint8(0), np.uint16(0), False
    for one in classes:
        here = know.key[context, one]
        if here > best:
            best, worst, tie = here, one, False
        elif here == best and here != 0 and one != worst:
            tie = True
    standing = np.int64(best) >> 3
    if standing <= entry & 7:
        return entry
    rule = _tied(context, best, classes, know) if tie else np.int64(know.rule[context, worst])
    reason = np.int64(know.reasons[ASKS if standing == 1 else (FORBIDS if standing == 5 else URGENT)])
    return standing | reason << 3 | rule << 8 | context << 21


@_compiled
def _leans(standing):
    """Which way a standing leans, as the undetermined standing that leans so."""
    return min(max(np.int64(standing), 2), 4)


@_compiled
def _over_days(plane, first, last, profession, classes, know):
    """The answer over all days of a period in which the law changes: one answer, or that it changes."""
    whole = _with_findings(np.int64(know.planes[plane, first, profession]), classes, know)
    if whole & 7 == 7:
        return whole
    works = know.standing.shape[2]
    grades = np.zeros(works, np.uint8)
    settle = np.zeros((works, know.match_needs.shape[2]), np.uint64)
    for one in classes:
        for at in range(know.class_start[one], know.class_start[one + 1]):
            match = know.class_matches[at]
            if _covered(match, classes, know):
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
        for word in range(words):
            now[word] = 0
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
            for word in range(words):
                now[word] = 0
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
        for word in range(words):
            earlier[word] = now[word]
        worst = max(worst, _leans(standing))
    if changes:
        return worst | np.int64(know.reasons[CHANGES]) << 3 | whole >> 21 << 21
    return whole


@_compiled
def _candidates(question, first, last, profession, classes, know, batch):
    """The answer where the technique is one of several, or the regions are read from the diagnoses.

    Returns the entry, and the candidates' standings as a number (0: there is one technique).
    """
    mask = 0
    possible = 0
    if batch.by_diagnosis[question]:
        for one in classes:
            mask |= know.class_regions[one]
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
            entry = _with_findings(np.int64(know.planes[plane, first, profession]), classes, know)
        else:
            entry = _over_days(np.int64(plane), first, last, profession, classes, know)
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


@_compiled
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


@_compiled
def _quick_cells(
    start, rows, columns, days, place_of, profession_of, plane_of, epochs, period_of, first_day, row_size, cells
):
    """Where the law's answers lie, for rows whose columns have 32-bit indices and no nulls: all in one go."""
    places = carray(_pointer(columns[0, 0] + 4 * (columns[0, 3] + start)), (rows,), np.uint32)
    professions = carray(_pointer(columns[1, 0] + 4 * (columns[1, 3] + start)), (rows,), np.uint32)
    questions = carray(_pointer(columns[2, 0] + 4 * (columns[2, 3] + start)), (rows,), np.uint32)
    last_epoch = np.int32(epochs.shape[0] - 1)
    for i in range(rows):
        epoch = epochs[np.uint32(min(max(days[i] - first_day, np.int32(0)), last_epoch))]
        period = period_of[place_of[places[i]], epoch]
        cells[i] = plane_of[questions[i]] + period * row_size + profession_of[professions[i]]


@_compiled
def _cells(start, rows, batch, know, asked, periods, cells, spare, flags, expanded):
    """Where the law's answers lie, for a block of rows of any kind, and in which period each row is."""
    columns, maps, map_start = batch.columns, batch.maps, batch.map_start
    epochs, period_of, plane_of = know.epochs, know.periods, batch.plane
    plane_size, row_size = np.uint32(know.planes.shape[1] * know.planes.shape[2]), np.uint32(know.planes.shape[2])
    first_day, last_epoch = np.int32(know.first_epoch_day), np.int32(epochs.shape[0] - 1)
    _looked_up(columns[2], maps[map_start[2] :], start, rows, asked, flags, expanded)
    if batch.questions.shape[1] > 1:
        questions = batch.questions
        _looked_up(columns[3], maps[map_start[3] :], start, rows, spare, flags, expanded)
        for i in range(rows):
            asked[i] = questions[asked[i], spare[i]]
    days = _days_of(batch.days, np.int64(0), start, rows)
    for i in range(rows):
        if days[i] < batch.day_range[0] or days[i] > batch.day_range[1]:
            asked[i] = batch.bad_day
    if batch.days[0, 1] != 0:
        _flags_of(batch.days[0, 1], batch.days[0, 2] + start, rows, flags, expanded)
        for i in range(rows):
            if not flags[i]:
                asked[i] = batch.no_day
    _looked_up(columns[0], maps[map_start[0] :], start, rows, spare, flags, expanded)
    for i in range(rows):
        epoch = epochs[np.uint32(min(max(days[i] - first_day, np.int32(0)), last_epoch))]
        periods[i] = period_of[spare[i], epoch]
    _looked_up(columns[1], maps[map_start[1] :], start, rows, spare, flags, expanded)
    for i in range(rows):
        cells[i] = plane_of[asked[i]] * plane_size + periods[i] * row_size + spare[i]


@_compiled
def _last_periods(start, rows, batch, know, asked, periods, lasts, spare, flags, expanded):
    """The period of the last day of each row; rows that end before they begin are given a question that says so."""
    days, ends = _days_of(batch.days, np.int64(0), start, rows), _days_of(batch.days, np.int64(1), start, rows)
    epochs, period_of = know.epochs, know.periods
    first_day, last_epoch = np.int64(know.first_epoch_day), np.int64(epochs.shape[0] - 1)
    no_day, bad_day, latest = batch.no_day, batch.bad_day, batch.day_range[1]
    _looked_up(batch.columns[0], batch.maps[batch.map_start[0] :], start, rows, spare, flags, expanded)
    for i in range(rows):
        flags[i] = 1
    if batch.days[1, 1] != 0:
        _flags_of(batch.days[1, 1], batch.days[1, 2] + start, rows, flags, expanded)
    for i in range(rows):
        lasts[i] = periods[i]
        if flags[i] and ends[i] != days[i] and asked[i] != no_day and asked[i] != bad_day:
            if ends[i] < days[i] or ends[i] > latest:
                asked[i] = bad_day
            else:
                at = min(max(np.int64(ends[i]) - first_day, 0), last_epoch)
                lasts[i] = period_of[spare[i], epochs[at]]


@_compiled
def _days_of(columns, number, start, rows):
    address, offset = columns[number, 0], columns[number, 2] + start
    return carray(_pointer(address + 4 * offset), (rows,), np.int32)


@_compiled
def _day_at(columns, number, row):
    return carray(_pointer(columns[number, 0] + 4 * (columns[number, 2] + row)), (1,), np.int32)[0]


@_compiled
def _ordinary_days(days, ends, least, most):
    """Whether all days are of the calendar, and all last days the same as the first ones."""
    low, high, other = days[0], days[0], False
    for i in range(days.shape[0]):
        low, high = min(low, days[i]), max(high, days[i])
    for i in range(ends.shape[0]):
        other |= ends[i] != days[i]
    return low >= least and high <= most and not other


@_compiled
def _added(listed, start, periods, lasts, columns, maps, starts, keys, rules, reasons, entries):
    """Adds findings to the answers of the rows listed. Those that are not so simple are listed anew, and counted."""
    count = columns.shape[0]
    spans = lasts.shape[0] > 0
    left = 0
    for i in listed:
        best, worst, tie = np.uint8(0), np.uint16(0), False
        entry = entries[i]
        context = entry >> np.uint32(21)
        whole = context == NOT_PLAIN or (spans and periods[i] != lasts[i])
        if not whole:
            for k in range(count):
                one = _class_at(columns, k, maps, starts[k], start + i)
                here = keys[context, one]
                tie = (here == best and one != worst) or (tie and here <= best)
                if here > best:
                    best, worst = here, one
        standing = np.uint32(best >> np.uint8(3))
        worse = standing > entry & np.uint32(7)
        if whole or (tie and worse):
            listed[left] = i
            left += 1
        elif worse:
            reason = np.uint32(reasons[ASKS if standing == 1 else (FORBIDS if standing == 5 else URGENT)])
            number = np.uint32(rules[context, worst])
            entries[i] = standing | reason << np.uint32(3) | number << np.uint32(8) | context << np.uint32(21)
    return left


@_compiled
def _period_at(place, day, know):
    at = min(max(np.int64(day) - np.int64(know.first_epoch_day), 0), np.int64(know.epochs.shape[0] - 1))
    return know.periods[place, know.epochs[at]]


@_compiled
def _rest(listed, start, batch, know, entries, said):
    """The rows of a block that are not so simple: candidates, days in which the law changes, equal findings."""
    columns, maps, starts = batch.columns, batch.maps, batch.map_start
    classes = np.zeros(columns.shape[0] - FIRST_DIAGNOSIS, np.uint16)
    for i in listed:
        row = start + i
        for k in range(classes.shape[0]):
            classes[k] = _class_at(columns, FIRST_DIAGNOSIS + k, maps, starts[FIRST_DIAGNOSIS + k], row)
        place = _class_at(columns, np.int64(0), maps, starts[0], row)
        profession = _class_at(columns, np.int64(1), maps, starts[1], row)
        question = _class_at(columns, np.int64(2), maps, starts[2], row)
        if batch.questions.shape[1] > 1:
            question = batch.questions[question, _class_at(columns, np.int64(3), maps, starts[3], row)]
        period = _period_at(place, _day_at(batch.days, np.int64(0), row), know)
        last = period
        if batch.days[1, 0] != 0:
            at = batch.days[1, 2] + row
            valid = batch.days[1, 1]
            if valid == 0 or (carray(_pointer(valid + (at >> 3)), (1,), np.uint8)[0] >> (at & 7)) & 1:
                last = _period_at(place, _day_at(batch.days, np.int64(1), row), know)
        if not batch.plain[question]:
            entries[i], code = _candidates(question, period, last, profession, classes, know, batch)
            if said.shape[0] > 0:
                said[row] = code
        elif period != last:
            entries[i] = _over_days(np.int64(batch.plane[question]), period, last, profession, classes, know)
        else:
            entries[i] = _with_findings(np.int64(entries[i]), classes, know)


@_compiled
def run(low, high, batch, know, verdict, leaning, leaning_bits, rule, rule_bits, reason, said):
    """Judges the rows from ``low`` (a multiple of 8) up to ``high``."""
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
    keys, rules, reasons = know.key, know.rule, know.reasons
    planes, sayings = know.planes.reshape(-1), know.sayings.reshape(-1)
    row_size = np.uint32(know.planes.shape[2])
    place_of, profession_of = maps[map_start[0] + 1 :], maps[map_start[1] + 1 :]
    epochs, period_of, first_day = know.epochs, know.periods, np.int32(know.first_epoch_day)
    quick_planes = batch.quick_planes
    least, most = batch.day_range[0], batch.day_range[1]
    for start in range(low, high, BLOCK):
        rows = min(BLOCK, high - start)
        days = _days_of(batch.days, np.int64(0), start, rows)
        ends = days[:0]
        if batch.days[1, 0] != 0:
            ends = _days_of(batch.days, np.int64(1), start, rows)
        ordinary = batch.days[0, 1] == 0 and _ordinary_days(days, ends, least, most)
        lasts = periods[:0]
        if ordinary and quick_planes.shape[0] > 0:
            _quick_cells(
                start, rows, columns, days, place_of, profession_of, quick_planes, epochs, period_of, first_day,
                row_size, cells,
            )  # fmt: skip
        else:
            _cells(start, rows, batch, know, asked, periods, cells, spare, flags, expanded)
            if ends.shape[0] > 0 and not ordinary:
                lasts = last_periods
                _last_periods(start, rows, batch, know, asked, periods, lasts, spare, flags, expanded)
                _cells_of_bad_days(rows, batch, know, asked, cells)
        for i in range(rows):
            entries[i] = planes[cells[i]]
        if said.shape[0] > 0:
            for i in range(rows):
                said[start + i] = sayings[cells[i]]
        for i in range(rows):
            some[i] = 0
        for k in range(count):
            _some(diagnoses[k], maps[diagnosis_maps[k] :], start, rows, some, spare, flags, expanded)
        if lasts.shape[0] > 0:
            for i in range(rows):
                some[i] |= lasts[i] ^ periods[i]
        found = 0
        for i in range(rows):
            listed[found] = i
            found += some[i] != 0
        if found:
            found = _added(
                listed[:found], start, periods, lasts, diagnoses, maps, diagnosis_maps, keys, rules, reasons, entries
            )  # fmt: skip
        if found:
            _rest(listed[:found], start, batch, know, entries, said)
        _written(start, rows, entries, flags, verdict, leaning, leaning_bits, rule, rule_bits, reason)


@_compiled
def _cells_of_bad_days(rows, batch, know, asked, cells):
    """Where rows that end before they begin are answered."""
    size = np.uint32(know.planes.shape[1] * know.planes.shape[2])
    bad_day, plane = batch.bad_day, np.uint32(batch.plane[batch.bad_day])
    for i in range(rows):
        if asked[i] == bad_day:
            cells[i] = plane * size + cells[i] % size


@_compiled
def _written(start, rows, entries, flags, verdict, leaning, leaning_bits, rule, rule_bits, reason):
    """The answers of a block, as indices of the words, with validity bits.

    A loop for each: small ones become vector instructions.
    """
    zero, one, two, four = np.int32(0), np.int32(1), np.int32(2), np.int32(4)
    out = verdict[start : start + rows]
    for i in range(rows):
        standing = np.int32(entries[i] & np.uint32(7))
        out[i] = min(standing, two) + max(standing - four, zero)
    out = leaning[start : start + rows]
    for i in range(rows):
        out[i] = min(max(np.int32(entries[i] & np.uint32(7)) - two, zero), two)
    for i in range(rows):
        flags[i] = (entries[i] & np.uint32(7)) - np.uint32(2) < np.uint32(3)
    _bits_of(flags, rows, start, leaning_bits)
    out = reason[start : start + rows]
    for i in range(rows):
        out[i] = entries[i] >> np.uint32(3) & np.uint32(31)
    numbers = rule[start : start + rows]
    for i in range(rows):
        numbers[i] = max(np.int32(entries[i] >> np.uint32(8) & np.uint32(0x1FFF)) - one, zero)
    for i in range(rows):
        flags[i] = (entries[i] & np.uint32(0x1FFF00)) != np.uint32(0)
    _bits_of(flags, rows, start, rule_bits)


@_compiled
def renumber(codes, numbers, out, bits):
    """The candidates' standings as indices of a dictionary, with the bits of those that are there."""
    for i in range(codes.shape[0]):
        out[i] = numbers[codes[i]]
        if codes[i]:
            bits[i >> 3] |= np.uint8(1 << (i & 7))


@_compiled
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
