"""What each table and column of an export holds: each format's schema and the documentation use it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from handrail.export.model import RANKS
from handrail.export.tables import Tables
from handrail.terms import FULL_REGISTER_CLASSES

Type = Literal["string", "integer", "boolean", "date"]


class Column(NamedTuple):
    """A column: its name, its type, and what it holds."""

    name: str
    type: Type
    text: str


class Table(NamedTuple):
    """A table: its name, what a row is, its columns, its key, and how its rows are made."""

    name: str
    text: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: Callable[[Tables], list[Sequence[Any]]]


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from lines of ``name type text``."""
    made = []
    for line in text.strip().splitlines():
        name, kind, said = line.strip().split(maxsplit=2)
        made.append(Column(name, kind, said))  # type: ignore[arg-type]
    return tuple(made)


def _of_dicts(made: Callable[[Tables], list[dict[str, Any]]]) -> Callable[[Tables], list[Sequence[Any]]]:
    return lambda tables: [tuple(row.values()) for row in made(tables)]


def _clauses(tables: Tables) -> list[Sequence[Any]]:
    return [
        (cell.number, position, opening.rule, number, len(clause))
        for cell in tables.cells
        for position, opening in enumerate(cell.openings, 1)
        for number, clause in enumerate(opening.clauses, 1)
    ]


def _atoms(tables: Tables) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = []
    for cell in tables.cells:
        for position, opening in enumerate(cell.openings, 1):
            for number, clause in enumerate(opening.clauses, 1):
                rows += [(cell.number, position, number, atom, *_parts(atom)) for atom in clause]
    return rows


def _parts(atom: str) -> tuple[str, str, int | None]:
    kind, _, rest = atom.partition(":")
    if kind == "hours":
        subject, _, least = rest.rpartition(":")
        return kind, subject, int(least)
    return kind, rest, None


def _atom_classes(tables: Tables) -> list[Sequence[Any]]:
    atoms = dict.fromkeys(row[3] for row in _atoms(tables) if row[4] == "class_not")
    return [(atom, name) for atom in atoms for name in atom.partition(":")[2].split("|")]


def _cells(tables: Tables) -> list[Sequence[Any]]:
    order: dict[tuple[Any, ...], int] = {}
    rows: list[Sequence[Any]] = []
    for cell in tables.cells:
        place = (cell.jurisdiction, cell.profession, cell.technique, cell.valid_from)
        order[place] = order.get(place, 0) + 1
        rows.append((*cell[:5], order[place], *cell[5:10], cell.granted))
    return rows


_DAYS = """
    valid_from date the first day, 0001-01-01 if open
    valid_to date the last day, 9999-12-31 if open"""
_WHERE = """
    jurisdiction string ISO 3166-2 code
    profession string id of the profession
    technique string soft_tissue, mobilization, thrust_spine or thrust_extremity"""
_SOURCE = """
    citation string the text of law
    summary string what it says, in our own words
    source string where it was read
    text_seen boolean whether the text itself was read
    note string doubts"""

