"""A sentence for people: an English template and its values, so that it can be stored once and shown in any language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True)
class Text:
    """What to tell a person. `str()` is the English sentence; the translation happens where it is shown.

    A value may be a Text itself, or a tuple of them: a list, one a line."""

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.rendered(lambda template: template)

    def rendered(self, translated: Callable[[str], str]) -> str:
        """The sentence, with this and every inner template looked up by `translated`."""

        def shown(value: Value) -> str | int | float:
            if isinstance(value, Text):
                return value.rendered(translated)
            if isinstance(value, tuple):
                return "\n".join(f"  - {item.rendered(translated)}" for item in value)
            return value

        return translated(self.template).format(
            **{name: shown(value) for name, value in self.values.items()}
        )

    def as_json(self) -> dict[str, Any]:
        def plain(value: Value) -> Any:
            if isinstance(value, Text):
                return value.as_json()
            return [item.as_json() for item in value] if isinstance(value, tuple) else value

        return {
            "template": self.template,
            "values": {name: plain(value) for name, value in self.values.items()},
        }

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> Text | None:
        return None if data is None else _from_json(data)


Value = str | int | float | Text | tuple[Text, ...]


def _from_json(data: Mapping[str, Any]) -> Text:
    def value(plain: Any) -> Value:
        if isinstance(plain, dict):
            return _from_json(plain)
        if isinstance(plain, list):
            return tuple(_from_json(item) for item in plain)
        found: Value = plain
        return found

    return Text(data["template"], {name: value(plain) for name, plain in data["values"].items()})


def say(template: str, /, **values: Value) -> Text:
    """A `Text`. Every template written as a literal in a call of `say` has a translation (checked by a test)."""
    return Text(template, values)


def with_suggestion(complaint: Text, typed: str, known: Iterable[str]) -> Text:
    """The complaint, and the known word nearest to what was typed if one is near enough."""
    nearest = get_close_matches(typed, list(known), n=1)
    if not nearest:
        return complaint
    return say("{complaint}; did you mean `{nearest}`?", complaint=complaint, nearest=nearest[0])
