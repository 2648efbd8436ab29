"""Reads a YAML file that a person may have broken: one clear line for each way to break it.

Law files are plain YAML: mappings, lists, text, whole numbers, dates, true, false and null. Anchors, aliases,
tags, duplicate keys, deep nesting, several documents and files over a mebibyte are refused, so that a file never
means something other than what a reader sees, and never takes the machine's memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
import yaml

from handrail.terms import InputError, did_you_mean

MAX_BYTES = 1 << 20
MAX_DEPTH = 24
#: The longest message part that is quoted from a file.
MAX_QUOTED = 160
#: More digits than any number in a file needs; int() itself refuses very long ones.
MAX_DIGITS = 18
_LOADER = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
_MAYBE_ANCHOR = re.compile(r"(?:^|[\s\[{,:?-])[&*]\S", re.MULTILINE)
_TAG = "tag:yaml.org,2002:"
_BOOL = {"true": True, "false": False}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

T = TypeVar("T")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: if there is no such file, or it is larger than MAX_BYTES.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise InputError("is a folder, not a file", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=one_line(str(path))) from None
    except ValueError as error:  # a NUL in the name
        raise InputError(f"cannot be read ({error})", where=ascii(str(path))) from None
    if len(raw) > MAX_BYTES:
        raise InputError(
            "is larger than 1 MiB", where=path.name, hint="A law file holds one jurisdiction, as text"
        )
    return raw


def one_line(text: str, limit: int = MAX_QUOTED) -> str:
    """Text as one line, cut where it grows longer than ``limit``.

    >>> one_line("a\\nb")
    'a b'
    """
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def parse(raw: bytes, where: str, *, aliases: bool = False) -> Any:
    """The data of a YAML document.

    Args:
        raw: the file's bytes, UTF-8.
        where: the file's name, for messages.
        aliases: let anchors and aliases be; what they share is shared in the data too, never copied.

    Raises:
        InputError: one line with file and line number, if it is not plain YAML as above.
    """
    text = _text(raw, where)
    try:
        if not aliases and _MAYBE_ANCHOR.search(text):
            _refuse_anchors(text, where)
        node = yaml.compose(text, Loader=_LOADER)
        if node is None:
            raise InputError("is empty", where=where)
        return _Builder(where).build(node, 0)
    except yaml.YAMLError as error:
        raise _yaml_error(error, where) from None
    except RecursionError:
        raise InputError(f"is nested more than {MAX_DEPTH} deep", where=where) from None


def convert(data: Any, kind: type[T], where: str, at: str = "") -> T:
    """``data`` as the type ``kind``.

    Raises:
        InputError: naming the file, the field and what would be right.
    """
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _validation_error(error, where, at, kind) from None


def faults(data: Any, kind: Any, where: str, at: str = "", holder: Any = None) -> Iterator[InputError]:
    """Every way in which ``data`` is not of the type ``kind``; none if it is.

    Args:
        data: plain data.
        kind: a Struct, or a type that is made of some.
        where: the file's name.
        at: the place in it; a part whose id has a slash (a rule) is called by its id instead.
        holder: the Struct whose field the data is, if it is one.
    """
    try:
        msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        inner = list(_inner_faults(data, kind, where, at, holder))
        yield from inner or [_validation_error(error, where, at, holder or kind)]


def _inner_faults(data: Any, kind: Any, where: str, at: str, holder: Any) -> Iterator[InputError]:
    """The faults of the parts; none if the fault lies between them."""
    for shape in _shapes(kind):
        if isinstance(data, dict) and isinstance(shape, type) and issubclass(shape, msgspec.Struct):
            yield from _field_faults(data, shape, where, at)
        elif isinstance(data, dict) and get_origin(shape) is dict:
            for key, value in data.items():
                yield from faults(value, get_args(shape)[1], where, f"{at}.{key}".lstrip("."), holder)
        elif isinstance(data, list) and get_origin(shape) is tuple:
            for number, item in enumerate(data):
                name = item.get("id") if isinstance(item, dict) else None
                place = name if isinstance(name, str) and "/" in name else f"{at}[{number}]"
                yield from faults(item, get_args(shape)[0], where, place, holder)


def _field_faults(data: dict[str, Any], kind: type[msgspec.Struct], where: str, at: str) -> Iterator[InputError]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    place = f"{where}: {one_line(at)}" if at else where
    for name in data:
        if name not in fields:
            yield _unknown_field(name, list(fields), place)
    for name, field in fields.items():
        if name in data:
            yield from faults(data[name], field.type, where, f"{at}.{name}".lstrip("."), kind)
        elif field.required:
            yield InputError(f"lacks the field {name!r}", where=place)


def _shapes(kind: Any) -> list[Any]:
    """The types that a union is made of, without their annotations."""
    if get_origin(kind) is Annotated:
        return _shapes(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [shape for part in get_args(kind) for shape in _shapes(part)]
    return [kind]


def _text(raw: bytes, where: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        raise InputError("is UTF-16 or UTF-32", where=where, hint="Save it as UTF-8")
    if b"\x00" in raw:
        raise InputError("is binary, not text", where=where)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError("is not UTF-8", where=f"{where}:{line}", hint="Save it as UTF-8") from None


def _refuse_anchors(text: str, where: str) -> None:
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise InputError(
                "has a YAML anchor or alias (& or *)", where=f"{where}:{line}", hint="Write the value out"
            )


def _yaml_error(error: yaml.YAMLError, where: str) -> InputError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    place = f"{where}:{mark.line + 1}" if mark is not None else where
    return InputError(f"is not valid YAML: {' '.join(str(problem).split())}", where=place)


class _Builder:
    """Plain data from YAML nodes, refusing what a reader would not see."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.built: dict[yaml.Node, Any] = {}

    def build(self, node: yaml.Node, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise self.error(node, f"is nested more than {MAX_DEPTH} deep")
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if node not in self.built:
            self.built[node] = self.collection(node, depth)
        return self.built[node]

    def collection(self, node: yaml.Node, depth: int) -> Any:
        if node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
            raise self.error(node, f"has the tag {node.tag}", "Remove the tag")
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, depth + 1) for item in node.value]
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str) or key_node.tag == f"{_TAG}merge":
                raise self.error(key_node, "has a key that is no plain text")
            if key in data:
                raise self.error(key_node, f"has the key {key!r} twice")
            data[key] = self.build(value_node, depth + 1)
        return data

    def scalar(self, node: yaml.ScalarNode) -> Any:
        tag, value = node.tag, node.value
        if tag == f"{_TAG}str":
            return value
        if tag == f"{_TAG}null":
            return None
        if tag == f"{_TAG}bool" and value.lower() in _BOOL:
            return _BOOL[value.lower()]
        if tag == f"{_TAG}bool":
            raise self.error(node, f"has the value {value}", "Write true, false, or the word in quotes")
        if tag == f"{_TAG}int" and value.isascii() and value.isdigit():
            if len(value) > MAX_DIGITS:
                raise self.error(node, f"has a number of more than {MAX_DIGITS} digits")
            return int(value)
        if tag == f"{_TAG}timestamp" and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise self.error(node, f"has a date that does not exist, {value}") from None
        if tag.startswith(_TAG) and tag != f"{_TAG}binary":
            raise self.error(node, f"has the value {value!r}", "Write a date as YYYY-MM-DD, text in quotes")
        raise self.error(node, f"has the tag {tag}", "Remove the tag")

    def error(self, node: yaml.Node, problem: str, hint: str = "") -> InputError:
        return InputError(one_line(problem), where=f"{self.where}:{node.start_mark.line + 1}", hint=hint)


