"""Chat examples and their JSONL form: one `{"messages": [system, user, assistant]}` a line."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from states.intents.annotated_json import syntax_problem
from states.intents.examples import Examples, normalized
from states.text import Text, say

Row = dict[str, Any]


def system_message(intents: Sequence[str], lines: Mapping[str, str]) -> str:
    """The instruction for the model: the intents, one line each. Spanish, because the customers are."""
    listed = "\n".join(
        f"- {intent}: {lines.get(intent) or f'mensajes sobre «{_in_words(intent)}»'}"
        for intent in intents
    )
    return (
        "Eres un clasificador de intenciones para mensajes de clientes. Lee el mensaje y responde"
        f" únicamente con el nombre de la intención, sin nada más. Las intenciones son:\n{listed}"
    )


def _in_words(intent: str) -> str:
    return intent.replace("_", " ").replace("-", " ")


def rows_of(
    examples: Examples, lines: Mapping[str, str], instruction: str | None = None
) -> list[Row]:
    """One row per different sentence, in the order of the example set.

    `instruction`: a person's own, in place of the one made of the intents."""
    system = instruction or system_message(list(examples), lines)
    rows, seen = [], set()
    for intent, sentences in examples.items():
        for sentence in sentences:
            if normalized(sentence) not in seen:
                seen.add(normalized(sentence))
                rows.append(_row(system, sentence, intent))
    return rows


def _row(system: str, user: str, assistant: str) -> Row:
    return {
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
            {"role": "assistant", "content": assistant},
        ]
    }


def part(row: Row, role: str) -> str:
    """The content of the row's first message of `role`."""
    return str(next(message["content"] for message in row["messages"] if message["role"] == role))


def intents_of(rows: Iterable[Row]) -> list[str]:
    """The intents of the rows, in order of appearance."""
    return list(dict.fromkeys(part(row, "assistant") for row in rows))


def encoded(rows: Iterable[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def split(rows: Sequence[Row], train_share: float, seed: int) -> tuple[list[Row], list[Row]]:
    """Training and validation rows: each intent is cut at `train_share`, at least one row on either side; the same for the same seed."""
    training: list[Row] = []
    validation: list[Row] = []
    for intent in intents_of(rows):
        own = [row for row in rows if part(row, "assistant") == intent]
        random.Random(f"{seed}:{intent}").shuffle(own)
        # Rounded down: 12 sentences at 0.8 are 9 + 3, since a validation of 2 says almost nothing.
        count = min(max(int(len(own) * train_share), 1), len(own) - 1)
        training += own[:count]
        validation += own[count:]
    random.Random(f"{seed}:order").shuffle(training)
    return training, validation


class RowError(Exception):
    """A line of a JSONL file the service would refuse."""

    def __init__(self, line: int, text: Text) -> None:
        super().__init__(str(text))
        self.line = line
        self.text = text


def decoded(content: bytes) -> list[Row]:
    """The rows of a JSONL file, each of the shape the service trains on; RowError at the first that is not."""
    rows = []
    for number, line in enumerate(content.decode("utf-8-sig").split("\n"), start=1):
        if line.strip():
            rows.append(_checked(number, line))
    return rows


def _checked(number: int, line: str) -> Row:
    try:
        row: Row = json.loads(line)
    except json.JSONDecodeError as error:
        raise RowError(
            number, say("not valid JSON ({problem})", problem=syntax_problem(error))
        ) from error
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not messages:
        raise RowError(number, say('"messages" is missing or not a list'))
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in (
            "system",
            "user",
            "assistant",
        ):
            raise RowError(number, say("a message has no role of system, user or assistant"))
        if not isinstance(message.get("content"), str) or not message["content"].strip():
            raise RowError(number, say("a message has no text"))
    if messages[-1]["role"] != "assistant" or not any(m["role"] == "user" for m in messages):
        raise RowError(
            number, say("there must be a user message, and the last one must be the assistant's")
        )
    return row
