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
#: Where the columns of diagnoses begin.
FIRST_DIAGNOSIS = 4
#: The most candidates of technique that a question can have.
CANDIDATES = 4
LEFT_OUT = 7
#: Reasons that the kernel itself gives, by their place in ``Knowledge.reasons``.
ASKS, FORBIDS, URGENT, CHANGES, AMBIGUOUS = 0, 1, 2, 3, 4


class Knowledge(NamedTuple):
    """Law and safety as arrays.

    ``planes`` [plane, period, profession] holds entries, ``sayings`` likewise what the candidates of a question
    say (0: there is one technique). ``epochs`` counts the days of change up to a day, from
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

    ``columns`` has a row per column (place, profession, technique, regions, then diagnoses): address of the
    indices, their width in bytes, address of the validity bits or 0, offset of the first row. ``maps`` holds the
    columns' dictionaries one after the other, ``map_start`` where each begins; its first value is for a null.
    ``days`` has a row for the first and one for the last day: address, address of the validity bits, offset.
    ``questions`` [technique, regions] is a question; ``plane`` its plane, which answers rows without a finding;
    ``plain`` whether a finding may be added to that answer; ``count``, ``techniques`` and ``candidates``
    its candidates and their planes; ``by_diagnosis`` whether its regions are read from the diagnoses;
    ``read_planes`` [technique, regions as bits] the planes for them; ``reach`` the regions of a technique as bits;
    ``lists`` the number of its list of candidates. ``quick_planes`` is where the planes of the techniques'
    dictionary begin, if the first three columns have 32-bit indices and no nulls and the fourth shares the
    third's; else empty.
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
