"""Reads a YAML file that a person may have broken: one clear line for each way to break it.

Law files are plain YAML: mappings, lists, text, whole numbers, dates, true, false and null. Anchors, aliases,
tags, duplicate keys, deep nesting, several documents and files over a mebibyte are refused, so that a file never
means something other than what a reader sees, and never takes the machine's memory.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import yaml

from handrail.terms import InputError, did_you_mean

MAX_BYTES = 1 << 20
MAX_DEPTH = 24
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
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from None
    if len(raw) > MAX_BYTES:
        raise InputError(
            "is larger than 1 MiB", where=path.name, hint="A law file holds one jurisdiction, as text"
        )
    return raw


def parse(raw: bytes, where: str) -> Any:
    """The data of a YAML document.

    Args:
        raw: the file's bytes, UTF-8.
        where: the file's name, for messages.

    Raises:
        InputError: one line with file and line number, if it is not plain YAML as above.
    """
    text = _text(raw, where)
    try:
        if _MAYBE_ANCHOR.search(text):
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


def _text(raw: bytes, where: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("is UTF-16", where=where, hint="Save it as UTF-8")
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

    def build(self, node: yaml.Node, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise self.error(node, f"is nested more than {MAX_DEPTH} deep")
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
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
        return InputError(problem, where=f"{self.where}:{node.start_mark.line + 1}", hint=hint)


_AT = re.compile(r"^(?P<problem>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
_ENUM = re.compile(r"Invalid enum value '(?P<value>.*)'")


def _validation_error(error: msgspec.ValidationError, where: str, at: str, kind: Any) -> InputError:
    found = _AT.match(str(error))
    assert found is not None  # noqa: S101  (the pattern matches anything)
    problem, path = found["problem"], (found["path"] or "$")[1:]
    hint = ""
    if unknown := _UNKNOWN.fullmatch(problem):
        problem = f"has a field that is not known, {unknown['field']!r}"
        hint = did_you_mean(unknown["field"], _fields(kind))
    elif missing := _MISSING.fullmatch(problem):
        problem = f"lacks the field {missing['field']!r}"
    elif value := _ENUM.fullmatch(problem):
        problem = f"has the value {value['value']!r}, which is not known there"
        hint = did_you_mean(value["value"], _words(kind, path))
    else:
        problem = problem[:1].lower() + problem[1:].replace("`", "")
    place = f"{at}{path}" if at else path.lstrip(".")
    return InputError(problem, where=f"{where}: {place}" if place else where, hint=hint)


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
