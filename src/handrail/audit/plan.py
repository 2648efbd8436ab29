"""How the columns of a claim file become lines that can be judged.

Everything is worked out on the dictionaries of columns; rows only follow their indices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from handrail.audit import days, who, wide
from handrail.audit.columns import (
    Remembered,
    chosen,
    constant,
    encoded,
    indices,
    mapped,
    numbers,
)
from handrail.audit.layouts import MOST_DIAGNOSES, Layout, find, layouts
from handrail.audit.npi import as_numbers, right
from handrail.terms import InputError, find_place
from handrail.terms.billing import FROM_DIAGNOSES, OTHER_REGIONS, Codes, shipped

if TYPE_CHECKING:
    from handrail.audit.nppes import Providers

#: Why a line cannot be judged. Of several reasons the last in this list is given.
UNJUDGED: dict[str, str] = {
    "ambiguous_profession": "the provider can have one of several professions",
    "profession_not_in_law": "the provider's profession is none of those whose law Handrail holds",
    "unmapped_provider": "the provider's taxonomy or type is not in the map",
    "unknown_provider": "nothing says what the provider's profession is",
    "deactivated_npi": "only the register says the profession, and the NPI was deactivated on that day",
    "unknown_place": "the place is none that Handrail knows",
    "bad_day": "the day of service is no date, ends before it begins, or lies outside the plausible window",
    "no_day": "no day of service is given",
    "unmapped_procedure": "the procedure code is not in the map",
    "no_manual_technique": "the procedure implies no manual technique",
    "no_procedure": "no procedure is given",
    "not_a_charge": "the row is a payment or an adjustment, not a charge",
}
#: What else there is to say of a line, judged or not.
NOTES: dict[str, str] = {
    "likely": "the code covers several techniques; it is judged as the likely one",
    "bad_npi": "the NPI has not ten digits, or its check digit is wrong",
    "deactivated_npi": "the NPI was deactivated on that day",
    "profession_by_letters": "the letters after the provider's name chose the profession",
    "licensed_elsewhere": "the register names no licence of that place for the provider",
    "diagnoses_not_read": "diagnoses of another code system than ICD-10-CM are there, and judge nothing",
    "bad_amount": "the amount, or the number of units, is no number",
    "region_head": "a diagnosis names the head, no region of ours: not judged",
    "region_pelvic": "a diagnosis names the pelvis, no region of ours: not judged",
    "region_rib_cage": "a diagnosis names the rib cage, no region of ours: not judged",
    "region_abdomen_viscera": "a diagnosis names the abdomen, no region of ours: not judged",
}
REASON = {name: number for number, name in enumerate(UNJUDGED, 1)}
FLAG = {name: 1 << number for number, name in enumerate(NOTES)}
#: Days outside are slips, not claims. Days inside are judged, however old the law.
WINDOW = (date(1980, 1, 1), date(2049, 12, 31))


@dataclass
class Plan:
    """How the columns of a file become lines. It can be pickled, and sent to other processes.

    Args:
        layout: the layout's name.
        columns: the file's columns by role; a name may hold ``{n}``.
        codes: the maps of codes.
        providers: the register of providers (NPPES), as a file.
        place: the jurisdiction of every line, where the file has no column for it.
        year: the year of every line, likewise.
        window: the first and last plausible day of service.
        folder: where files lie that the layout reads beside the claims.
    """

    layout: str
    columns: dict[str, tuple[str, ...]]
    codes: Codes = field(default_factory=shipped)
    providers: Path | None = None
    place: str | None = None
    year: int | None = None
    window: tuple[date, date] = WINDOW
    folder: Path | None = None

    def __post_init__(self) -> None:
        self._memory: dict[str, Remembered] = {}
        self._register: Providers | None = None
        self._beside: dict[str, dict[str, str]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()

    @classmethod
    def of(
        cls,
        schema: pa.Schema | Sequence[str],
        *,
        layout: str | None = None,
        columns: Mapping[str, str] | None = None,
        providers: Path | None = None,
        codes: Codes | None = None,
        place: str | None = None,
        year: int | None = None,
        window: tuple[date, date] = WINDOW,
        folder: Path | None = None,
    ) -> Plan:
        """A plan for a file with these columns.

        Args:
            schema: the file's columns.
            layout: the layout's name; None: it is found by the columns.
            columns: the file's column by role, where the layout does not say it; several with commas.
            providers: a register of providers, such as NPPES's ``npidata_pfile``.
            codes: maps of codes, such as ``codes.load`` gives; None: the shipped ones.
            place: the place of all lines, by code or name, where no column says it.
            year: the year of all lines, where no column says the day.
            window: the plausible days.
            folder: where files beside the claims are looked for.

        Raises:
            InputError: if the layout is not known or what is needed is missing.
        """
        names = schema.names if isinstance(schema, pa.Schema) else list(schema)
        name, found = find(names, layout, columns or {})
        plan = cls(
            name,
            found,
            codes or shipped(),
            Path(providers) if providers else None,
            find_place(place) if place else None,
            year,
            window,
            folder,
        )
        plan._check()
        return plan

    @property
    def kind(self) -> Layout:
        """The layout."""
        return layouts()[self.layout]

    @property
    def wanted(self) -> list[str]:
        """The file's columns that are read, in no particular order."""
        names = (name for columns in self.columns.values() for name in columns)
        lines = range(1, self.kind.lines + 1)
        return list(dict.fromkeys(name.replace("{n}", str(n)) for name in names for n in lines))

    @property
    def as_text(self) -> list[str]:
        """The wanted columns of which most rows differ: of no use as dictionaries."""
        plain = [name for role in ("claim", "line", "amount", "units") for name in self.columns.get(role, ())]
        return [name.replace("{n}", str(n)) for name in plain for n in range(1, self.kind.lines + 1)]

    def _check(self) -> None:
        missing: list[str] = []
        if "procedure" not in self.columns:
            missing.append("the procedure: --map procedure=COLUMN")
        if not {"service_from", "year"} & set(self.columns) and self.year is None:
            missing.append("the day: --map service_from=COLUMN, or --year YEAR")
        if "state" not in self.columns and self.place is None:
            missing.append("the place: --map state=COLUMN, or --place PLACE")
        if not {"taxonomy", "provider_type", "profession"} & set(self.columns) and (
            "npi" not in self.columns or self.providers is None
        ):
            missing.append(
                "the profession: --map taxonomy=COLUMN or provider_type=COLUMN, or --providers FILE with an NPI"
            )
        if missing:
            raise InputError(f"as layout {self.layout}, nothing says {missing[0]}", hint=self._rest(missing[1:]))
        for role, beside in self.kind.beside.items():
            if role in self.columns and not (self.folder and (self.folder / beside.file).is_file()):
                raise InputError(
                    f"as layout {self.layout}, needs {beside.file} beside it",
                    hint=f"It says what the column {self.columns[role][0]} means",
                )

    @staticmethod
    def _rest(missing: list[str]) -> str:
        return f"Nor {'; nor '.join(missing)}" if missing else ""

    def lines(self, batch: pa.RecordBatch, first_row: int = 0) -> pa.RecordBatch:
        """The canonical lines of a batch of rows, with what else is to be said of each.

        Args:
            batch: rows of the file; columns that are not wanted are let be.
            first_row: the number of its first row in the file, from 0.

        Returns:
            jurisdiction, profession, technique, regions, service_from, service_to, dx1 to dx12 (those there are),
            row, claim, line, npi, procedure, modifiers, taxonomy, provider_type, amount, units,
            ``unjudged`` (why a line cannot be judged; one of UNJUDGED or null) and ``notes`` (of NOTES, joined by
            blanks, or null). ``row`` counts the file's rows from 0; the header is none.

        Raises:
            InputError: if a wanted column is not there, or holds lists or records.
        """
        absent = [name for name in self.wanted if name not in batch.schema.names]
        if absent:
            raise InputError(f"lacks the column {absent[0]}, which files before it have")
        rows = batch.num_rows
        first = np.arange(first_row, first_row + rows, dtype=np.int64)
        if "@row" in batch.schema.names:
            first = np.asarray(batch.column("@row"))
        if self.kind.lines > 1:
            batch, first = wide.unfold(batch, self, first)
        return _Lines(self, batch, first).all()

    # What the dictionaries of columns mean, remembered per column.

    def remembered(self, role: str, function: Any) -> Remembered:
        """A function of one column's dictionary."""
        if role not in self._memory:
            self._memory[role] = Remembered(function)
        return self._memory[role]

    @property
    def register(self) -> Providers | None:
        """The register of providers, loaded when first asked."""
        if self.providers is not None and self._register is None:
            from handrail.audit.nppes import Providers

            self._register = Providers.load(self.providers, self.codes)
        return self._register

    def beside(self, role: str) -> dict[str, str] | None:
        """What the keys in a role's column mean, if a file beside the claims says it."""
        if role not in self.kind.beside:
            return None
        if role not in self._beside:
            self._beside[role] = wide.beside(self.folder or Path(), self.kind.beside[role])
        return self._beside[role]


