"""A ready chat record, as the service trains on them: system prompt, sentence, intent.

structured.py calls `read_conversation` for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.formats.refusal import refusal
from states.intents.records import Source
from states.text import say

_SYSTEM = ("system", "developer")  # the two names of the same role

_CALLS = {"tool_calls", "function_call"}


@dataclass(frozen=True)
class Conversation:
    """`system`: empty where there is none."""

    system: str
    user: str
    assistant: str


def read_conversation(record: Any, line: int, source: Source) -> Conversation:
    """SettingsError for one of several turns, or with anything but text in it."""
    messages = record.get("messages") if isinstance(record, dict) else None
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        problem = say("messages must be a list of objects with role and content: mend it")
        raise refusal(source, line, problem)
    roles = [each.get("role") for each in messages]
    system = "system" if roles and roles[0] in _SYSTEM else None
    if roles[1 if system else 0 :] != ["user", "assistant"]:
        problem = say(
            "a conversation must be a system message or none, one user message (the sentence) and"
            " one assistant message (the intent): leave out further turns"
        )
        raise refusal(source, line, problem)
    if any(each.get("weight") == 0 or _CALLS & each.keys() for each in messages):
        problem = say(
            "a message calls a function, or its weight is 0, so that it would not be trained on:"
            " leave the line out, or make a plain text of it"
        )
        raise refusal(source, line, problem)
    texts = [_content(each.get("content"), line, source) for each in messages]
    return Conversation(texts[0] if system else "", *texts[-2:])


def _content(content: Any, line: int, source: Source) -> str:
    """A text, or a list of parts that are all text."""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    texts = [
        part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        for part in (parts if isinstance(parts, list) else [None])
    ]
    if not all(isinstance(text, str) for text in texts):
        problem = say("the content of a message is not text: a classifier learns from text alone")
        raise refusal(source, line, problem)
    return "".join(str(text) for text in texts)
