"""Answers as JSON: an instance of a schema with the answer in it, for each that may be given.

resources/chat.py gives what a model predicts and gets a prediction of JSON texts back. A schema is
followed as far as `conforms` knows it; what it does not know is refused by the caller where the
schema is strict (resources/json_schema.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agent.emulator.model.sampling import Prediction
from agent.emulator.model.trie import UNSEEN, AnswerTrie

Schema = Mapping[str, Any]

_DEEPEST, _WIDEST = 12, 1000  # levels of a schema, and parts of one level, that are looked at
_ITEM = "[]"
_NOWHERE = ("nowhere",)
_Path = tuple[str | int, ...]
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}
_EMPTY: dict[str, Any] = {"string": "", "boolean": False, "null": None, "integer": 0, "number": 0}


class SchemaRefusedError(ValueError):
    """No instance of the schema can be written here; the message says why."""


def predict_json(prediction: Prediction, schema: Schema | None) -> Prediction:
    """The same answers as JSON; with None any object. Raises SchemaRefusedError."""
    chances: dict[str, float] = {}
    for text, chance in _write_all(prediction, schema):
        chances[text] = chances.get(text, 0.0) + chance
    trie = AnswerTrie(list(chances))
    shares = np.array(list(chances.values()))
    return Prediction(trie, trie.cumulate(shares / shares.sum()))


def list_choices(schema: Schema | None) -> list[str]:
    """The words among which the schema lets the answer be; none where it may be any."""
    found = _find_leaf(schema)[1] if schema else {}
    return [one for one in found.get("enum", ()) if isinstance(one, str)]


def conforms(value: Any, schema: Any, root: Schema) -> bool:
    """Whether a value is as the schema says, in the keywords that are followed here."""
    if isinstance(schema, bool):
        return schema
    schema = _resolve(schema, root)
    if "anyOf" in schema or "oneOf" in schema:
        options = schema.get("anyOf") or schema.get("oneOf") or ()
        return any(conforms(value, one, root) for one in options)
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds = _kinds(schema)
    if kinds and not any(_is_of(value, kind) for kind in kinds):
        return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        return all(name in value for name in schema.get("required", ())) and all(
            conforms(one, properties.get(name, rest), root) for name, one in value.items()
        )
    if isinstance(value, list):
        within = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        return within and all(conforms(one, schema.get("items", True), root) for one in value)
    return True


def _write_all(prediction: Prediction, schema: Schema | None) -> Iterator[tuple[str, float]]:
    chances = dict(zip(prediction.trie.answers, prediction.list_chances(), strict=True))
    if schema is None:
        for answer, chance in chances.items():
            parsed = _parse(answer)
            yield _dump(parsed if isinstance(parsed, dict) else {"label": answer}), chance
        return
    leaf, _ = _find_leaf(schema)
    choices = list_choices(schema)
    if choices:
        heard = dict.fromkeys(choices, UNSEEN)
        same = {choice.casefold(): choice for choice in choices}
        for answer, chance in chances.items():
            if answer.strip().casefold() in same:
                heard[same[answer.strip().casefold()]] += chance
        chances = heard
    for answer, chance in chances.items():
        parsed = _parse(answer)
        if isinstance(parsed, dict) and conforms(parsed, schema, schema):
            yield _dump(parsed), chance
        else:
            written = _Writer(schema, leaf, answer).write(schema)
            if not conforms(written, schema, schema):
                raise SchemaRefusedError("This emulator finds no value that is as the schema says.")
            yield _dump(written), chance


def _find_leaf(schema: Schema) -> tuple[_Path, Schema]:
    """Where the answer goes: the highest text with a choice, or the highest text, or nowhere."""
    level: list[tuple[_Path, Any]] = [((), schema)]
    texts: list[tuple[_Path, Schema]] = []
    for _ in range(_DEEPEST):
        below: list[tuple[_Path, Any]] = []
        for path, node in level:
            found = _resolve(node, schema)
            if "string" in _kinds(found) and "const" not in found:
                texts.append((path, found))
            below += [((*path, step), one) for step, one in _list_below(found)]
        level = below[:_WIDEST]
    return next((one for one in texts if "enum" in one[1]), texts[0] if texts else (_NOWHERE, {}))


def _list_below(schema: Schema) -> Iterator[tuple[str | int, Any]]:
    """The parts of a schema: an option by its number, a property by its name, or the items."""
    yield from enumerate(schema.get("anyOf") or schema.get("oneOf") or ())
    yield from schema.get("properties", {}).items()
    if "items" in schema:
        yield _ITEM, schema["items"]


@dataclass(frozen=True)
class _Writer:
    """Writes one instance, with the answer where the leaf is."""

    root: Schema
    leaf: _Path
    answer: str

    def write(self, given: Any, path: _Path = ()) -> Any:
        if len(path) > _DEEPEST:
            raise SchemaRefusedError("The schema goes deeper than this emulator writes.")
        schema = _resolve(given, self.root)
        if path == self.leaf:
            return self.answer
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            at = self._choose_option(options, path)
            return self.write(options[at], (*path, at))
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        kind = next(iter(_kinds(schema)), "object" if "properties" in schema else "string")
        if kind == "object":
            properties = schema.get("properties", {})
            names = dict.fromkeys((*properties, *schema.get("required", ())))
            return {name: self.write(properties.get(name, {}), (*path, name)) for name in names}
        if kind == "array":
            holds = self.leaf[: len(path) + 1] == (*path, _ITEM)
            count = max(schema.get("minItems", 0), int(holds))
            steps = [_ITEM, *(f"{_ITEM}{number}" for number in range(1, count))][:count]
            return [self.write(schema.get("items", {}), (*path, step)) for step in steps]
        return schema.get("minimum", 0) if kind in ("integer", "number") else _EMPTY.get(kind)

    def _choose_option(self, options: Sequence[Any], path: _Path) -> int:
        """The one with the leaf; else one that ends, for a list within a list goes on for ever."""
        if self.leaf[: len(path)] == path and len(self.leaf) > len(path):
            return int(self.leaf[len(path)])
        return next((at for at, one in enumerate(options) if _ends(one)), 0)


def _ends(schema: Any) -> bool:
    return "null" in _kinds(schema)


def _resolve(schema: Any, root: Schema) -> Schema:
    """What a reference means; a part of `allOf` counts as if it stood there."""
    for _ in range(_DEEPEST):
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" in schema:
            schema = _follow(str(schema["$ref"]), root)
        elif "allOf" in schema:
            rest = {key: one for key, one in schema.items() if key != "allOf"}
            merged: dict[str, Any] = {}
            for part in (*schema["allOf"], rest):
                merged |= _resolve(part, root)
            schema = merged
        else:
            return schema
    raise SchemaRefusedError("The references of the schema lead in a circle.")


def _follow(reference: str, root: Schema) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part) if isinstance(found, Mapping) else None
    if not reference.startswith("#") or found is None:
        raise SchemaRefusedError(f"The schema has no '{reference}'.")
    return found


def _kinds(schema: Any) -> tuple[str, ...]:
    given = schema.get("type", ()) if isinstance(schema, Mapping) else ()
    return (given,) if isinstance(given, str) else tuple(given)


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, ()))


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
