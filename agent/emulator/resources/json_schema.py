"""Parses `response_format` and the parameters of a tool, and refuses what the service refuses.

chat_request.py calls it; model/structured.py writes what the schema asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.emulator.model.tokens import Message
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.http import Request

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SINCE = "2024-08-01"  # the first api-version with json_schema
_DEEPEST, _MOST_PROPERTIES = 5, 100  # of a strict schema
# What a strict schema may say; Microsoft Learn, "Structured outputs".
_STRICT = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf"),
    *("$ref", "$defs", "definitions", "$schema", "$id", "title", "description", "default"),
}


@dataclass(frozen=True)
class Structure:
    """An answer in JSON: as this schema says, or with None any object."""

    schema: Mapping[str, Any] | None


def parse_response_format(
    request: Request, given: Any, messages: tuple[Message, ...]
) -> Structure | None:
    """None for text. Raises ServiceError."""
    if given is None:
        return None
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "text":
        return None
    if kind == "json_object":
        if not any("json" in content.casefold() for _, content in messages):
            raise _invalid(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of"
                " type 'json_object'.",
                "messages",
            )
        return Structure(None)
    if kind != "json_schema":
        raise _invalid(
            "'response_format' must have the type 'text', 'json_object' or 'json_schema'.",
            "response_format",
        )
    if not request.is_at_least(_SINCE):
        raise ServiceError(
            400,
            "BadRequest",
            "response_format value as json_schema is enabled only for api versions"
            f" {_SINCE}-preview and later",
        )
    return _parse_schema(given.get("json_schema"))


def parse_parameters(function: Mapping[str, Any], where: str) -> Structure:
    """What a tool wants to be called with. Raises ServiceError."""
    schema = function.get("parameters")
    if schema is None:
        return Structure({"type": "object", "properties": {}})
    if not isinstance(schema, dict) or schema.get("type", "object") != "object":
        raise _invalid(f"'{where}.parameters' must be the schema of an object.", where)
    if function.get("strict"):
        _check_strict(schema, f"{where}.parameters")
    return Structure(schema)


def _parse_schema(given: Any) -> Structure:
    where = "response_format"
    if not isinstance(given, dict):
        raise _invalid("'response_format.json_schema' must be an object.", where)
    name, schema = given.get("name"), given.get("schema", {"type": "object"})
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise _invalid(
            "'response_format.json_schema.name' must have 1 to 64 letters, digits, - and _.", where
        )
    if not isinstance(schema, dict):
        raise _invalid("'response_format.json_schema.schema' must be an object.", where)
    if schema.get("type") != "object":
        raise _invalid(
            f"Invalid schema for response_format '{name}': schema must be of the type 'object'.",
            where,
        )
    if given.get("strict"):
        _check_strict(schema, f"Invalid schema for response_format '{name}'")
    return Structure(schema)


def _check_strict(schema: Mapping[str, Any], where: str) -> None:
    """The rules of strict schemas, so that what passes here passes there. Raises ServiceError."""
    count = _check_node(schema, where, (), 0)
    for name in ("$defs", "definitions"):
        for key, one in schema.get(name, {}).items():
            count += _check_node(one, where, (name, key), 0)
    if count > _MOST_PROPERTIES:
        raise _invalid(f"{where}: more than {_MOST_PROPERTIES} properties.", "response_format")


def _check_node(node: Any, where: str, path: tuple[str, ...], depth: int) -> int:
    """Returns how many properties there are."""
    if not isinstance(node, dict):
        raise _refused(where, path, "a schema must be an object")
    unknown = sorted(set(node) - _STRICT)
    if unknown:
        raise _refused(where, path, f"'{unknown[0]}' is not permitted")
    count = 0
    properties = node.get("properties", {})
    if node.get("type") == "object" or properties:
        if node.get("additionalProperties") is not False:
            raise _refused(
                where, path, "'additionalProperties' is required to be supplied and to be false"
            )
        if set(node.get("required", ())) != set(properties):
            raise _refused(
                where, path, "'required' is required to be supplied and to name every property"
            )
        if depth >= _DEEPEST:
            raise _refused(where, path, f"more than {_DEEPEST} levels of nesting")
        count = len(properties)
    for name, one in properties.items():
        count += _check_node(one, where, (*path, "properties", name), depth + 1)
    if "items" in node:
        count += _check_node(node["items"], where, (*path, "items"), depth)
    for one in node.get("anyOf", ()):
        count += _check_node(one, where, (*path, "anyOf"), depth)
    return count


def _refused(where: str, path: tuple[str, ...], why: str) -> ServiceError:
    return _invalid(f"{where}: In context={path!r}, {why}.", "response_format")


def _invalid(message: str, param: str) -> ServiceError:
    return ServiceError(400, "invalid_request_error", message, param)