class _Lines:
    """One batch on its way."""

    def __init__(self, plan: Plan, batch: pa.RecordBatch, first: Any) -> None:
        self.plan, self.batch, self.first = plan, batch, first
        self.codes, self.rows = plan.codes, batch.num_rows
        self.unjudged = np.zeros(self.rows, dtype=np.uint8)
        self.notes = np.zeros(self.rows, dtype=np.uint16)

    def all(self) -> pa.RecordBatch:
        made: dict[str, pa.Array] = {}
        procedure = self._procedure(made)
        made.update(zip(("service_from", "service_to"), self._days(), strict=True))
        self._place(made)
        self._diagnoses(made, procedure)
        numbers_ = self._npi(made)
        self._profession(made, numbers_)
        self._amounts(made)
        made["row"] = pa.array(self.first)
        made["claim"], made["line"] = self._claim(), self._line()
        made["modifiers"] = self._modifiers()
        self._charges()
        made["unjudged"] = chosen(self.unjudged, list(UNJUDGED))
        made["notes"] = self._said()
        order = [name for name in _ORDER if name in made]
        return pa.record_batch([made[name] for name in order], names=order)

    def _column(self, role: str) -> pa.DictionaryArray | None:
        names = self.plan.columns.get(role)
        if not names:
            return None
        column = encoded(self.batch.column(names[0]), names[0])
        keys = self.plan.beside(role)
        if keys is None:
            return column
        words = self.plan.remembered(f"beside {role}", lambda d: [keys.get(v or "") for v in d.to_pylist()])
        return mapped(column, words(column.dictionary))

    def _mark(self, where: Any, reason: str) -> None:
        np.maximum(self.unjudged, np.where(where, np.uint8(REASON[reason]), np.uint8(0)), out=self.unjudged)

    def _note(self, where: Any, note: str) -> None:
        self.notes |= np.where(where, np.uint16(FLAG[note]), np.uint16(0))

    def _procedure(self, made: dict[str, pa.Array]) -> pa.DictionaryArray:
        column = self._column("procedure")
        assert column is not None  # noqa: S101  (a plan has one)
        found = self.plan.remembered("procedure", self._procedures)(column.dictionary)
        made["procedure"] = column
        made["technique"] = mapped(column, found["technique"])
        made["regions"] = mapped(column, found["regions"])
        places = indices(column)
        np.maximum(self.unjudged, found["reason"][places], out=self.unjudged)
        if found["likely"].any():
            self.notes |= found["likely"][places]
        return column

    def _procedures(self, dictionary: pa.Array) -> dict[str, Any]:
        given = dictionary.to_pylist()
        rows = [self.codes.procedure(code) if code else None for code in given]
        reason = np.zeros(len(given) + 1, dtype=np.uint8)
        reason[-1] = REASON["no_procedure"]
        likely = np.zeros(len(given) + 1, dtype=np.uint16)
        for number, (code, row) in enumerate(zip(given, rows, strict=True)):
            if not (code or "").strip():
                reason[number] = REASON["no_procedure"]
            elif row is None:
                reason[number] = REASON["unmapped_procedure"]
            elif row.technique is None:
                reason[number] = REASON["no_manual_technique"]
            elif row.likely:
                likely[number] = FLAG["likely"]
        return {
            "technique": [row.technique if row else None for row in rows],
            "regions": [row.region if row and row.technique else "" for row in rows],
            "reason": reason,
            "likely": likely,
            "by_diagnoses": np.array([*(row is not None and row.region == FROM_DIAGNOSES for row in rows), False]),
        }

    def _days(self) -> tuple[pa.Array, pa.Array]:
        start, end, absent, bad = days.of(self.batch, self.plan)
        if absent is not None:
            self._mark(absent, "no_day")
        if bad is not None:
            self._mark(bad, "bad_day")
        return start, end

    def _place(self, made: dict[str, pa.Array]) -> None:
        column = self._column("state")
        if column is None:
            made["jurisdiction"] = constant(self.plan.place, self.rows)
            return
        places = self.plan.remembered(
            "state", lambda d: [self.codes.place(v) if v else None for v in d.to_pylist()]
        )
        if self.plan.place and column.null_count:
            column = encoded(column.cast(pa.string()).fill_null(self.plan.place), "state")
        made["jurisdiction"] = mapped(column, places(column.dictionary))
        if made["jurisdiction"].null_count:
            self._mark(np.asarray(made["jurisdiction"].is_null()), "unknown_place")

    def _diagnoses(self, made: dict[str, pa.Array], procedure: pa.DictionaryArray) -> None:
        judged = self.plan.kind.diagnoses == "ICD-10-CM" or "dx" not in self.plan.kind.columns
        for number, name in enumerate(self.plan.columns.get("dx", ())[:MOST_DIAGNOSES], 1):
            column = encoded(self.batch.column(name), name)
            if not judged:
                self._note(~np.asarray(column.indices.is_null()), "diagnoses_not_read")
                continue
            made[f"dx{number}"] = column
            flags = self.plan.remembered(f"dx{number}", self._other_regions)(column.dictionary)
            if flags is not None:
                counted = self.plan.remembered("procedure", self._procedures)(procedure.dictionary)["by_diagnoses"]
                self.notes |= np.where(counted[indices(procedure)], flags[indices(column)], np.uint16(0))
        other = self._column("other_dx")
        if other is not None and other.null_count < self.rows:
            blank = self.plan.remembered("other_dx", _blank)(other.dictionary)
            self._note(~blank[indices(other)], "diagnoses_not_read")

    def _other_regions(self, dictionary: pa.Array) -> Any:
        """Which diagnoses name a part of the body that is no region of ours; None: none does."""
        marks = {code: region for code, region in self.codes.regions.items() if region in OTHER_REGIONS}
        written = [form for code in marks for form in _forms(code)]
        hits = pc.is_in(dictionary, value_set=pa.array(written, pa.string()))
        if not pc.any(hits, min_count=0).as_py():
            return None
        flags = np.zeros(len(dictionary) + 1, dtype=np.uint16)
        for place in np.flatnonzero(np.asarray(hits)):
            region = self.codes.region_of_diagnosis(dictionary[int(place)].as_py())
            flags[place] = FLAG[f"region_{region}"]
        return flags

    def _npi(self, made: dict[str, pa.Array]) -> Any:
        names = self.plan.columns.get("npi")
        if not names:
            return None
        raw = self.batch.column(names[0])
        found: Any
        if pa.types.is_integer(raw.type):
            found = as_numbers(raw)
            made["npi"] = raw.cast(pa.string())
            bad = (found != 0) & ~right(found)
        else:
            column = encoded(raw, names[0])
            table = self.plan.remembered("npi", _numbers)(column.dictionary)
            places = indices(column)
            found, bad = table[0][places] if self.plan.providers else None, table[1][places]
            made["npi"] = column
        if bad.any():
            self._note(bad, "bad_npi")
        return found

    def _profession(self, made: dict[str, pa.Array], npi: Any) -> None:
        sources = []
        for role, read in (
            ("profession", who.of_profession),
            ("taxonomy", lambda value: who.of_taxonomy(self.codes, value)),
            ("provider_type", lambda value: who.of_type(self.codes, value)),
        ):
            column = self._column(role)
            if column is not None:
                made[role] = column
                sources.append((column, self.plan.remembered(role, _masks(read))(column.dictionary)))
        register = self.plan.register if npi is not None else None
        letters = self._column("credentials")
        if len(sources) == 1 and register is None and letters is None:
            column, table = sources[0]
            places = who.place_of(table)
            made["profession"] = mapped(column, [who.NAMES[p - 1] if p else None for p in places[:-1]])
            np.maximum(self.unjudged, who.why_not(table, REASON)[indices(column)], out=self.unjudged)
            return
        masks = np.zeros(self.rows, dtype=np.uint32)
        for column, table in sources:
            masks = who.both(masks, table[indices(column)])
        if register is not None:
            masks = self._ask(register, npi, masks, made)
        if letters is not None and who.several(masks).any():
            table = self.plan.remembered("credentials", _masks(lambda v: who.of_letters(self.codes, v)))
            masks, did = who.by_letters(masks, table(letters.dictionary)[indices(letters)])
            self._note(did, "profession_by_letters")
        made["profession"] = chosen(who.place_of(masks).astype(np.uint8), who.NAMES)
        np.maximum(self.unjudged, who.why_not(masks, REASON), out=self.unjudged)

    def _ask(self, register: Providers, npi: Any, masks: Any, made: dict[str, pa.Array]) -> Any:
        """What the register adds to what the lines say."""
        found = register.ask(npi, made["jurisdiction"], made["service_from"])
        alone = (masks & ~who.UNMAPPED) == 0
        together = who.both(masks, found.masks)
        together, did = who.by_letters(together, found.letters)
        self._note(did, "profession_by_letters")
        self._note(found.deactivated, "deactivated_npi")
        self._mark(found.deactivated & alone, "deactivated_npi")
        self._note(found.elsewhere, "licensed_elsewhere")
        return together

    def _amounts(self, made: dict[str, pa.Array]) -> None:
        for role in ("amount", "units"):
            names = self.plan.columns.get(role)
            if not names:
                made[role] = pa.nulls(self.rows, pa.float64())
                continue
            made[role], bad = numbers(self.batch.column(names[0]))
            if bad is not None:
                self._note(bad, "bad_amount")
        if self.plan.kind.amount_per_unit:
            made["amount"] = pc.multiply(made["amount"], made["units"])

    def _claim(self) -> pa.Array:
        names = self.plan.columns.get("claim")
        if not names:
            return pa.nulls(self.rows, pa.string())
        column = self.batch.column(names[0])
        return column if column.type == pa.string() else column.cast(pa.string())

    def _line(self) -> pa.Array:
        """The line's number; null where it is none (``1A``) or larger than a number of 32 bits."""
        if "@line" in self.batch.schema.names:
            return self.batch.column("@line")
        names = self.plan.columns.get("line")
        if not names:
            return pa.nulls(self.rows, pa.int32())
        values, _ = numbers(self.batch.column(names[0]))
        fits = pc.and_(pc.less(pc.abs(values), 2**31), pc.equal(pc.floor(values), values))
        return pc.if_else(fits, values, None).cast(pa.int32())

    def _modifiers(self) -> pa.Array:
        names = self.plan.columns.get("modifiers", ())
        columns = [self.batch.column(name) for name in names]
        if len(columns) < 2:
            return encoded(columns[0], names[0]) if columns else constant(None, self.rows)
        words = [column.cast(pa.string()) for column in columns]
        joined = pc.binary_join_element_wise(*words, " ", null_handling="skip")
        return encoded(pc.if_else(pc.equal(joined, ""), None, joined), "modifiers")

    def _charges(self) -> None:
        column = self._column("kind")
        if column is not None and self.plan.kind.charges:
            same = [value == self.plan.kind.charges for value in column.dictionary.to_pylist()]
            self._mark(~np.array([*same, False])[indices(column)], "not_a_charge")

    def _said(self) -> pa.DictionaryArray:
        if not self.notes.any():
            return chosen(np.zeros(self.rows, dtype=np.int16), [])
        there = np.flatnonzero(np.bincount(self.notes))
        there = there[there != 0]
        table = np.zeros(int(self.notes.max()) + 1, dtype=np.int16)
        table[there] = np.arange(1, len(there) + 1)
        words = [" ".join(name for name, bit in FLAG.items() if flags & bit) for flags in there.tolist()]
        return chosen(table[self.notes], words)


