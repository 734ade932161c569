"""Reads settings value by value, collecting every mistake.

Used by config.py, and by checks.py and addresses.py for one value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from states.text import Text, say


class Reader:
    """Reads values one by one; collects mistakes and warnings. An empty value counts as not set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.mistakes: list[Text] = []
        self.warnings: list[Text] = []

    def read_text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def read_optional(self, name: str) -> str | None:
        return self.read_text(name) or None

    def add_mistake(self, text: Text) -> None:
        self.mistakes.append(text)

    def add_warning(self, text: Text) -> None:
        self.warnings.append(text)

    def read_number(self, name: str, default: float, lowest: float, highest: float) -> float:
        raw = self.read_text(name)
        try:
            value = float(raw) if raw else default
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:  # also false for nan
            self.add_mistake(
                say(
                    "{name} is {value}; it must be a number from {lowest} to {highest}.",
                    name=name,
                    value=repr(raw),
                    lowest=f"{lowest:.12g}",
                    highest=f"{highest:.12g}",
                )
            )
            return default
        return value

    def read_whole(self, name: str, default: int, lowest: int, highest: int) -> int:
        value = self.read_number(name, default, lowest, highest)
        if value != int(value):
            self.add_mistake(
                say(
                    "{name} is {value}; it must be a whole number.",
                    name=name,
                    value=repr(self.read_text(name)),
                )
            )
            return default
        return int(value)

    def read_choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """The allowed word, as it is written in `allowed`, whatever the case of the given one."""
        value = self.read_text(name, default)
        found = {word.lower(): word for word in allowed}.get(value.lower())
        if found is None:
            self.add_mistake(
                say(
                    "{name} is {value}; it must be one of {allowed}.",
                    name=name,
                    value=repr(value),
                    allowed=", ".join(allowed),
                )
            )
            return default
        return found

    def read_shape(self, name: str, default: str, shape: str, examples: str) -> str:
        value = self.read_text(name, default)
        if not re.fullmatch(shape, value):
            self.add_mistake(
                say(
                    "{name} is {value}; it must look like {examples}.",
                    name=name,
                    value=repr(value),
                    examples=examples,
                )
            )
            return default
        return value
