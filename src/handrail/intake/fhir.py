"""Reads FHIR R4: only the resources and fields that a screening needs, and no more of the bytes than it must.

The structs hold R4 (4.0.1). A document of another version is refused by name, with where it shows. Errors are one
line with the path of the element, never its content.
"""

from __future__ import annotations

import re
from codecs import utf_8_decode
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Raw

from handrail.files import one_line
from handrail.intake.dates import Span, span
from handrail.intake.fhir_model import (
    ABSENT,
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
    there,
)
from handrail.intake.fhir_types import RESOURCE_TYPES
from handrail.intake.twice import malformed, refuse_twice
from handrail.terms import InputError, did_you_mean

__all__ = [
    "MAX_BYTES",
    "MIB",
    "READ",
    "Answer",
    "Check",
    "Coding",
    "Concept",
    "Condition",
    "Document",
    "Ingredient",
    "Interval",
    "Item",
    "Medication",
    "MedicationUse",
    "Observation",
    "Patient",
    "Procedure",
    "Question",
    "QuestionnaireResponse",
    "Reference",
    "Resource",
    "Span",
    "checked_text",
    "contained",
    "read",
    "read_one",
    "span",
    "type_of",
]

MIB = 1 << 20
#: A document larger than this is refused, unless the caller says otherwise.
MAX_BYTES = 64 * MIB


class _Capability(msgspec.Struct, frozen=True, gc=False):
    fhirVersion: str | None = None  # noqa: N815


class _Link(msgspec.Struct, frozen=True, gc=False):
    relation: str | None = None


class _Entry(msgspec.Struct, frozen=True, gc=False):
    fullUrl: str | None = None  # noqa: N815
    resource: Raw = Raw(b"")


class _Bundle(msgspec.Struct, frozen=True, gc=False):
    entry: tuple[_Entry, ...] = ()
    link: tuple[_Link, ...] = ()
    issues: Raw = ABSENT


class _Head(msgspec.Struct, frozen=True, gc=False):
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
_TYPE_FIRST = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,64})"')
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_PREGNANCY = b"82810-3"
_OTHER_OBSERVATION = "Observation (not of pregnancy)"
_PASSED = frozenset(name.encode() for name in RESOURCE_TYPES if name not in _KINDS)
_PASSED_TOO = _PASSED | {b"Observation"}


class Item(NamedTuple):
    """A resource that was read, where it stands, and what it is called."""

    kind: str
    resource: Any
    path: str
    reference: str
    full_url: str | None


#: A check of a resource: its type, its bytes, the document's name and the path.
Check = Callable[[str, bytes, str, str], None]


class Document(NamedTuple):
    """What was read from a document, how many resources of other types there are, and what else to say."""

    items: list[Item]
    not_read: Counter[str]
    notes: list[str]


def read(raw: bytes, where: str, check: Check | None = None) -> Document:
    """The resources of a FHIR R4 document: a Bundle, or one resource by itself.

    Args:
        raw: the document's bytes, JSON in UTF-8.
        where: its name, for messages.
        check: a further check of each resource that is read, such as that of ``strict.py``.

    Raises:
        InputError: one line with the path, if it is no JSON, no FHIR R4, or not as R4 demands.
    """
    raw = checked_text(raw, where)
    kind = _type_of(raw, where, "")
    document = Document([], Counter(), [])
    if kind != "Bundle":
        read_one(document, raw, kind, kind, None, where, check)
        if not document.items:
            hint = f"A screening reads a Bundle, or one of: {', '.join(READ)}"
            raise InputError(f"is a {kind} alone, which says nothing here", where=where, hint=hint)
        return document
    bundle: _Bundle = _decode(raw, _Bundle, where, "Bundle")
    if there(bundle.issues):
        raise _not_r4(where, "Bundle.issues", "R5")
    # Observations are most of a record, and all but those of pregnancy are passed over.
    passed = _PASSED if _PREGNANCY in raw else _PASSED_TOO
    head = _TYPE_FIRST.match
    kinds = [found[1] if (found := head(entry.resource)) else None for entry in bundle.entry]
    held = len(kinds)
    for name, count in Counter(kinds).items():
        if name in passed:
            document.not_read[_OTHER_OBSERVATION if name == b"Observation" else name.decode()] += count
    for number, name in enumerate(kinds):
        if name in passed:
            continue
        entry = bundle.entry[number]
        inner = memoryview(entry.resource)
        if not inner:
            held -= 1
            continue
        path = f"Bundle.entry[{number}].resource"
        kind = name.decode() if name else _type_of(inner, where, path)
        read_one(document, inner, kind, path, entry.fullUrl, where, check)
    # A key that stands there twice hides what the first one held.
    if raw.count(b'"resource"') != held:
        refuse_twice(raw, where, "Bundle")
    _remark(document, bundle)
    return document