_ORDER = (
    "jurisdiction profession technique regions service_from service_to".split()
    + [f"dx{n}" for n in range(1, MOST_DIAGNOSES + 1)]
    + "row claim line npi procedure modifiers taxonomy provider_type amount units unjudged notes".split()
)


def _forms(code: str) -> list[str]:
    dotted = f"{code[:3]}.{code[3:]}"
    return [code, dotted, code.lower(), dotted.lower()]


def _blank(dictionary: pa.Array) -> Any:
    return np.array([*(not (value or "").strip() for value in dictionary.to_pylist()), True])


def _numbers(dictionary: pa.Array) -> tuple[Any, Any]:
    found = as_numbers(dictionary)
    bad = (found != 0) & ~right(found)
    return np.append(found, 0), np.append(bad, False)


def _masks(read: Any) -> Any:
    return lambda dictionary: np.array([*(read(value) for value in dictionary.to_pylist()), 0], dtype=np.uint32)


def year_in(name: str) -> int | None:
    """The one year that a file's name speaks of; None if there is none, or several.

    >>> year_in("MUP_PHY_R24_P05_V10_D22_Prov_Svc.csv"), year_in("puf_2021.csv"), year_in("2020_2021.csv")
    (2022, 2021, None)
    """
    years = {int(found) for found in re.findall(r"(?<![0-9])((?:19[89]|20[0-4])[0-9])(?![0-9])", name)}
    short = {2000 + int(found) for found in re.findall(r"_D[YC]?([0-9]{2})_", name.upper())}
    found = short or years
    return found.pop() if len(found) == 1 else None