_AT = re.compile(r"^(?P<problem>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
_ENUM = re.compile(r"Invalid enum value '(?P<value>.*)'", re.DOTALL)


def _validation_error(error: msgspec.ValidationError, where: str, at: str, kind: Any) -> InputError:
    found = _AT.match(str(error))
    assert found is not None  # noqa: S101  (the pattern matches anything)
    problem, path = found["problem"], (found["path"] or "$")[1:]
    hint = ""
    place = one_line(f"{at}{path}" if at else path.lstrip("."))
    if unknown := _UNKNOWN.fullmatch(problem):
        return _unknown_field(unknown["field"], _fields(kind), f"{where}: {place}" if place else where)
    if missing := _MISSING.fullmatch(problem):
        problem = f"lacks the field {missing['field']!r}"
    elif value := _ENUM.fullmatch(problem):
        problem = f"has the value {one_line(value['value'])!r}, which is not known there"
        hint = did_you_mean(one_line(value["value"]), _words(kind, place))
    else:
        problem = one_line(problem.replace("`", ""))
        problem = problem[:1].lower() + problem[1:]
    return InputError(problem, where=f"{where}: {place}" if place else where, hint=hint)


def _unknown_field(name: str, fields: list[str], place: str) -> InputError:
    hint = did_you_mean(one_line(name), fields)
    return InputError(f"has a field that is not known, {one_line(name)!r}", where=place, hint=hint)


def _schema(kind: Any) -> dict[str, Any]:
    return msgspec.json.schema_components([kind])[1]


def _fields(kind: Any) -> list[str]:
    return sorted({name for part in _schema(kind).values() for name in part.get("properties", ())})


def _words(kind: Any, path: str) -> list[str]:
    """The words that the field at the end of a path may hold."""
    schema = _schema(kind)
    field = re.sub(r"\[.*?\]", "", path).rpartition(".")[2]
    words: set[str] = set()

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            words.update(word for word in part.get("enum", ()) if isinstance(word, str))
            if "$ref" in part:
                collect(schema[part["$ref"].rpartition("/")[2]])
            for value in part.values():
                collect(value)
        elif isinstance(part, list):
            for value in part:
                collect(value)

    for component in schema.values():
        described = component.get("properties", {}).get(field)
        if described is not None and not _is_struct(described, schema):
            collect(described)
    return sorted(words)


def _is_struct(described: dict[str, Any], schema: dict[str, Any]) -> bool:
    return "properties" in schema.get(described.get("$ref", "").rpartition("/")[2], {})
