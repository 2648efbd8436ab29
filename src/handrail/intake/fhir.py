"""Reads FHIR R4: only the resources and fields that a screening needs, and no more of the bytes than it must.

The structs hold R4 (4.0.1). A document of another version is refused by name, with where it shows. Errors are one
line with the path of the element, never its content.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from datetime import date
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Raw

from handrail.files import one_line
from handrail.intake.fhir_model import (
    Answer,
    Coding,
    Concept,
    Condition,
    Ingredient,
    Interval,
    Medication,
    MedicationUse,
    Observation,
    Patient,
    Procedure,
    Question,
    QuestionnaireResponse,
    Reference,
    Resource,
)
from handrail.intake.fhir_types import RESOURCE_TYPES
from handrail.terms import InputError, did_you_mean

MIB = 1 << 20
#: A document larger than this is refused, unless the caller says otherwise.
MAX_BYTES = 64 * MIB


class _Capability(msgspec.Struct, frozen=True):
    fhirVersion: str | None = None  # noqa: N815


class _Entry(msgspec.Struct, frozen=True):
    fullUrl: str | None = None  # noqa: N815
    resource: Raw = Raw(b"")


class _Bundle(msgspec.Struct, frozen=True):
    entry: tuple[_Entry, ...] = ()
    issues: Raw | None = None


class _Head(msgspec.Struct, frozen=True):
    resourceType: str | None = None  # noqa: N815
    id: str | None = None


_KINDS: dict[str, type[msgspec.Struct]] = {
    "Patient": Patient,
    "Condition": Condition,
    "MedicationRequest": MedicationUse,
    "MedicationStatement": MedicationUse,
    "Medication": Medication,
    "Observation": Observation,
    "Procedure": Procedure,
    "QuestionnaireResponse": QuestionnaireResponse,
    "CapabilityStatement": _Capability,
}
READ = tuple(kind for kind in _KINDS if kind != "CapabilityStatement")
_STRUCTS: set[type[msgspec.Struct]] = {*_KINDS.values(), _Bundle, _Head}
_DECODERS: dict[type[msgspec.Struct], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind, strict=True) for kind in _STRUCTS
}
#: Most writers put the type first; then it need not be searched for.
_TYPE_FIRST = re.compile(rb'\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,64})"')
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_PREGNANCY = b"82810-3"


class Item(NamedTuple):
    """A resource that was read, where it stands, and what it is called."""

    kind: str
    resource: Any
    path: str
    reference: str
    full_url: str | None
    raw: bytes


class Document(NamedTuple):
    """What was read from a document, and how many resources of other types there are."""

    items: list[Item]
    not_read: Counter[str]


def read(raw: bytes, where: str) -> Document:
    """The resources of a FHIR R4 document: a Bundle, or one resource by itself.

    Args:
        raw: the document's bytes, JSON in UTF-8.
        where: its name, for messages.

    Raises:
        InputError: one line with the path, if it is no JSON, no FHIR R4, or not as R4 demands.
    """
    check_text(raw, where)
    kind = _type_of(raw, where, "")
    document = Document([], Counter())
    if kind != "Bundle":
        _add(document, raw, kind, kind, None, where)
        return document
    bundle: _Bundle = _decode(raw, _Bundle, where, "Bundle")
    if bundle.issues is not None:
        raise _not_r4(where, "Bundle.issues", "R5")
    for number, entry in enumerate(bundle.entry):
        inner = memoryview(entry.resource)
        if not inner:
            continue
        path = f"Bundle.entry[{number}].resource"
        kind = _type_of(inner, where, path)
        _add(document, inner, kind, path, entry.fullUrl, where)
    return document


def check_text(raw: bytes, where: str) -> None:
    """Refuses what is empty, or not UTF-8.

    Raises:
        InputError: naming the first byte that is wrong.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("is UTF-16 or UTF-32", where=where, hint="Save it as UTF-8")
    if not raw or raw.isspace():
        raise InputError("is empty", where=where)
    if not raw.isascii():
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"is not UTF-8 (byte {error.start})", where=where, hint="Save it as UTF-8") from None


def _add(
    document: Document, raw: bytes | memoryview, kind: str, path: str, full_url: str | None, where: str
) -> None:
    if kind == "Observation" and _PREGNANCY not in bytes(raw):
        document.not_read["Observation (not of pregnancy)"] += 1
        return
    struct = _KINDS.get(kind)
    if struct is None:
        if kind not in RESOURCE_TYPES:
            hint = did_you_mean(kind, RESOURCE_TYPES)
            message = f"{one_line(kind, 40)!r} is no resource type of FHIR R4"
            raise InputError(message, where=f"{where}: {path}.resourceType", hint=hint)
        document.not_read[kind] += 1
        return
    resource: Any = _decode(raw, struct, where, path)
    _refuse_other_versions(resource, where, path)
    if isinstance(resource, _Capability):
        document.not_read[kind] += 1
        return
    id_ = resource.id
    if id_ is not None and not _ID.fullmatch(id_):
        raise InputError("is no FHIR id", where=f"{where}: {path}.id", hint="Letters, digits, - and . only")
    reference = f"{kind}/{id_}" if id_ else path
    document.items.append(Item(kind, resource, path, reference, full_url, bytes(raw)))


