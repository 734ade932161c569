"""What the value of a setting may be: numbers, words, shapes, secrets.

Used by agent/settings/declared.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from agent.settings.reader import Reader
from agent.settings.services import KINDS
from states.bases.table import SENT_TYPES, TRAINING_TYPES
from states.text import say

NO_BUDGET = "none"
WORD = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
DEPLOYMENT_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}"


class AnyText:
    """Any text, or the default."""

    def read(self, reader: Reader, name: str, default: Any) -> str:
        return reader.read_text(name, default or "")


class OptionalText:
    """Any text, or None."""

    def read(self, reader: Reader, name: str, default: Any) -> str | None:
        return reader.read_optional(name) or default


@dataclass(frozen=True)
class Number:
    lowest: float
    highest: float

    def read(self, reader: Reader, name: str, default: Any) -> float:
        return reader.read_number(name, default, self.lowest, self.highest)


@dataclass(frozen=True)
class OptionalNumber(Number):
    """None where it is not set."""

    def read(self, reader: Reader, name: str, default: Any) -> Any:
        return super().read(reader, name, default) if reader.read_optional(name) else default


class Budget:
    """US dollars; infinite for the word `none`; None where it is not set."""

    def read(self, reader: Reader, name: str, default: Any) -> float | None:
        given = reader.read_optional(name)
        if given is None:
            return None if default is None else float(default)
        if given.lower() == NO_BUDGET:
            return math.inf
        return reader.read_number(name, 0.0, 0.0, 1e9)


@dataclass(frozen=True)
class Whole:
    lowest: int
    highest: int

    def read(self, reader: Reader, name: str, default: Any) -> int:
        return reader.read_whole(name, default, self.lowest, self.highest)


@dataclass(frozen=True)
class Choice:
    words: tuple[str, ...]

    def read(self, reader: Reader, name: str, default: Any) -> str:
        return reader.read_choice(name, default, self.words)


@dataclass(frozen=True)
class OptionalChoice(Choice):
    """None where it is not set."""

    def read(self, reader: Reader, name: str, default: Any) -> Any:
        if reader.read_optional(name) is None:
            return default
        return reader.read_choice(name, self.words[0], self.words)


class TrainingType:
    """A known one as the service writes it; another as it is, with a warning."""

    def read(self, reader: Reader, name: str, default: Any) -> Any:
        given = reader.read_optional(name)
        if given is None:
            return default
        word = given.lower()
        if word == "developer" or not re.fullmatch(WORD, given):
            # The portal's word would be refused, or quietly taken for Standard.
            self._refuse(reader, name, given)
            return default
        sent = TRAINING_TYPES.get(word, given)
        if word not in SENT_TYPES:
            reader.add_warning(
                say(
                    "{name}={value} is sent as it is: no document that was read names it, so the"
                    " service may refuse it, or quietly take it for Standard.",
                    name=name,
                    value=sent,
                )
            )
        return sent

    def _refuse(self, reader: Reader, name: str, given: str) -> None:
        reader.add_mistake(
            say(
                "{name} is {value}; it must be one of {allowed}, or the word of a newer API.",
                name=name,
                value=repr(given),
                allowed=", ".join(TRAINING_TYPES.values()),
            )
        )


class ServiceKind:
    """A registered kind of service (agent/settings/services.py), or `auto`."""

    def read(self, reader: Reader, name: str, default: Any) -> str:
        return reader.read_choice(name, default, ("auto", *KINDS))


@dataclass(frozen=True)
class Shape:
    pattern: str
    examples: str

    def read(self, reader: Reader, name: str, default: Any) -> str:
        return reader.read_shape(name, default, self.pattern, self.examples)


class OptionalShape(Shape):
    """Empty where it is not set."""

    def read(self, reader: Reader, name: str, default: Any) -> str:
        return super().read(reader, name, default) if reader.read_optional(name) else ""


class DeploymentName:
    """As Azure allows it, or None."""

    def read(self, reader: Reader, name: str, default: Any) -> str | None:
        value = reader.read_optional(name)
        if value is None:
            return None if default is None else str(default)
        if not re.fullmatch(DEPLOYMENT_NAME, value):
            reader.add_mistake(
                say(
                    "{name} is {value}; use 2 to 64 letters, digits, hyphens, dots or underscores.",
                    name=name,
                    value=repr(value),
                )
            )
        return value


class DeploymentNames:
    """Names of deployments, separated by commas; `none` for none of them."""

    def read(self, reader: Reader, name: str, default: Any) -> str:
        value = reader.read_text(name, default)
        given = [one.strip() for one in value.split(",")]
        if not all(re.fullmatch(DEPLOYMENT_NAME, one) for one in given):
            reader.add_mistake(
                say(
                    "{name} is {value}; it must be names of deployments with commas between them,"
                    " or `none`. A name has 2 to 64 letters, digits, hyphens, dots or underscores.",
                    name=name,
                    value=repr(value),
                )
            )
            return str(default)
        return ",".join(dict.fromkeys(given))


class Header:
    """A secret that travels in a header. Never quoted."""

    def read(self, reader: Reader, name: str, default: Any) -> str | None:
        value = reader.read_text(name)
        if not re.fullmatch(r"[!#-&(-~]*", value):  # a quote: `docker --env-file` takes none away
            reader.add_mistake(
                say(
                    "{name} contains a character no key has (a space, an accent). Copy it again.",
                    name=name,
                )
            )
        return value or default
