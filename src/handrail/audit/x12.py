"""X12 837P (professional claims), segment by segment with pyx12.

Who: loop 2420A or 2310B (rendering provider) with its taxonomy, else 2010AA (billing provider) with the taxonomy
of loop 2000A. Where: N4 of the service location (2420C, 2310C), else of the billing provider. When: DTP 472.
What: SV1. Why: HI with the pointers of SV1; ICD-10-CM only.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Any

from handrail.audit.rows import Batches, Rows, diagnoses
from handrail.audit.streams import Bytes
from handrail.audit.troubles import Stop, Troubles
from handrail.terms import InputError

#: Transaction types that are professional claims (005010X222A1, 004010X098A1).
_PROFESSIONAL = ("X222", "X098")
_ICD10 = ("ABK", "ABF")
_ICD9 = ("BK", "BF")


def batches(stream: Bytes, troubles: Troubles) -> Batches:
    """First row, number of rows and the service lines of each batch.

    Raises:
        Stop: if it is no X12 interchange.
    """
    try:
        from pyx12.errors import X12Error
        from pyx12.x12file import X12Reader
    except ImportError:
        raise InputError("X12 needs pyx12", hint="Run: pip install 'handrail[audit]'") from None
    text = _Text(stream)
    try:
        reader = X12Reader(text)
    except X12Error as error:
        raise Stop(f"is no X12 interchange ({' '.join(str(error).split())[:80]})") from None
    walk = _Walk(troubles)
    try:
        for segment in reader:
            walk.take(segment)
            for kind, code, what, _value, line in reader.pop_errors():
                words = " ".join(str(what).split())[:120]
                troubles.add(
                    f"x12 {kind}", walk.rows.next, f"{words} ({kind} {code})", f"segment {line or ''}".strip()
                )
            if walk.rows.full():
                yield from walk.rows.take()
    except X12Error as error:
        troubles.add("x12", walk.rows.next, " ".join(str(error).split())[:120], rows=None)
    except Stop as stop:
        yield from walk.rows.take()  # what was whole before it
        raise stop
    walk.end()
    yield from walk.rows.take()
    if not walk.closed or text.read(1) or reader.raw.buffer.strip():
        troubles.add(
            "x12 end", walk.rows.next, "ends within an interchange, or could not be read to its end", rows=None
        )


class _Text:
    """Characters for pyx12, which wants as many as it asks for."""

    closed = False

    def __init__(self, stream: Bytes) -> None:
        self.stream = stream
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.kept = ""
        stream.peek()

    def read(self, size: int) -> str:
        while len(self.kept) < size and (data := self.stream.read(1 << 16)):
            self.kept += self.decoder.decode(data)
        given, self.kept = self.kept[:size], self.kept[size:]
        return given


@dataclass
class _Provider:
    npi: str | None = None
    taxonomy: str | None = None
    state: str | None = None


@dataclass
class _Claim:
    number: str | None = None
    rendering: _Provider | None = None
    place: str | None = None
    icd10: list[tuple[int, str]] = field(default_factory=list)
    other: bool = False
    pointer: int = 0
    lines: int = 0


@dataclass
class _Line:
    number: str | None
    service: Any = None
    days: str | None = None
    rendering: _Provider | None = None
    place: str | None = None


class _Walk:
    """Where in the hierarchy the reader stands."""

    def __init__(self, troubles: Troubles) -> None:
        self.troubles = troubles
        self.rows = Rows()
        self.billing = _Provider()
        self.claim: _Claim | None = None
        self.line: _Line | None = None
        self.who: str | None = None
        self.skipping: str | None = None
        self.closed = True

    def take(self, segment: Any) -> None:
        name = segment.get_seg_id()
        if name == "ISA":
            self.closed = False
        elif name == "IEA":
            self.closed = True
        elif name == "ST":
            kind = segment.get_value("ST03") or ""
            self.skipping = kind if kind and not any(word in kind for word in _PROFESSIONAL) else None
            if self.skipping or segment.get_value("ST01") != "837":
                self.skipping = self.skipping or f"{segment.get_value('ST01')}"
                what = f"a transaction {self.skipping} is no 837P: its claims are not read"
                self.troubles.add("transaction", self.rows.next, what, rows=None)
        elif name in ("SE", "HL", "CLM") or (name == "LX" and self.claim):
            self.end(whole=name != "LX")
        if self.skipping is None:
            step = getattr(self, f"_{(name or '').lower()}", None)
            if step is not None:
                step(segment)

    def end(self, whole: bool = True) -> None:
        """The line, or the claim, is complete."""
        claim, line = self.claim, self.line
        if claim and line:
            claim.lines += 1
            self._put(claim, line)
        elif claim and whole and not claim.lines:
            self.troubles.add("claim", self.rows.lose(), "a claim has no service line", rows=1)
        self.line = None
        if whole:
            self.claim = None

    def _put(self, claim: _Claim, line: _Line) -> None:
        service = line.service
        if service is None:
            self.troubles.add("claim", self.rows.lose(), "a service line has no segment SV1", rows=1)
            return
        provider = line.rendering or claim.rendering or self.billing
        first, _, last = (line.days or "").partition("-")
        pointed = [int(p) for n in range(1, 5) if (p := service.get_value(f"SV107-{n}")) and p.isdigit()]
        modifiers = [m for n in range(3, 7) if (m := service.get_value(f"SV101-{n}"))]
        coded = service.get_value("SV101-1") in ("HC", "HP", None, "")
        self.rows.add(
            {
                "claim": claim.number,
                "line": line.number,
                "npi": provider.npi,
                "taxonomy": provider.taxonomy,
                "state": line.place or claim.place or self.billing.state,
                "procedure": service.get_value("SV101-2") if coded else None,
                "modifiers": " ".join(modifiers) or None,
                "service_from": first or None,
                "service_to": last or first or None,
                "other_dx": "yes" if claim.other else None,
                "amount": service.get_value("SV102"),
                "units": service.get_value("SV104"),
                **diagnoses(claim.icd10, pointed),
            }
        )

    # Segments, by their names.

    def _hl(self, segment: Any) -> None:
        self.who = None
        if segment.get_value("HL03") == "20":
            self.billing = _Provider()

    def _clm(self, segment: Any) -> None:
        self.claim, self.who = _Claim(segment.get_value("CLM01")), None

    def _lx(self, segment: Any) -> None:
        self.line, self.who = _Line(segment.get_value("LX01")), None

    def _nm1(self, segment: Any) -> None:
        self.who = segment.get_value("NM101")
        npi = segment.get_value("NM109") if segment.get_value("NM108") == "XX" else None
        if self.who == "85" and not self.claim:
            self.billing.npi = npi
        elif self.who == "82" and self.line:
            self.line.rendering = _Provider(npi)
        elif self.who == "82" and self.claim:
            self.claim.rendering = _Provider(npi)

    def _prv(self, segment: Any) -> None:
        kind, code = segment.get_value("PRV01"), segment.get_value("PRV03")
        if kind == "BI" and not self.claim:
            self.billing.taxonomy = code
        elif kind == "PE" and self.who == "82":
            at = (self.line and self.line.rendering) or (self.claim and self.claim.rendering)
            if at:
                at.taxonomy = code

    def _n4(self, segment: Any) -> None:
        state = segment.get_value("N402") or None
        if self.who == "85" and not self.claim:
            self.billing.state = state
        elif self.who == "77" and self.line:
            self.line.place = state
        elif self.who == "77" and self.claim:
            self.claim.place = state

    def _hi(self, segment: Any) -> None:
        if not self.claim:
            return
        for number in range(1, 13):
            kind, code = segment.get_value(f"HI{number:02d}-1"), segment.get_value(f"HI{number:02d}-2")
            if kind in (*_ICD10, *_ICD9) and code:
                self.claim.pointer += 1
                if kind in _ICD10:
                    self.claim.icd10.append((self.claim.pointer, code))
                else:
                    self.claim.other = True

    def _sv1(self, segment: Any) -> None:
        if self.line:
            self.line.service = segment

    def _dtp(self, segment: Any) -> None:
        if self.line and segment.get_value("DTP01") == "472":
            self.line.days = segment.get_value("DTP03")
