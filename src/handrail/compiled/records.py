"""What the kernel is given, and the numbers that it shares with those who prepare it.

An entry is a 32-bit word that says all about an answer:

    bits  0-2   standing, 0 (permitted) to 6 (urgent); 7: not judged
    bits  3-7   reason
    bits  8-20  rule, as 1 + its number; 0: none
    bits 21-31  context: the technique with the regions that decide, for which a diagnosis is looked up
"""

from __future__ import annotations

from typing import Any, NamedTuple

BLOCK = 4096
#: A candidate that is left out has no plane.
NO_PLANE = -1
#: The context of a plane to which a finding cannot simply be added.
NOT_PLAIN = 2047
#: The contexts of planes whose regions are read from the diagnoses, one for each list of techniques.
READ = 1900
#: Of what a diagnosis marks: regions as bits, and that it means a finding.
REGION_BITS, MEANS = 31, 1 << 15
#: Where the columns of diagnoses begin.
FIRST_DIAGNOSIS = 4
#: The most candidates of technique that a question can have.
CANDIDATES = 4
LEFT_OUT = 7
#: Reasons that the kernel itself gives, by their place in ``Knowledge.reasons``.
ASKS, FORBIDS, URGENT, CHANGES, AMBIGUOUS = 0, 1, 2, 3, 4


class Knowledge(NamedTuple):
    """Law and safety as arrays.

    Args:
        planes: [plane, period, profession] an entry.
        sayings: likewise, what the candidates of a question say; 0: there is one technique.
        read: [list of techniques, regions as bits] the way from a cell of the plane whose regions are read from
            the diagnoses to that of the plane with these regions.
        epochs: from ``first_epoch_day`` on, how many days of change lie up to a day.
        periods: [place, epoch] the row of a plane.
        plane_work, context_work: places of work (technique and region), -1 behind the last.
        standing, needs: [period, profession, place of work] as ``base`` has them; ``need_sets`` too.
        key: [context, class of diagnosis] 8 x standing + 7 - the place of the first region with it; 0: nothing.
        rule: likewise the finding behind it.
        class_start, class_matches: which findings a class means; ``class_regions`` the regions it names, as bits.
        match_key, match_rule: as ``key`` and ``rule``, of single findings.
        covers: [a, b] a stronger finding a takes b out.
        grade: [finding, place of work] a standing; ``match_needs`` what would settle it, as bits.
        reasons: the reasons that the kernel itself gives.
    """

    planes: Any
    sayings: Any
    read: Any
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

    Args:
        columns: a row per column (place, profession, technique, regions, then diagnoses): address of the indices,
            their width in bytes, address of the validity bits or 0, offset of the first row.
        maps: the columns' dictionaries one after the other; the first value of each is for a null.
        marks: laid out likewise, marks of diagnoses.
        map_start: where each dictionary begins.
        days: a row for the first and one for the last day: address, address of the validity bits, offset.
        questions: [technique, regions] a question. The others are by question:
        plane: its plane, which answers rows without a finding.
        plain: whether a finding may be added to that answer.
        count, techniques, candidates: its candidates and their planes.
        by_diagnosis: whether its regions are read from the diagnoses.
        read_planes: [technique, regions as bits] the planes for them; ``reach`` a technique's regions as bits.
        lists: the number of its list of candidates.
        quick_planes: where the planes of the techniques' dictionary begin, if the first three columns have 32-bit
            indices and no nulls and the fourth shares the third's; else empty.
        no_day, bad_day: questions of rows whose days are not there or odd.
        day_range: the calendar's first and last day.
    """

    columns: Any
    maps: Any
    marks: Any
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
