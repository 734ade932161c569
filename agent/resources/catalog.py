"""The data files of states/catalog, each read when it is first asked for.

bootstrap makes one; the steps and the results call it through states.ports.Catalog."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any

from states.bases.table import price_key


class PackagedCatalog:
    """Implements states.ports.Catalog from the files that ship with the package.

    `prices`: a person's own, which stand over those of the package (AGENT_PRICES)."""

    def __init__(self, prices: Mapping[str, Any] | None = None) -> None:
        self._prices = prices or {}

    @cached_property
    def service(self) -> Mapping[str, Any]:
        read = tomllib.loads(_read("service.toml").decode())
        for kind in ("training", "inference"):
            given = self._prices.get(kind, {})
            read["prices"][kind] |= {price_key(read, model): one for model, one in given.items()}
        read["prices"]["hosting"] = self._prices.get("hosting", read["prices"]["hosting"])
        return read

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
