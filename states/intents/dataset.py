"""Chat examples and their JSONL form: one `{"messages": [system, user, assistant]}` a line.

row_lines.py reads and writes them in numbers.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from states.foreign import hidden_in
from states.intents.annotated_json import describe_syntax_error, has_half_a_pair
from states.intents.forms import tidy
from states.text import Text, say

# Ends of a line to many readers of lines, though not to JSON, which leaves them as they are.
LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


@dataclass(frozen=True)
class Message:
    """One message of a chat. `extra`: other keys of a person's own row ("weight", say)."""

    role: str  # system, user or assistant
    content: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"role": self.role, "content": self.content, **self.extra}


@dataclass(frozen=True)
class Row:
    """One training example. `extra`: other keys of a person's own row, kept as they are.

    `hidden`: the characters that were left out of it because nobody sees them, such as "U+FEFF".
    """

    messages: tuple[Message, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    hidden: str = field(default="", compare=False)

    @property
    def instruction(self) -> str:
        """The system message; empty where a person's own row has none."""
        return self._first("system")

    @property
    def sentence(self) -> str:
        """What the customer writes: the first user message."""
        return self._first("user")

    @property
    def intent(self) -> str:
        """What the model learns to answer: the first assistant message."""
        return self._first("assistant")

    def _first(self, role: str) -> str:
        return next((m.content for m in self.messages if m.role == role), "")

    def as_json(self) -> dict[str, Any]:
        return {"messages": [m.as_json() for m in self.messages], **self.extra}


_INSTRUCTION = {
    "es": (
        "Eres un clasificador de intenciones para mensajes de clientes. Lee el mensaje y responde"
        " únicamente con el nombre de la intención, sin nada más. Las intenciones son:\n",
        "mensajes sobre «{}»",
    ),
    "en": (
        "You classify the intent of customers' messages. Read the message and answer with the name"
        " of the intent only, and nothing else. The intents are:\n",
        "messages about “{}”",
    ),
}


def instruct(intents: Sequence[str], lines: Mapping[str, str], language: str = "es") -> str:
    """The instruction for the model: the intents, one line each.

    `lines`: intent -> description; one without is described by its name. `language`: es or en.
    """
    beginning, about = _INSTRUCTION[language]
    return beginning + "\n".join(
        f"- {intent}: {lines.get(intent) or about.format(re.sub('[_-]', ' ', intent))}"
        for intent in intents
    )


def intents_of(rows: Iterable[Row]) -> list[str]:
    """The intents of the rows, in order of appearance."""
    return list(dict.fromkeys(row.intent for row in rows))


def encode(rows: Iterable[Row]) -> bytes:
    """The JSONL file of the rows, UTF-8: one line each, also to who takes U+2028 for an end."""
    lines = (json.dumps(row.as_json(), ensure_ascii=False, allow_nan=False) for row in rows)
    return "".join(line.translate(LINE_ENDS) + "\n" for line in lines).encode()


class RowError(Exception):
    """A line of a JSONL file that the service would refuse. `line` counts from 1."""

    def __init__(self, line: int, text: Text) -> None:
        super().__init__(str(text))
        self.line = line
        self.text = text


def decode(content: bytes) -> list[Row]:
    """The rows of a JSONL file, tidied, each of the shape that the service trains on.

    A byte-order mark, other ends of lines and empty lines are not in them. Raises RowError at the
    first that is of another shape, UnicodeDecodeError for what is not UTF-8.
    """
    return list(decode_each(content))


def decode_each(content: bytes) -> Iterator[Row]:
    """As `decode`, one after the other: who wants the first reads no other."""
    for number, line in enumerate(content.decode("utf-8-sig").split("\n"), start=1):
        if line.strip():
            yield decode_line(number, line)


def describe_refusal(place: str, error: RowError | UnicodeDecodeError) -> Text:
    """Why `decode` does not read the file."""
    if isinstance(error, UnicodeDecodeError):
        return say("{place} is not UTF-8 text.", place=place)
    return say("{place}, line {line}: {problem}", place=place, line=error.line, problem=error.text)


def decode_line(number: int, line: str) -> Row:
    """One row of `decode`; `number` counts from 1."""
    data = _parse_line(number, line)
    messages = data.get("messages") if isinstance(data, dict) else None
    if not isinstance(messages, list) or not messages:
        raise RowError(number, say('"messages" is missing or not a list'))
    for message in messages:
        _check_message(number, message)
    if messages[-1]["role"] != "assistant" or not any(m["role"] == "user" for m in messages):
        problem = say("there must be a user message, and the last one must be the assistant's")
        raise RowError(number, problem)
    return Row(
        tuple(
            Message(m["role"], tidy(m["content"]), _rest(m, ("role", "content"))) for m in messages
        ),
        _rest(data, ("messages",)),
        hidden_in("\n".join(m["content"] for m in messages)),
    )


def _parse_line(number: int, line: str) -> Any:
    try:
        data = json.loads(line, parse_constant=_refuse_number, parse_float=_parse_float)
    except json.JSONDecodeError as error:
        problem = describe_syntax_error(error)
        raise RowError(number, say("not valid JSON ({problem})", problem=problem)) from error
    except RecursionError as error:
        raise RowError(number, say("nested too deeply")) from error
    except ValueError as error:
        raise RowError(
            number, say("a number with no form in JSON, or with too many digits")
        ) from error
    if "\\u" in line and has_half_a_pair(json.dumps(data, ensure_ascii=False)):
        raise RowError(number, say("a broken character (half of a surrogate pair)"))
    return data


def _parse_float(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse_number(digits)


def _refuse_number(digits: str) -> float:
    """NaN, an infinity, or what is as large: Python reads it, and JSON cannot say it."""
    raise ValueError(digits)


def _check_message(number: int, message: Any) -> None:
    roles = ("system", "user", "assistant")
    if not isinstance(message, dict) or message.get("role") not in roles:
        raise RowError(number, say("a message has no role of system, user or assistant"))
    if not isinstance(message.get("content"), str) or not tidy(message["content"]).strip():
        raise RowError(number, say("a message has no text"))


def _rest(data: Mapping[str, Any], read: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in read}
