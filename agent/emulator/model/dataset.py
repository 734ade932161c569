"""Reads the rows of a training file as the service does: only when the job runs, and strictly.

resources/training_plan.py calls it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.emulator.model import tokens

_FEWEST_ROWS = 10
_MOST_MESSAGES = 2048
_MOST_TOKENS = 65_536  # in one example
_MOST_ANSWERS = 1000  # a softmax head over more would no longer be a classifier
_ROLES = ("system", "developer", "user", "assistant")
_SHORTEST_WRAP = 8  # characters; less in common is chance, not a template


class RowsRefusedError(Exception):
    """The file cannot be trained on; the message says which line and why."""


@dataclass(frozen=True)
class Row:
    """One example: the system prompt, the last question, the expected answer, and its tokens."""

    system: str
    question: str
    answer: str
    tokens: int


@dataclass(frozen=True)
class Wrapping:
    """The text that all training questions share; features see the questions without it."""

    before: str = ""
    after: str = ""

    def unwrap(self, text: str) -> str:
        """The text without the wrapping, as far as it has it."""
        return text.removeprefix(self.before).removesuffix(self.after)


def read_rows(content: bytes, *, fewest: int = _FEWEST_ROWS) -> list[Row]:
    """All rows of a JSONL file. Raises RowsRefusedError."""
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise RowsRefusedError("The file is not UTF-8 text.") from error
    rows = [_parse_row(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    kept = [row for row in rows if row is not None]
    if len(kept) < fewest:
        raise RowsRefusedError(f"The file has {len(kept)} examples; at least {fewest} are needed.")
    answers = len({row.answer for row in kept})
    if answers > _MOST_ANSWERS:
        raise RowsRefusedError(
            f"The file has {answers} distinct answers; this emulator learns to choose among at most"
            f" {_MOST_ANSWERS}."
        )
    return kept


def find_wrapping(questions: Sequence[str]) -> Wrapping:
    """The longest common beginning and end, cut at whole words."""
    if len(set(questions)) < 2:
        return Wrapping()
    before = _common_start(questions)
    before = before[: _last_word_end(before)]
    before = before if len(before) >= _SHORTEST_WRAP else ""
    rest = [question[len(before) :][::-1] for question in questions]
    after = _common_start(rest)
    after = after[: _last_word_end(after)][::-1]
    return Wrapping(before, after if len(after) >= _SHORTEST_WRAP else "")


def _common_start(texts: Sequence[str]) -> str:
    # What the first and the last in sorted order share, all share.
    first, last = min(texts), max(texts)
    return first[
        : next(
            (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
            min(len(first), len(last)),
        )
    ]


def _last_word_end(text: str) -> int:
    return next((at for at in range(len(text), 0, -1) if not text[at - 1].isalnum()), 0)


def _parse_row(number: int, line: str) -> Row | None:
    """One line; None if its answer has weight 0, which means that it is not trained on."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RowsRefusedError(f"Line {number} is not valid JSON.") from error
    messages = value.get("messages") if isinstance(value, dict) else None
    if not isinstance(messages, list) or not 2 <= len(messages) <= _MOST_MESSAGES:
        raise RowsRefusedError(
            f"Line {number} must have a list 'messages' of 2 to {_MOST_MESSAGES} messages."
        )
    spoken = [_parse_message(number, message) for message in messages]
    if spoken[-1][0] != "assistant":
        raise RowsRefusedError(f"Line {number}: the last message must have the role 'assistant'.")
    asked = [content for role, content in spoken if role == "user"]
    if not asked:
        raise RowsRefusedError(f"Line {number} has no message with the role 'user'.")
    size = tokens.count_chat_tokens(spoken)
    if size > _MOST_TOKENS:
        raise RowsRefusedError(
            f"Line {number} has {size} tokens; at most {_MOST_TOKENS} are allowed."
        )
    if messages[-1].get("weight", 1) == 0:
        return None
    told = "\n".join(content for role, content in spoken if role in ("system", "developer"))
    return Row(told, asked[-1], spoken[-1][1], size)


def _parse_message(number: int, message: Any) -> tuple[str, str]:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise RowsRefusedError(
            f"Line {number}: every message needs a role out of {', '.join(_ROLES)}."
        )
    content = message.get("content")
    if not isinstance(content, str) or not content:
        raise RowsRefusedError(f"Line {number}: every message needs a text that is not empty.")
    if message.get("weight", 1) not in (0, 1):
        raise RowsRefusedError(f"Line {number}: weight must be 0 or 1.")
    return message["role"], content.encode("utf-8", "replace").decode("utf-8")
