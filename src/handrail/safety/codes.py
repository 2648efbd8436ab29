"""What a code in a record may mean: ICD-10-CM, SNOMED CT, RxNorm and names of medicines.

A code never decides more than it says. A ``broad`` match asks; a ``conditional`` one needs a fact that the code
does not carry (a 7th character, a date, activity) and asks where nobody gives it. Sources: the rows' own codes in
``knowledge/contraindications.yaml``, ``snomed.yaml`` and ``medications.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from typing import Literal, NamedTuple

import msgspec

from handrail.safety.code_files import FACTS, Fact, Group, Medicine, medications_file, problems, snomed_file
from handrail.safety.icd import description, icd_site, icd_sites, is_valid, normal
from handrail.safety.load import contraindications, contraindications_file
from handrail.terms import SITES, InputError

__all__ = [
    "Coded",
    "Facts",
    "Match",
    "body_site",
    "description",
    "icd10cm",
    "icd_site",
    "is_procedure",
    "is_valid",
    "look_up",
    "medicine",
    "normal",
    "problems",
    "snomed",
    "strongest",
]

#: Old injuries of cord and neck vessels still count as such: S at the end does not take them out.
SEQUELA_COUNTS = ("S14", "S15", "S24", "S34")
SEQUELA_ENDS = ("S", "T", "M484", "M485", "M80", "M84", "M97")
_ACTIVE_CARE = frozenset("ABCDEFGHJKMNPQR")
#: History codes inside a conditional row: its note calls them history, so a date of theirs tells nothing.
_HISTORY = ("Z86", "Z87")


class Facts(NamedTuple):
    """What a record says beside the code; None: it does not say.

    Args:
        day: the day asked.
        since: when the condition began.
        active: whether the record calls it active.
        flare: whether the record says that it has come back.
    """

    day: date | None = None
    since: date | None = None
    active: bool | None = None
    flare: bool | None = None


NOTHING = Facts()


class Match(NamedTuple):
    """A row that a code means, or may mean."""

    finding: str
    match: Literal["exact", "broad"]
    why: str
    site: str | None = None


class Coded(NamedTuple):
    """What a code means.

    Args:
        system: ``icd10cm``, ``snomed``, ``rxnorm`` or ``name``.
        code: as it is written in that system.
        known: whether Handrail's files have it.
        matches: the rows that it means, or may mean.
        notes: what else to say, such as a row that it does not mean and why.
        name: what the files call it.
        source: where the code was seen.
        excluded: rows that the code says do not apply.
        site: where it sits, if the code says so.
    """

    system: str
    code: str
    known: bool
    matches: tuple[Match, ...] = ()
    notes: tuple[str, ...] = ()
    name: str | None = None
    source: str | None = None
    excluded: tuple[str, ...] = ()
    site: str | None = None


# ICD-10-CM


@cache
def _icd_index() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[tuple[str, str], ...]]]:
    """Rows by listed prefix, and listed prefixes with their rows by each shorter code above them."""
    listed: dict[str, list[str]] = {}
    above: dict[str, list[tuple[str, str]]] = {}
    for row in contraindications_file().contraindications:
        for code in row.icd10cm:
            prefix = code.replace(".", "")
            listed.setdefault(prefix, []).append(row.id)
            for length in range(3, len(prefix)):
                above.setdefault(prefix[:length], []).append((row.id, code))
    return {k: tuple(v) for k, v in listed.items()}, {k: tuple(v) for k, v in above.items()}


@lru_cache(maxsize=65536)
def icd10cm(code: str, facts: Facts = NOTHING) -> Coded:
    """The rows that an ICD-10-CM code means: those of every listed code that it starts with.

    Args:
        code: with or without its dot, in any case.
        facts: what the record says beside it.

    Raises:
        InputError: if it has not the form of such a code.

    >>> [(m.finding, m.match) for m in icd10cm("M81.0").matches]
    [('osteoporosis', 'exact')]
    """
    code = normal(code)
    bare = code.replace(".", "")
    listed, above = _icd_index()
    rows = contraindications()
    site, sites = icd_site(code), icd_sites(code)
    found: dict[str, str] = {}
    for length in range(3, len(bare) + 1):
        for row in listed.get(bare[:length], ()):
            found[row] = bare[:length]
    sequela = len(bare) == 7 and bare[6] == "S" and bare.startswith(SEQUELA_ENDS)
    if sequela and not bare.startswith(SEQUELA_COUNTS):
        names = ", ".join(found)
        note = f"7th character S: the sequela of an old injury, which does not count as {names}" if names else ""
        return Coded("icd10cm", code, bool(found), notes=(note,) if note else (), excluded=tuple(found), site=site)
    matches: list[Match] = []
    notes: list[str] = []
    for id_, prefix in found.items():
        how = rows[id_].icd10cm_match or "broad"
        made = _match(id_, how, _dotted(prefix), bare, facts, sites)
        if isinstance(made, list):
            matches += made
        else:
            notes.append(made)
    under: dict[str, str] = {}
    for id_, listed_code in above.get(bare, ()):
        if id_ not in found:
            under.setdefault(id_, listed_code)
    matches += [
        Match(id_, "broad", f"{code} is a group of codes; {listed_code} in it means it: ask", at)
        for id_, listed_code in under.items()
        for at in _fits(id_, sites)
    ]
    return Coded("icd10cm", code, bool(found or under), tuple(matches), tuple(notes), site=site)


def _dotted(bare: str) -> str:
    return f"{bare[:3]}.{bare[3:]}".rstrip(".")


def _match(
    id_: str, how: str, listed: str, bare: str | None, facts: Facts, sites: tuple[str, ...]
) -> list[Match] | str:
    """The matches of a row by a code, one for each place, or why it is none.

    ``bare`` is the ICD-10-CM code, None in another system.
    """
    found = _meaning(id_, how, listed, bare, facts)
    return found if isinstance(found, str) else [found._replace(site=at) for at in _fits(id_, sites)]


def _meaning(id_: str, how: str, listed: str, bare: str | None, facts: Facts) -> Match | str:
    fact = FACTS.get(id_)
    if how == "exact":
        return Match(id_, "exact", f"{listed} means it")
    if fact is not None:
        return _by_fact(fact, id_, listed, bare, facts)
    why = contraindications()[id_].icd10cm_note if bare else None
    return Match(id_, "broad", f"{listed} also means other things{f' ({why})' if why else ''}: ask")


def _by_fact(fact: Fact, id_: str, listed: str, bare: str | None, facts: Facts) -> Match | str:
    if fact.kind == "character":
        if bare is not None and len(bare) == 7:
            if bare[6] in _ACTIVE_CARE:
                return Match(id_, "exact", f"{listed}, and its 7th character {bare[6]} says it has not healed")
        elif bare is None and facts.active:
            return Match(id_, "exact", f"{listed}, and the record calls it active")
    elif fact.kind == "flare" and facts.flare:
        return Match(id_, "exact", f"{listed}, and the record says that it has come back")
    elif (
        fact.kind == "recent" and fact.days and facts.since and facts.day and not (bare or "").startswith(_HISTORY)
    ):
        ago = (facts.day - facts.since).days
        if 0 <= ago <= fact.days:
            return Match(id_, "exact", f"{listed}, {ago} days before the day asked")
        if ago > fact.days and fact.older_is_no:
            return f"{id_}: {facts.since} is more than {fact.days} days before the day asked"
    return Match(id_, "broad", f"{listed} does not say {fact.question}: ask")


def _fits(id_: str, sites: tuple[str, ...]) -> tuple[str | None, ...]:
    """Those of some sites at which a row can sit; None where that does not narrow it.

    A row of scope ``general`` bars everywhere: several sites tell nothing more.
    """
    row = contraindications()[id_]
    found = tuple(site for site in sites if any(row.covers(at) for at in SITES.get(site, (site,))))
    return found if len(found) == 1 or (found and row.scope == "at_site") else (None,)


# SNOMED CT


@cache
def _snomed_index() -> dict[str, Group]:
    """Groups by code. A dossier code that no group names gets a group of its own."""
    file = snomed_file()
    index = {code: group for group in file.groups for code in (*group.codes, *group.code_list)}
    seen = contraindications_file().snomed_seen
    meant: dict[str, list[dict[str, str]]] = {}
    for row in contraindications_file().contraindications:
        for code in row.snomed:
            how = row.icd10cm_match or "exact"
            meant.setdefault(code, []).append({"id": row.id, "match": how})
    for code, entry in seen.items():
        if code not in index:
            data = {
                "id": f"dossier_{code}",
                "name": entry.display,
                "findings": meant.get(code, []),
                "source": "dossier",
                "where": entry.seen_in,
                "codes": {code: entry.display},
            }
            index[code] = msgspec.convert(data, Group)
    return index


@lru_cache(maxsize=65536)
def snomed(code: str, facts: Facts = NOTHING) -> Coded:
    """The rows that a SNOMED CT code means.

    >>> [(m.finding, m.match) for m in snomed("64859006").matches]
    [('osteoporosis', 'exact')]
    """
    group = _snomed_index().get(code)
    if group is None:
        return Coded("snomed", code, known=False)
    seen = contraindications_file().snomed_seen.get(code)
    name = group.codes.get(code) or (seen.display if seen else group.name)
    source = snomed_file().sources.get(group.source)
    where = f"{source.title}: {group.where}" if source else group.where
    matches: list[Match] = []
    notes = [group.note] if group.note else []
    for meant in group.findings:
        made = _match(meant.id, meant.match, name, None, facts, (group.site,) if group.site else ())
        if isinstance(made, list):
            matches += made
        else:
            notes.append(made)
    if not group.findings:
        notes.insert(0, "recognised, and no row speaks of it")
    return Coded("snomed", code, True, tuple(matches), tuple(notes), name, where, site=group.site)


def is_procedure(code: str) -> bool:
    """Whether a SNOMED CT code stands in a group of procedures."""
    group = _snomed_index().get(code)
    return group is not None and group.kind == "procedure"


@cache
def _sites() -> dict[str, str]:
    return {code: site for site, codes in snomed_file().body_sites.sites.items() for code in codes}


def body_site(code: str) -> str | None:
    """The region of a SNOMED CT body structure, if the files have it.

    >>> body_site("122496007")
    'lumbar'
    """
    return _sites().get(code)


# Medicines


@cache
def _medicine_index() -> tuple[dict[str, Medicine], dict[str, Medicine], frozenset[str]]:
    file = medications_file()
    codes = {code: m for m in file.medicines for code in (*m.ingredients, *m.products)}
    names = {name: m for m in file.medicines for name in m.names}
    return codes, names, frozenset(file.local_forms)


_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")


@lru_cache(maxsize=16384)
def medicine(code: str | None, *words: str) -> Coded | None:
    """What a medicine means, by its RxNorm code or else by its names.

    Args:
        code: an RxNorm code, or None.
        words: the display and text of the medicine.

    >>> medicine("11289").matches[0].finding
    'anticoagulant_therapy'
    >>> medicine(None, "Hydrocortisone 1% cream").matches
    ()
    """
    codes, names, local = _medicine_index()
    by_code = codes.get(code) if code else None
    spoken = [word for text in words for word in _NAME.findall(text.lower())]
    found: dict[str, Medicine] = {m.id: m for m in (by_code,) if m}
    if by_code is None:
        found.update((names[word].id, names[word]) for word in spoken if word in names)
    if not found:
        return None
    sources = medications_file().sources
    matches, notes = [], []
    for held in found.values():
        here = held.names[0] if by_code is None else f"RxNorm {code} ({held.names[0]})"
        if held.systemic_only and by_code is None and (form := next((w for w in spoken if w in local), None)):
            notes.append(f"{held.names[0]}: {form} is a local form, which does not count as {held.finding}")
            continue
        why = f"{here} means it" if held.match == "exact" else f"{here} may mean it: ask"
        matches.append(Match(held.finding, held.match, why))
    title = "; ".join(dict.fromkeys(sources[key].title for held in found.values() for key in held.sources))
    system = "rxnorm" if by_code else "name"
    name = ", ".join(held.names[0] for held in found.values())
    return Coded(system, code or name, True, tuple(matches), tuple(notes), name, title)


def look_up(text: str, facts: Facts = NOTHING) -> list[Coded]:
    """Everything that a code, or the name of a medicine, may mean, in each system whose form it has.

    Raises:
        InputError: if it has the form of none.
    """
    text = text.strip()
    if text.isdigit() and text.isascii():
        made = [snomed(text, facts), medicine(text) or Coded("rxnorm", text, known=False)]
        return [coded for coded in made if coded.known] or made
    try:
        return [icd10cm(text, facts)]
    except InputError:
        named = medicine(None, text)
        if named is None:
            raise
        return [named]


def strongest(matches: Iterable[Match]) -> list[Match]:
    """Matches without those that a stronger one of the same row, at the same place or anywhere, covers."""
    kept: dict[tuple[str, str | None, str], Match] = {}
    for match in matches:
        kept.setdefault((match.finding, match.site, match.match), match)
    return [
        match
        for key, match in kept.items()
        if not any(
            (match.finding, site, how) in kept and (match.finding, site, how) != key
            for site in {None, match.site}
            for how in ("exact", match.match)
        )
    ]
