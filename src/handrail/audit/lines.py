"""One batch of rows on its way to canonical lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from handrail.audit import days, fast, who
from handrail.audit.columns import chosen, constant, encoded, indices, mapped, numbers
from handrail.audit.layouts import MOST_DIAGNOSES
from handrail.audit.npi import as_numbers, right
from handrail.audit.reasons import FLAG, REASON, UNJUDGED
from handrail.terms.billing import FROM_DIAGNOSES, OTHER_REGIONS

if TYPE_CHECKING:
    from handrail.audit.nppes import Providers
    from handrail.audit.plan import Plan


class Lines:
    """A batch, its plan, and what was found so far of each row."""

    def __init__(self, plan: Plan, batch: pa.RecordBatch, first: Any) -> None:
        self.plan, self.batch, self.first = plan, batch, first
        self.codes, self.rows = plan.codes, batch.num_rows
        self.unjudged = np.zeros(self.rows, dtype=np.uint8)
        self.notes = np.zeros(self.rows, dtype=np.uint16)

    def all(self) -> pa.RecordBatch:
        """The canonical lines, as Plan.lines says."""
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
        fast.raise_to(self.unjudged, *fast.places(column), found["reason"])
        if found["likely"].any():
            fast.add_flags(self.notes, *fast.places(column), found["likely"])
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
            found, bad = table[0][places] if self.plan.providers else None, table[1]
            if bad.any():
                bad = bad[places]
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
            fast.raise_to(self.unjudged, *fast.places(column), who.why_not(table, REASON))
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
        column = self.batch.column(names[0])
        if column.type == pa.int32():
            return column
        values, _ = numbers(column)
        fits = pc.and_(pc.less(pc.abs(values), 2**31), pc.equal(pc.floor(values), values))
        return pc.if_else(fits, values, None).cast(pa.int32())

    def _modifiers(self) -> pa.Array:
        names = self.plan.columns.get("modifiers", ())
        columns = [self.batch.column(name) for name in names]
        if len(columns) < 2:
            return encoded(columns[0], names[0]) if columns else constant(None, self.rows)
        words = [
            encoded(column, name).dictionary_decode().fill_null("")
            for column, name in zip(columns, names, strict=True)
        ]
        joined = pc.replace_substring_regex(pc.binary_join_element_wise(*words, " "), r"\s+", " ")
        joined = pc.utf8_trim_whitespace(joined)
        return encoded(pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined), "modifiers")

    def _charges(self) -> None:
        column = self._column("kind")
        if column is not None and self.plan.kind.charges:
            same = [value == self.plan.kind.charges for value in column.dictionary.to_pylist()]
            self._mark(~np.array([*same, False])[indices(column)], "not_a_charge")

    def _said(self) -> pa.DictionaryArray:
        used = np.zeros(1 << len(FLAG), np.bool_)
        fast.seen(self.notes, used)
        used[0] = False
        there = np.flatnonzero(used)
        places = np.zeros(self.rows, np.int16)
        if len(there):
            table = np.zeros(len(used), np.int16)
            table[there] = np.arange(1, len(there) + 1)
            fast.looked_up(self.notes, table, places)
        words = [" ".join(name for name, bit in FLAG.items() if flags & bit) for flags in there.tolist()]
        return chosen(places, words)


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
