"""Chat examples and their JSONL form: one `{"messages": [system, user, assistant]}` a line.

build_prompts makes the rows, split_data parts them, check_data and the service read them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from states.intents.annotated_json import describe_syntax_error
from states.intents.examples import Examples, normalize
from states.text import Text, say


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
    """One training example. `extra`: other keys of a person's own row, kept as they are."""

    messages: tuple[Message, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

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


def instruct(intents: Sequence[str], lines: Mapping[str, str]) -> str:
    """The instruction for the model: the intents, one line each.

    `lines`: intent -> description. Spanish, because the customers are.
    """
    listed = "\n".join(f"- {intent}: {_description(intent, lines)}" for intent in intents)
    return (
        "Eres un clasificador de intenciones para mensajes de clientes. Lee el mensaje y responde"
        " únicamente con el nombre de la intención, sin nada más. Las intenciones son:\n"
        f"{listed}"
    )


def _description(intent: str, lines: Mapping[str, str]) -> str:
    in_words = intent.replace("_", " ").replace("-", " ")
    return lines.get(intent) or f"mensajes sobre «{in_words}»"


def build_rows(examples: Examples, instruction: str) -> list[Row]:
    """One row per different sentence, in the order of the example set."""
    rows, seen = [], set()
    for intent, sentences in examples.items():
        for sentence in sentences:
            if normalize(sentence) not in seen:
                seen.add(normalize(sentence))
                rows.append(_build_row(instruction, sentence, intent))
    return rows


def _build_row(system: str, user: str, assistant: str) -> Row:
    said = (("system", system), ("user", user), ("assistant", assistant))
    return Row(tuple(Message(role, content) for role, content in said))


def intents_of(rows: Iterable[Row]) -> list[str]:
    """The intents of the rows, in order of appearance."""
    return list(dict.fromkeys(row.intent for row in rows))


def encode(rows: Iterable[Row]) -> bytes:
    """The JSONL file of the rows, UTF-8."""
    return "".join(json.dumps(row.as_json(), ensure_ascii=False) + "\n" for row in rows).encode()


def split(rows: Sequence[Row], train_share: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Training and validation rows. Each intent is cut at `train_share` (0..1).

    At least one row of each intent is on either side. The same seed gives the same split.
    """
    training: list[Row] = []
    validation: list[Row] = []
    for intent in intents_of(rows):
        own = [row for row in rows if row.intent == intent]
        random.Random(f"{seed}:{intent}").shuffle(own)
        # Rounded down: 12 sentences at 0.8 are 9 + 3; a validation of 2 says almost nothing.
        count = min(max(int(len(own) * train_share), 1), len(own) - 1)
        training += own[:count]
        validation += own[count:]
    random.Random(f"{seed}:order").shuffle(training)
    return training, validation


class RowError(Exception):
    """A line of a JSONL file that the service would refuse. `line` counts from 1."""

    def __init__(self, line: int, text: Text) -> None:
        super().__init__(str(text))
        self.line = line
        self.text = text


def decode(content: bytes) -> list[Row]:
    """The rows of a JSONL file, each of the shape that the service trains on.

    Raises RowError at the first that is not, UnicodeDecodeError for what is not UTF-8.
    """
    rows = []
    for number, line in enumerate(content.decode("utf-8-sig").split("\n"), start=1):
        if line.strip():
            rows.append(_decode_line(number, line))
    return rows


def _decode_line(number: int, line: str) -> Row:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        problem = describe_syntax_error(error)
        raise RowError(number, say("not valid JSON ({problem})", problem=problem)) from error
    messages = data.get("messages") if isinstance(data, dict) else None
    if not isinstance(messages, list) or not messages:
        raise RowError(number, say('"messages" is missing or not a list'))
    for message in messages:
        _check_message(number, message)
    if messages[-1]["role"] != "assistant" or not any(m["role"] == "user" for m in messages):
        problem = say("there must be a user message, and the last one must be the assistant's")
        raise RowError(number, problem)
    return Row(
        tuple(Message(m["role"], m["content"], _rest(m, ("role", "content"))) for m in messages),
        _rest(data, ("messages",)),
    )


def _check_message(number: int, message: Any) -> None:
    roles = ("system", "user", "assistant")
    if not isinstance(message, dict) or message.get("role") not in roles:
        raise RowError(number, say("a message has no role of system, user or assistant"))
    if not isinstance(message.get("content"), str) or not message["content"].strip():
        raise RowError(number, say("a message has no text"))


def _rest(data: Mapping[str, Any], read: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in read}
