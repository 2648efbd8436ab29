"""How compiled code reads Arrow's buffers block by block, and writes them."""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, misc, attr-defined"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit, types
from numba.extending import intrinsic


def compiled(function: Any) -> Any:
    """Compiled without the lock of the interpreter, for functions of the kernel's own use."""
    return njit(nogil=True)(function)


@intrinsic
def pointer(typingctx, address):
    """An address as a pointer."""

    def codegen(context, builder, signature, args):
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return types.voidptr(address), codegen


@compiled
def flags_of(address, offset, rows, flags, expanded):
    """Validity bits as flags, a byte each."""
    bits = carray(pointer(address + (offset >> 3)), (((offset & 7) + rows + 7) >> 3,), np.uint8)
    shift = offset & 7
    if shift == 0:
        eights = flags.view(np.uint64)
        for at in range((rows + 7) >> 3):
            eights[at] = expanded[bits[at]]
    else:
        for i in range(rows):
            flags[i] = (bits[(shift + i) >> 3] >> ((shift + i) & 7)) & 1


@compiled
def looked_up(column, table, low, rows, out, flags, expanded):
    """What the dictionary's values mean, for a block of rows; ``table[0]`` where a row is null.

    No branch on nulls: an index that lies under one is multiplied by zero.
    """
    address, width, offset = column[0], column[1], column[3] + low
    has_nulls = column[2] != 0
    values = table[1:]
    one = np.uint32(1)
    if has_nulls:
        flags_of(column[2], offset, rows, flags, expanded)
    if width == 1:
        ones = carray(pointer(address + offset), (rows,), np.uint8)
        if has_nulls:
            for i in range(rows):
                out[i] = table[(np.uint32(ones[i]) + one) * np.uint32(flags[i])]
        else:
            for i in range(rows):
                out[i] = values[ones[i]]
    elif width == 2:
        twos = carray(pointer(address + 2 * offset), (rows,), np.uint16)
        if has_nulls:
            for i in range(rows):
                out[i] = table[(np.uint32(twos[i]) + one) * np.uint32(flags[i])]
        else:
            for i in range(rows):
                out[i] = values[twos[i]]
    elif width == 4:
        fours = carray(pointer(address + 4 * offset), (rows,), np.uint32)
        if has_nulls:
            for i in range(rows):
                out[i] = table[(fours[i] + one) * np.uint32(flags[i])]
        else:
            for i in range(rows):
                out[i] = values[fours[i]]
    elif width == 8:
        eights = carray(pointer(address + 8 * offset), (rows,), np.uint64)
        for i in range(rows):
            there = np.uint64(flags[i]) if has_nulls else np.uint64(1)
            out[i] = table[(eights[i] + np.uint64(1)) * there]
    else:  # a column that is not there, or holds nothing
        for i in range(rows):
            out[i] = table[0]


@compiled
def class_at(columns, k, maps, first, row):
    """What the value of one column means in one row. No branch on nulls: what lies under one is not looked up."""
    address, width, valid, at = columns[k, 0], columns[k, 1], columns[k, 2], columns[k, 3] + row
    there = np.int64(1)
    if valid != 0:
        there = np.int64(carray(pointer(valid + (at >> 3)), (1,), np.uint8)[0] >> np.uint8(at & 7)) & 1
    index = np.int64(-1)
    if width == 4:
        index = np.int64(carray(pointer(address + 4 * at), (1,), np.uint32)[0])
    elif width == 1:
        index = np.int64(carray(pointer(address + at), (1,), np.uint8)[0])
    elif width == 2:
        index = np.int64(carray(pointer(address + 2 * at), (1,), np.uint16)[0])
    elif width == 8:
        index = carray(pointer(address + 8 * at), (1,), np.int64)[0]
    return maps[np.uint64(first + (index + 1) * there)]


@compiled
def mark(column, table, low, rows, exact, some, spare, flags, expanded):
    """Adds the marks of a diagnosis to ``some``, for a block of rows.

    Unless it must be exact nulls are not looked at: what lies under one (mostly the first value) may seem to mean
    something, and rows that do are looked at again.
    """
    address, width, offset = column[0], column[1], column[3] + low
    values = table[1:]
    last = values.shape[0] - 1
    if last < 0:
        return
    if column[2] != 0 and (exact or values[0] != 0):
        looked_up(column, table, low, rows, spare, flags, expanded)
        for i in range(rows):
            some[i] |= spare[i]
    elif width == 1:
        ones = carray(pointer(address + offset), (rows,), np.uint8)
        for i in range(rows):
            some[i] |= values[min(np.uint32(ones[i]), np.uint32(last))]
    elif width == 2:
        twos = carray(pointer(address + 2 * offset), (rows,), np.uint16)
        for i in range(rows):
            some[i] |= values[min(np.uint32(twos[i]), np.uint32(last))]
    elif width == 4:
        fours = carray(pointer(address + 4 * offset), (rows,), np.uint32)
        for i in range(rows):
            some[i] |= values[min(fours[i], np.uint32(last))]
    elif width == 8:
        eights = carray(pointer(address + 8 * offset), (rows,), np.uint64)
        for i in range(rows):
            some[i] |= values[min(eights[i], np.uint64(last))]


@compiled
def days_of(columns, number, start, rows):
    address, offset = columns[number, 0], columns[number, 2] + start
    return carray(pointer(address + 4 * offset), (rows,), np.int32)


@compiled
def day_at(columns, number, row):
    return carray(pointer(columns[number, 0] + 4 * (columns[number, 2] + row)), (1,), np.int32)[0]


@compiled
def bits_of(flags, rows, low, out):
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


@compiled
def written(start, rows, entries, flags, verdict, leaning, leaning_bits, rule, rule_bits, reason):
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
    bits_of(flags, rows, start, leaning_bits)
    out = reason[start : start + rows]
    for i in range(rows):
        out[i] = entries[i] >> np.uint32(3) & np.uint32(31)
    numbers = rule[start : start + rows]
    for i in range(rows):
        numbers[i] = max(np.int32(entries[i] >> np.uint32(8) & np.uint32(0x1FFF)) - one, zero)
    for i in range(rows):
        flags[i] = (entries[i] & np.uint32(0x1FFF00)) != np.uint32(0)
    bits_of(flags, rows, start, rule_bits)
