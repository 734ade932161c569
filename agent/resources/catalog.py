"""The data files of states/catalog, each read when it is first asked for.

bootstrap.py makes one; the steps and the results call it through states.ports.Catalog."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any


class PackagedCatalog:
    """Implements states.ports.Catalog from the files that ship with the package."""

    @cached_property
    def service(self) -> Mapping[str, Any]:
        return tomllib.loads(_read("service.toml").decode())

    @cached_property
    def starter_examples(self) -> bytes:
        return _read("intent_examples.json")

    @cached_property
    def starter_cases(self) -> bytes:
        return _read("test_cases.json")

    @cached_property
    def starter_intents(self) -> bytes:
        return _read("intents.json")


def _read(name: str) -> bytes:
    return files("states.catalog").joinpath(name).read_bytes()