def _remark(document: Document, bundle: _Bundle) -> None:
    if any(link.relation == "next" for link in bundle.link):
        document.notes.append("The Bundle is one page of several (it has a next link): not everything is here")
    if document.not_read.get("Bundle"):
        document.notes.append("A Bundle inside the Bundle was not read")
    if not document.items:
        document.notes.append("Nothing in it is of a type that a screening reads")


_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20


def checked_text(raw: bytes, where: str) -> bytes:
    """The bytes without a byte order mark, if they are text in UTF-8.

    Raises:
        InputError: if it is empty, or not UTF-8, naming the first byte that is wrong.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw[:4]:
        raise InputError("is UTF-16 or UTF-32", where=where, hint="Save it as UTF-8")
    raw = raw.removeprefix(_BOM)
    if not raw or raw.isspace():
        raise InputError("is empty", where=where)
    if not raw.isascii():
        view, start, size = memoryview(raw), 0, len(raw)
        try:
            while start < size:  # in parts, so that a large document is not held twice
                end = start + _CHUNK
                start += utf_8_decode(view[start:end], "strict", end >= size)[1]
        except UnicodeDecodeError as error:
            at = start + error.start
            raise InputError(f"is not UTF-8 (byte {at})", where=where, hint="Save it as UTF-8") from None
    return raw


def read_one(
    document: Document,
    raw: bytes | memoryview,
    kind: str,
    path: str,
    full_url: str | None,
    where: str,
    check: Check | None = None,
) -> None:
    """Adds one resource to a document, if it is of a type that is read.

    Raises:
        InputError: one line with the path, as ``read`` does.
    """
    struct = _KINDS.get(kind)
    if struct is None:
        if kind not in RESOURCE_TYPES:
            hint = did_you_mean(kind, RESOURCE_TYPES)
            message = f"{one_line(kind, 40)!r} is no resource type of FHIR R4"
            raise InputError(message, where=f"{where}: {path}.resourceType", hint=hint)
        document.not_read[kind] += 1
        return
    if kind == "Observation" and _PREGNANCY not in bytes(raw):
        document.not_read[_OTHER_OBSERVATION] += 1
        return
    resource: Any = _decode(raw, struct, where, path)
    refuse_twice(raw, where, path)
    _refuse_other_versions(resource, where, path)
    if isinstance(resource, _Capability):
        document.not_read[kind] += 1
        return
    id_ = resource.id
    if id_ is not None and not _ID.fullmatch(id_):
        raise InputError("is no FHIR id", where=f"{where}: {path}.id", hint="Letters, digits, - and . only")
    reference = f"{kind}/{id_}" if id_ else path
    if check is not None:
        check(kind, bytes(raw), where, path)
    document.items.append(Item(kind, resource, path, reference, full_url))


def type_of(raw: bytes, where: str) -> str:
    """The resourceType of a document; raises InputError if it names none."""
    return _type_of(raw, where, "")


def contained(raw: Raw, where: str, path: str) -> Item | None:
    """A contained Medication; None if it is something else."""
    kind = _type_of(raw, where, path)
    if kind != "Medication":
        return None
    resource = _decode(raw, Medication, where, path)
    return Item(kind, resource, path, f"#{resource.id}", None)


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
        raise InputError(malformed(str(error)), where=f"{where}: {path}" if "[" in path else where) from None
    except RecursionError:
        raise InputError("is nested too deep", where=f"{where}: {path}".rstrip(": ")) from None
    return made


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
    elif isinstance(resource, Condition) and there(resource.participant):
        raise _not_r4(where, f"{path}.participant", "R5")
    elif isinstance(resource, MedicationUse) and there(resource.medication):
        raise _not_r4(where, f"{path}.medication", "R5")
    elif isinstance(resource, Procedure) and (
        there(resource.occurrenceDateTime) or there(resource.occurrencePeriod)
    ):
        raise _not_r4(where, f"{path}.occurrence[x]", "R5")


def _not_r4(where: str, path: str, version: str) -> InputError:
    return InputError(
        f"is FHIR {version}", where=f"{where}: {path}", hint="Only R4 (4.0.1) is read; convert it first"
    )
