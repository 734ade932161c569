"""Microsoft's OpenAPI files, where they are: beside the checkout, or where OPENAPI_FOLDER says.

They are not ours to ship. docs/emulator.md says where each can be had.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "azure" / "specs"
FOLDER = Path(os.environ.get("OPENAPI_FOLDER") or _BESIDE)
_COMMON = re.compile(r".*/common-types/resource-management/v2/types\.json#/(\w+)/(.+)")

wanted = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"Microsoft's OpenAPI files are not in {FOLDER} (OPENAPI_FOLDER)"
)


@dataclass(frozen=True)
class Source:
    """One file, below which address its paths are served, and the api-version to ask with."""

    file: str
    prefix: str
    version: str | None
    paths: str = ""  # a pattern: only those; of the newest file that has them

    def load(self) -> dict[str, Any]:
        """The file with every reference inside it, and no server of its own."""
        spec: dict[str, Any] = json.loads((FOLDER / self.file).read_text(encoding="utf-8"))
        if "common-types" in json.dumps(spec):
            common = json.loads((FOLDER / "arm-common-types-v2-types.json").read_text())
            for part in ("definitions", "parameters"):
                mine = {f"common_{name}": value for name, value in common[part].items()}
                spec[part] = {**spec.get(part, {}), **_drop(_point(mine, r"#/(\w+)/(.+)"))}
            spec = _point(spec, _COMMON.pattern)
        for key in ("servers", "host", "basePath", "x-ms-parameterized-host", "security"):
            spec.pop(key, None)
        spec["paths"] = {
            path: one for path, one in spec["paths"].items() if re.search(self.paths, path)
        }
        return _drop(spec)


SOURCES = {
    "v1": Source("openai-v1-AIFoundryOpenAIV1.json", "/openai/v1", None),
    "dated": Source("authoring-stable-2024-06-01.json", "/openai", "2024-06-01"),
    "chat": Source("inference-stable-2024-06-01.json", "/openai", "2024-06-01", "/chat/"),
    "legacy": Source(
        "authoring-preview-2023-03-15-preview.json", "/openai", "2023-03-15-preview", "/deploy"
    ),
    "manager": Source(
        "arm-cognitiveservices-preview-2024-04-01-preview.json", "", "2024-04-01-preview"
    ),
}


@cache
def load(name: str) -> dict[str, Any]:
    return SOURCES[name].load()


def shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def parameters(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)


def find(method: str, path: str, names: Iterable[str] = SOURCES) -> tuple[str, str] | None:
    """The source, and the path in it, of what a route serves; None where no file has it."""
    for name in names:
        prefix = SOURCES[name].prefix
        for known, operations in load(name)["paths"].items():
            if shape(prefix + known) == shape(path) and method.lower() in operations:
                return name, known
    return None


def check(body: Any, spec: dict[str, Any], definition: str) -> None:
    """A part of an answer against a definition of the file. Raises AssertionError."""
    there = "definitions" if "definitions" in spec else "components/schemas"
    validator = Draft7Validator({**_walk(spec, _nullable), "$ref": f"#/{there}/{definition}"})
    faults = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in validator.iter_errors(body)
    ]
    assert faults == []


def _nullable(one: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own."""
    rest = {key: value for key, value in one.items() if key != "nullable"}
    return {"anyOf": [rest, {"type": "null"}]} if one.get("nullable") is True else one


def _point(value: Any, pattern: str) -> Any:
    """References to the common types, to where they are now."""

    def mend(one: dict[str, Any]) -> dict[str, Any]:
        found = re.fullmatch(pattern, str(one.get("$ref", "")))
        return {**one, "$ref": f"#/{found[1]}/common_{found[2]}"} if found else one

    return _walk(value, mend)


def _drop(value: Any) -> Any:
    """Examples lie in files of their own, and are older than the enumerations."""
    return _walk(value, lambda one: {k: v for k, v in one.items() if k != "x-ms-examples"})


def _walk(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return change({key: _walk(one, change) for key, one in value.items()})
    return [_walk(one, change) for one in value] if isinstance(value, list) else value
