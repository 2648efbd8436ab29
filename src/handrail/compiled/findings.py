"""What findings make of the law's answers, row by row: few rows of a batch come here."""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, misc, attr-defined"

from __future__ import annotations

import numpy as np
from numba import carray

from handrail.compiled.buffers import class_at, compiled, day_at, pointer
from handrail.compiled.records import (
    AMBIGUOUS,
    ASKS,
    CANDIDATES,
    CHANGES,
    FIRST_DIAGNOSIS,
    FORBIDS,
    LEFT_OUT,
    NO_PLANE,
    NOT_PLAIN,
    URGENT,
)


@compiled
def covered(match, classes, know):
    for one in classes:
        for at in range(know.class_start[one], know.class_start[one + 1]):
            if know.covers[know.class_matches[at], match]:
                return True
    return False


@compiled
def tied(context, best, classes, know):
    """The first finding of the worst standing that no stronger one of the same row takes out."""
    for one in classes:
        for at in range(know.class_start[one], know.class_start[one + 1]):
            match = know.class_matches[at]
            if know.match_key[context, match] == best and not covered(match, classes, know):
                return np.int64(know.match_rule[match])
    return np.int64(0)


@compiled
def with_findings(entry, classes, know):
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
    rule = tied(context, best, classes, know) if tie else np.int64(know.rule[context, worst])
    reason = np.int64(know.reasons[ASKS if standing == 1 else (FORBIDS if standing == 5 else URGENT)])
    return standing | reason << 3 | rule << 8 | context << 21


@compiled
def leans(standing):
    """Which way a standing leans, as the undetermined standing that leans so."""
    return min(max(np.int64(standing), 2), 4)


@compiled
def over_days(plane, first, last, profession, classes, know):
    """The answer over all days of a period in which the law changes: one answer, or that it changes."""
    whole = with_findings(np.int64(know.planes[plane, first, profession]), classes, know)
    if whole & 7 == 7:
        return whole
    works = know.standing.shape[2]
    grades = np.zeros(works, np.uint8)
    settle = np.zeros((works, know.match_needs.shape[2]), np.uint64)
    for one in classes:
        for at in range(know.class_start[one], know.class_start[one + 1]):
            match = know.class_matches[at]
            if covered(match, classes, know):
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
        worst = max(worst, leans(standing))
    if changes:
        return worst | np.int64(know.reasons[CHANGES]) << 3 | whole >> 21 << 21
    return whole


@compiled
def candidates(question, first, last, profession, classes, know, batch):
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
            entry = with_findings(np.int64(know.planes[plane, first, profession]), classes, know)
        else:
            entry = over_days(np.int64(plane), first, last, profession, classes, know)
        standing = entry & 7
        if standing == 7:
            return entry, np.int32(0)
        said |= np.int32(standing) << (3 * k)
        lean = leans(standing)
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


@compiled
def period_at(place, day, know):
    at = min(max(np.int64(day) - np.int64(know.first_epoch_day), 0), np.int64(know.epochs.shape[0] - 1))
    return know.periods[place, know.epochs[at]]


@compiled
def added(listed, start, periods, lasts, columns, maps, starts, keys, rules, reasons, entries):
    """Adds findings to the answers of the rows listed. Those that are not so simple are listed anew; how many."""
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
                one = class_at(columns, k, maps, starts[k], start + i)
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


@compiled
def rest(listed, start, batch, know, entries, said):
    """The rows of a block that are not so simple: candidates, days in which the law changes, equal findings."""
    columns, maps, starts = batch.columns, batch.maps, batch.map_start
    classes = np.zeros(columns.shape[0] - FIRST_DIAGNOSIS, np.uint16)
    for i in listed:
        row = start + i
        for k in range(classes.shape[0]):
            classes[k] = class_at(columns, FIRST_DIAGNOSIS + k, maps, starts[FIRST_DIAGNOSIS + k], row)
        place = class_at(columns, np.int64(0), maps, starts[0], row)
        profession = class_at(columns, np.int64(1), maps, starts[1], row)
        question = class_at(columns, np.int64(2), maps, starts[2], row)
        if batch.questions.shape[1] > 1:
            question = batch.questions[question, class_at(columns, np.int64(3), maps, starts[3], row)]
        period = period_at(place, day_at(batch.days, np.int64(0), row), know)
        last = period
        if batch.days[1, 0] != 0:
            at = batch.days[1, 2] + row
            valid = batch.days[1, 1]
            if valid == 0 or (carray(pointer(valid + (at >> 3)), (1,), np.uint8)[0] >> (at & 7)) & 1:
                last = period_at(place, day_at(batch.days, np.int64(1), row), know)
        if not batch.plain[question]:
            entries[i], code = candidates(question, period, last, profession, classes, know, batch)
            if said.shape[0] > 0:
                said[row] = code
        elif period != last:
            entries[i] = over_days(np.int64(batch.plane[question]), period, last, profession, classes, know)
        else:
            entries[i] = with_findings(np.int64(entries[i]), classes, know)
