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

from handrail.audit import wide
from handrail.audit.columns import Remembered
from handrail.audit.layouts import Layout, find, layouts
from handrail.terms import InputError, find_place
from handrail.terms.billing import Codes, shipped

if TYPE_CHECKING:
    from handrail.audit.nppes import Providers

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
        from handrail.audit.lines import Lines  # with numba, which listing layouts does not need

        return Lines(self, batch, first).all()

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


def year_in(name: str) -> int | None:
    """The one year that a file's name speaks of; None if there is none, or several.

    >>> year_in("MUP_PHY_R24_P05_V10_D22_Prov_Svc.csv"), year_in("puf_2021.csv"), year_in("2020_2021.csv")
    (2022, 2021, None)
    """
    years = {int(found) for found in re.findall(r"(?<![0-9])((?:19[89]|20[0-4])[0-9])(?![0-9])", name)}
    short = {2000 + int(found) for found in re.findall(r"_D[YC]?([0-9]{2})_", name.upper())}
    found = short or years
    return found.pop() if len(found) == 1 else None