TABLES: tuple[Table, ...] = (
    Table(
        "jurisdictions",
        "A place whose law was researched.",
        _columns("""
        jurisdiction string ISO 3166-2 code
        name string its name
        researched date the day on which its law was researched"""),
        ("jurisdiction",),
        _of_dicts(Tables.jurisdictions),
    ),
    Table(
        "professions",
        "How a place regulates a profession.",
        _columns("""
        jurisdiction string ISO 3166-2 code
        profession string id of the profession
        regulated string licensed, registered, certified, voluntary, none or unknown
        title string the title used there
        regulator string who regulates it
        regulator_url string its address; null where the research found none
        practice_act string the act that governs it"""),
        ("jurisdiction", "profession"),
        _of_dicts(Tables.professions),
    ),
    Table(
        "rules",
        "A dated, cited statement of law.",
        _columns(f"""
        id string for ever the same{_WHERE}
        regions string regions it names, or all
        effect string permitted, conditional, prohibited, silent or unknown
        read boolean whether its text was read and is no second-hand report
        effective_from date the first day in force; null: open, or not researched
        effective_to date the last day in force; null: open
        citation string the text of law
        basis string statute, regulation, regulator_guidance, attorney_general, court or secondary
        explicit boolean false where it follows from definitions
        summary string what it says, in our own words
        source string where it was read
        text_seen boolean whether the text itself was read
        note string doubts
        conditions string its conditions as JSON; null: none"""),
        ("id",),
        _of_dicts(Tables.rules),
    ),
    Table(
        "conditions",
        "A condition of a rule, or a member of a group.",
        _columns("""
        rule string id of the rule
        path string its place in the rule: 2.1 is the first member of the second
        id string id of the condition
        type string endorsement, training, referral, ...; any_of and all_of are groups
        class string qualification, narrowing or duty (a duty is never in the way)
        text string what it asks for
        hours integer hours of training asked for
        met_by string ids of conditions that include it
        closed_to string register classes to which the technique is closed
        refers_to string the rule whose other conditions apply too"""),
        ("rule", "path"),
        _of_dicts(Tables.conditions),
    ),
    Table(
        "prerequisites",
        "Something that a law wants before a technique.",
        _columns(f"""
        id string id of the prerequisite
        jurisdiction string ISO 3166-2 code
        technique string before which technique
        binds string professions, any, or licensees
        chapter string the chapter under which licensees are licensed
        exempt string professions that it does not bind
        number integer which of the things it wants
        requires string id of the step or qualification
        kind string step (done at the visit) or person (who does it)
        text string what is wanted
        hours integer hours of training
        optional boolean an optional one is never a need
        effective_from date the first day in force; null: open
        effective_to date the last day in force; null: open{_SOURCE}"""),
        ("id", "number"),
        _of_dicts(Tables.prerequisites),
    ),
    Table(
        "reserved_acts",
        "An act that a law keeps for some professions.",
        _columns("""
        id string id of the act
        jurisdiction string ISO 3166-2 code
        effective_from date the first day in force; null: open
        effective_to date the last day in force; null: open
        citation string the text of law
        summary string what it says, in our own words
        techniques string the techniques that it reaches
        regions string the regions that it reaches, or all
        granted_to string professions that have it
        granted_to_others string others that have it, in words
        granted_to_complete boolean whether the text says that nobody else has it
        does_not_affect string professions that it leaves alone
        source string where it was read
        text_seen boolean whether the text itself was read
        note string doubts"""),
        ("id",),
        _of_dicts(Tables.reserved_acts),
    ),
    Table(
        "terms",
        "A place's own word, and what it means there.",
        _columns("""
        jurisdiction string ISO 3166-2 code
        term string the word
        technique string the techniques that it means
        regions string the regions that it means; null: all
        sense string in which sense
        citation string the text of law
        source string where it was read
        text_seen boolean whether the text itself was read
        note string doubts"""),
        ("jurisdiction", "term"),
        _of_dicts(Tables.terms),
    ),
    Table(
        "answers",
        "The general answer: nothing known of the credential or the client.",
        _columns(f"""{_WHERE}
        region string a region of the technique, or any where none is asked{_DAYS}
        rank integer 0 (permitted) to 6 (urgent), see ranks
        verdict string permitted, conditional, undetermined or prohibited
        leaning string yes, none or no; null unless undetermined
        rule string what decides; null where no rule was found"""),
        ("jurisdiction", "profession", "technique", "region", "valid_from"),
        lambda tables: list(tables.answers),
    ),
    Table(
        "cells",
        "How the law stands for one region between two changes.",
        _columns(f"""
        cell integer its number{_WHERE}
        region string a region of the technique
        region_number integer the region's place in the technique's own order{_DAYS}
        decides boolean whether the region counts where none is asked
        fixed_rank integer the rank that nothing shown can change; null: only clauses decide
        fixed_rule string the rule behind it
        granted boolean whether a permitted rule of the profession's own was read"""),
        ("cell",),
        _cells,
    ),
    Table(
        "clauses",
        "A way to meet what a conditional rule asks for: its rank is 0 once one of its clauses is met, else 1.",
        _columns("""
        cell integer number of the cell
        opening integer which of the cell's conditional rules
        rule string id of the rule
        clause integer which of the ways
        atoms integer how many atoms must hold"""),
        ("cell", "opening", "clause"),
        _clauses,
    ),
    Table(
        "atoms",
        "Something that must be shown for a clause to be met.",
        _columns("""
        cell integer number of the cell
        opening integer which of the cell's conditional rules
        clause integer which of the ways
        atom string the atom whole, such as held:spinal_manipulation
        kind string held, confirmed, hours or class_not
        subject string the id, or the register classes
        least integer hours at least"""),
        ("cell", "opening", "clause", "atom"),
        _atoms,
    ),
    Table(
        "atom_classes",
        "The register classes that an atom of kind class_not names.",
        _columns("""
        atom string the atom
        class string a class that does not meet it"""),
        ("atom", "class"),
        _atom_classes,
    ),
    Table(
        "cell_classes",
        "A register class of which a rule in force in the cell speaks.",
        _columns("""
        cell integer number of the cell
        class string the class"""),
        ("cell", "class"),
        lambda tables: [(cell.number, name) for cell in tables.cells for name in cell.classes],
    ),
    Table(
        "full_classes",
        "A register class that means full registration.",
        _columns("""
        class string the class"""),
        ("class",),
        lambda _tables: [(name,) for name in FULL_REGISTER_CLASSES],
    ),
    Table(
        "wanted",
        "Something that must come before a technique at a visit.",
        _columns(f"""{_WHERE}{_DAYS}
        position integer its place in the order
        step string id of the step or qualification
        needed boolean false for what is optional
        of_person boolean about who does it: does not count where every region asked is granted
        hours integer hours of training that meet it
        rule string the prerequisite behind it; null: asked for by practice"""),
        ("jurisdiction", "profession", "technique", "valid_from", "position"),
        lambda tables: list(tables.wanted),
    ),
    Table(
        "licence",
        "What can be wrong with a credential as it is given.",
        _columns("""
        fact string its id
        rank integer the rank that follows
        text string in words"""),
        ("fact",),
        lambda tables: list(tables.licence),
    ),
    Table(
        "findings",
        "What a finding about the client means for a technique on a region.",
        _columns("""
        finding string id of a contraindication or red flag
        site string where it sits; null: not known
        match string exact, or broad for a code that also covers other things
        technique string the technique
        region string the region
        part integer which of its reasons
        rank integer 0 (permitted) to 6 (urgent)
        need string the atom that settles it; null: nothing does
        rule string what decides
        gate string safety, or process for what is no finding about the client"""),
        ("finding", "site", "match", "technique", "region", "part"),
        lambda tables: list(tables.findings),
    ),
    Table(
        "known_findings",
        "A finding with a site and match that the table of findings knows; any other is unheard of.",
        _columns("""
        finding string id of a contraindication or red flag
        site string where it sits; null: not known
        match string exact or broad"""),
        ("finding", "site", "match"),
        lambda tables: list(tables.known_findings),
    ),
    Table(
        "codes",
        "An ICD-10-CM code or prefix, and the finding it means.",
        _columns("""
        code string the code or prefix; a code matches if it starts with it
        finding string the finding
        match string exact; broad: ask; conditional: a fact is needed that the code does not carry"""),
        ("code", "finding"),
        lambda tables: list(tables.codes),
    ),
    Table(
        "citations",
        "What a rule, reserved act, contraindication or red flag rests on.",
        _columns("""
        id string its id
        kind string rule, reserved_act, contraindication or red_flag
        text string what it says
        citation string the text of law, or the title of the clinical source
        source string where it was read
        basis string kind of text, or the authority of the clinical source
        text_seen boolean whether the text itself was read
        note string doubts"""),
        ("kind", "id"),
        lambda tables: list(tables.citations),
    ),
    Table(
        "ranks",
        "The order of verdicts, best first.",
        _columns("""
        rank integer 0 to 6
        verdict string the verdict
        leaning string yes, none or no; null unless undetermined"""),
        ("rank",),
        lambda _tables: [(n, v.value, leaning.value if leaning else None) for n, (v, leaning) in enumerate(RANKS)],
    ),
    Table(
        "knowledge",
        "Which knowledge this is.",
        _columns("""
        digest string a hash of the law, the clinical files and the vocabulary
        notice string what it is not"""),
        ("digest",),
        lambda tables: [(tables.digest, NOTICE)],
    ),
)
NOTICE = "Law as researched on the days named under jurisdictions. Not legal or medical advice."
BY_NAME = {table.name: table for table in TABLES}
