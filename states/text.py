"""A sentence for people: an English template and its values, stored once, shown in any language.

Every room that has something to tell a person calls `say`; agent/views/language.py renders it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from states.foreign import clean


@dataclass(frozen=True)
class Rounded:
    """A number, and how many digits after the decimal point a person is shown."""

    number: float
    digits: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"number": self.number, "digits": self.digits}


_DUST = 1e-9  # USD: what sums of floats leave where nothing is left


def dollars(usd: float) -> Rounded:
    """To the cent; of less than a cent the first two digits, for it is not nothing."""
    size = abs(usd)
    if not _DUST < size < 0.01:
        return Rounded(usd, 2)
    first = -math.floor(math.log10(size))
    return Rounded(usd, first if round(usd, first) == round(usd, first + 1) else first + 1)


class Language(Protocol):
    """How one language says a template and writes a number."""

    def sentence(self, template: str) -> str: ...
    def plural(self, one: str, many: str, count: float) -> str:
        """The form of the template that goes with `count`."""
        ...

    def number(self, number: float, digits: int | None) -> str:
        """`digits` after the decimal point; None: as many as the number has."""
        ...


class English:
    """The language of the templates themselves."""

    def sentence(self, template: str) -> str:
        return template

    def plural(self, one: str, many: str, count: float) -> str:
        return one if count == 1 else many

    def number(self, number: float, digits: int | None) -> str:
        return str(number) if digits is None else f"{number:.{digits}f}"


ENGLISH = English()
HIDDEN = "[sentence]"  # stands for a person's sentence where it must not be quoted


@dataclass(frozen=True)
class Text:
    """What to tell a person. `str()` is the English sentence.

    A value may be a Text itself, or a tuple of them: a list, one a line. `plural`: the template to
    use where the value `count` is not one."""

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)
    plural: str | None = None

    def __str__(self) -> str:
        return self.render(ENGLISH)

    def for_log(self) -> str:
        """In English, and without a person's sentence (a value named `sentence`): logs travel."""
        return self.without_sentences().render(ENGLISH)

    def without_sentences(self) -> Text:
        """The same, with a stand-in for every value named `sentence`."""

        def hide(name: str, value: Value) -> Value:
            if name == "sentence":
                return HIDDEN
            if isinstance(value, Text):
                return value.without_sentences()
            if isinstance(value, tuple):
                return tuple(item.without_sentences() for item in value)
            return value

        values = {name: hide(name, value) for name, value in self.values.items()}
        return Text(self.template, values, self.plural)

    def render(self, language: Language) -> str:
        """The sentence in that language, with every inner one."""
        shown = {name: _show(value, language) for name, value in self.values.items()}
        return self._form(language).format(**shown)

    def _form(self, language: Language) -> str:
        count = self.values.get("count")
        if self.plural is None or not isinstance(count, int | float):
            return language.sentence(self.template)
        return language.plural(self.template, self.plural, count)

    def as_json(self) -> dict[str, Any]:
        values = {name: _to_json(value) for name, value in self.values.items()}
        plural = {} if self.plural is None else {"plural": self.plural}
        return {"template": self.template, "values": values, **plural}

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> Text | None:
        """None for None. Texts of older versions have no "plural"."""
        return None if data is None else _from_json(data)


Value = str | int | float | Rounded | Text | tuple[Text, ...]


def _show(value: Value, language: Language) -> str | int:
    if isinstance(value, Text):
        return value.render(language)
    if isinstance(value, tuple):
        return "\n".join(f"  - {item.render(language)}" for item in value)
    if isinstance(value, Rounded):
        return language.number(value.number, value.digits)
    return language.number(value, None) if isinstance(value, float) else value


def _to_json(value: Value) -> Any:
    if isinstance(value, Text | Rounded):
        return value.as_json()
    return [item.as_json() for item in value] if isinstance(value, tuple) else value


def _from_json(data: Mapping[str, Any]) -> Text:
    values = {name: _value_from_json(value) for name, value in data["values"].items()}
    return Text(data["template"], values, data.get("plural"))


def _value_from_json(data: Any) -> Value:
    if isinstance(data, list):
        return tuple(_from_json(item) for item in data)
    if isinstance(data, dict):
        is_text = "template" in data
        return _from_json(data) if is_text else Rounded(data["number"], data["digits"])
    # Versions before 0.2 stored what strangers said as they said it.
    plain: Value = clean(data) if isinstance(data, str) else data
    return plain


def say(template: str, plural: str | None = None, /, **values: Value) -> Text:
    """A `Text`. With a plural, `count` decides: say("{count} file", "{count} files", count=n).

    Both templates are literals: a test checks that each has its translation."""
    return Text(template, values, plural)


def ended(text: Text) -> Text:
    """The same with a full stop, where it has none: notes are told without, errors with one."""
    return text if str(text).endswith((".", "!", "?", "…")) else say("{told}.", told=text)


def and_then(first: Text, second: Text) -> Text:
    """One sentence behind the other. The second may go without a full stop."""
    return say("{first} {second}", first=ended(first), second=second)


def with_suggestion(
    complaint: Text, typed: str, known: Iterable[str], is_inside: bool = False
) -> Text:
    """The complaint, and the known word nearest to what was typed if one is near enough, in
    capitals or not.

    `is_inside`: the sentence goes on behind it.
    """
    from difflib import get_close_matches  # only once somebody has mistyped

    folded = {one.casefold(): one for one in known}
    nearest = [folded[one] for one in get_close_matches(typed.casefold(), list(folded), n=1)]
    if not nearest:
        return complaint
    if is_inside:
        return say(
            "{complaint} (did you mean `{nearest}`?)", complaint=complaint, nearest=nearest[0]
        )
    return say("{complaint}; did you mean `{nearest}`?", complaint=complaint, nearest=nearest[0])
