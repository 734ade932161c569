"""Reads the body of a chat completion, and refuses what the service would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.wire import Call
from agent.emulator.resources.served import Turn
from agent.emulator.resources.speaking import Manner

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


@dataclass(frozen=True)
class ChatRequest:
    """A checked request; `rivals` is None when no log-probabilities are wanted."""

    turns: tuple[Turn, ...]
    manner: Manner
    choices: int
    rivals: int | None
    stream: bool
    stream_usage: bool

    @property
    def occasion(self) -> str:
        """What makes this conversation this one; unseeded chance is drawn from it."""
        return json.dumps(self.turns)


def read_chat(call: Call) -> ChatRequest:
    """The request asked for. Raises ServiceError."""
    body = call.document()
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise refused("'messages' must be a list with at least one message.", "messages")
    longest = body.get("max_completion_tokens") or body.get("max_tokens")
    manner = Manner(
        temperature=_number(body, "temperature", 1.0, 0, 2),
        top_p=_number(body, "top_p", 1.0, 0, 1),
        seed=_whole(body, "seed", body.get("seed"), -(2**63), 2**63 - 1),
        longest=_whole(body, "max_tokens", longest, 1, 2**31),
        stops=_stops(body),
    )
    return ChatRequest(
        turns=tuple(_turn(message) for message in messages),
        manner=manner,
        choices=_whole(body, "n", body.get("n"), 1, 128) or 1,
        rivals=(
            _whole(body, "top_logprobs", body.get("top_logprobs") or 0, 0, 20)
            if body.get("logprobs")
            else None
        ),
        stream=bool(body.get("stream")),
        stream_usage=bool((body.get("stream_options") or {}).get("include_usage")),
    )


def refused(message: str, param: str) -> ServiceError:
    """The inference plane's word for a bad request."""
    return ServiceError(400, "invalid_request_error", message, param)


def _turn(message: Any) -> Turn:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise refused(f"Every message needs a role out of {', '.join(_ROLES)}.", "messages")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if content is not None and not isinstance(content, str):
        raise refused("A message's content must be text.", "messages")
    return message["role"], content or ""


def _number(body: dict[str, Any], name: str, default: float, least: float, most: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise refused(f"'{name}' must be a number from {least} to {most}.", name)
    return float(value)


def _whole(body: dict[str, Any], name: str, value: Any, least: int, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise refused(f"'{name}' must be a whole number from {least} to {most}.", name)
    return value


def _stops(body: dict[str, Any]) -> tuple[str, ...]:
    stop = body.get("stop")
    if stop is None:
        return ()
    return tuple(str(word) for word in (stop if isinstance(stop, list) else [stop]))