def contained(raw: Raw, where: str, path: str) -> Item | None:
    """A contained Medication; None if it is something else."""
    kind = _type_of(raw, where, path)
    if kind != "Medication":
        return None
    resource = _decode(raw, Medication, where, path)
    return Item(kind, resource, path, f"#{resource.id}", None, b"")


def _type_of(raw: bytes | memoryview | Raw, where: str, path: str) -> str:
    found = _TYPE_FIRST.match(memoryview(raw))
    if found:
        return found[1].decode()
    head: _Head = _decode(raw, _Head, where, path)
    if head.resourceType is None:
        place = f"{where}: {path}" if path else where
        raise InputError("has no resourceType", where=place, hint="A FHIR resource names its type")
    return head.resourceType


T = TypeVar("T", bound=msgspec.Struct)


def _decode(raw: bytes | memoryview | Raw, kind: type[T], where: str, path: str) -> T:
    try:
        made: T = _DECODERS[kind].decode(raw)
    except msgspec.ValidationError as error:
        raise _invalid(error, raw, kind, where, path) from None
    except msgspec.DecodeError as error:
        raise InputError(_malformed(str(error)), where=where) from None
    except RecursionError:
        raise InputError("is nested too deep", where=f"{where}: {path}".rstrip(": ")) from None
    return made


def _malformed(problem: str) -> str:
    if "truncated" in problem:
        return "is cut off: the JSON ends too early"
    return f"is not valid JSON: {one_line(problem.removeprefix('JSON is malformed: '))}"


_PROBLEM = re.compile(r"(?P<problem>.*?)(?: - at `\$?(?P<path>.*)`)?", re.DOTALL)
_WORDS = {"`str`": "text", "`int`": "a number", "`float`": "a number", "`bool`": "true or false"}
_WORDS |= {"`array`": "a list", "`object`": "an object", "`null`": "null"}


def _invalid(error: msgspec.ValidationError, raw: Any, kind: type, where: str, path: str) -> InputError:
    found = _PROBLEM.fullmatch(str(error))
    assert found is not None  # noqa: S101  (the pattern matches anything)
    problem, at = found["problem"], found["path"] or ""
    if missing := re.search(r"required field `(\w+)`", problem):
        problem = f"lacks {missing[1]}, which R4 demands"
    else:
        problem = problem.replace(" | null", "")
        for word, plain in _WORDS.items():
            problem = problem.replace(word, plain)
        problem = one_line(problem[:1].lower() + problem[1:])
    if kind is Condition and at.startswith((".clinicalStatus", ".verificationStatus")) and "text" in problem:
        return _not_r4(where, f"{path}{at}", "DSTU2 or STU3 (the status is a plain code)")
    if kind is Procedure and at.startswith(".category") and "list" in problem:
        return _not_r4(where, f"{path}{at}", "R5 (category is a list)")
    return InputError(problem, where=f"{where}: {path}{at}" if path or at else where)


def _refuse_other_versions(resource: Any, where: str, path: str) -> None:
    if isinstance(resource, _Capability):
        version = resource.fhirVersion or ""
        if version and not version.startswith("4.0"):
            raise _not_r4(where, f"{path}.fhirVersion", f"version {one_line(version, 20)}")
    elif isinstance(resource, Condition) and resource.participant is not None:
        raise _not_r4(where, f"{path}.participant", "R5")
    elif isinstance(resource, MedicationUse) and resource.medication is not None:
        raise _not_r4(where, f"{path}.medication", "R5")
    elif isinstance(resource, Procedure) and (resource.occurrenceDateTime or resource.occurrencePeriod):
        raise _not_r4(where, f"{path}.occurrence[x]", "R5")


def _not_r4(where: str, path: str, version: str) -> InputError:
    return InputError(
        f"is FHIR {version}", where=f"{where}: {path}", hint="Only R4 (4.0.1) is read; convert it first"
    )


class Span(NamedTuple):
    """The days that a FHIR date may mean: one, or those of a month or year."""

    first: date
    last: date


_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?")


def span(text: str, where: str) -> Span:
    """A FHIR date or dateTime. Its time and zone are left aside: the written day counts.

    Raises:
        InputError: if it is none.

    >>> span("2021-02", "x").last.isoformat()
    '2021-02-28'
    """
    found = _DATE.fullmatch(text) if text.isascii() else None
    try:
        if found:
            year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
            if day:
                one = date(year, month, day)
                return Span(one, one)
            if found[2]:
                return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
            return Span(date(year, 1, 1), date(year, 12, 31))
    except ValueError:
        pass
    raise InputError(f"{one_line(text, 40)!r} is no FHIR date", where=where, hint="Such as 2024-05-31")
