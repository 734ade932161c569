"""Parses the body of a chat completion, and refuses what the service refuses.

chat.py calls `parse_chat`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agent.emulator.model.sampling_options import SamplingOptions
from agent.emulator.model.tokens import Message
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.http import Request
from agent.emulator.resources.chat_parameters import check_parameters
from agent.emulator.resources.chat_tools import Tools, parse_tools
from agent.emulator.resources.json_schema import Structure, parse_response_format

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


@dataclass(frozen=True)
class ChatRequest:
    """A checked request; `top_logprobs` is None when no log-probabilities are wanted."""

    messages: tuple[Message, ...]
    options: SamplingOptions
    choices: int
    top_logprobs: int | None
    is_streamed: bool
    streams_usage: bool
    structure: Structure | None
    tools: Tools | None

    @property
    def salt(self) -> str:
        """The conversation as text; without a seed, the random numbers follow from it."""
        return json.dumps(self.messages)


def parse_chat(request: Request) -> ChatRequest:
    """The chat request. Raises ServiceError."""
    body = request.json_object()
    check_parameters(body)
    given = body.get("messages")
    if not isinstance(given, list) or not given:
        raise invalid_chat("'messages' must be a list with at least one message.", "messages")
    messages = tuple(_parse_message(message) for message in given)
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    options = SamplingOptions(
        temperature=_parse_number(body, "temperature", 1.0, 0, 2),
        top_p=_parse_number(body, "top_p", 1.0, 0, 1),
        seed=_parse_whole("seed", body.get("seed"), -(2**63), 2**63 - 1),
        max_tokens=_parse_whole("max_tokens", most, 1, 2**31),
        stops=_parse_stops(body),
        frequency_penalty=_parse_number(body, "frequency_penalty", 0.0, -2, 2),
        presence_penalty=_parse_number(body, "presence_penalty", 0.0, -2, 2),
        biases=_parse_biases(body),
    )
    return ChatRequest(
        messages=messages,
        options=options,
        choices=_parse_whole("n", body.get("n"), 1, 128) or 1,
        top_logprobs=_parse_top_logprobs(body),
        is_streamed=bool(body.get("stream")),
        streams_usage=_parse_stream_options(body),
        structure=parse_response_format(request, body.get("response_format"), messages),
        tools=parse_tools(body),
    )


def invalid_chat(message: str, param: str) -> ServiceError:
    """The inference plane's code for a bad request."""
    return ServiceError(400, "invalid_request_error", message, param)


def _parse_message(message: Any) -> Message:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise invalid_chat(f"Every message needs a role out of {', '.join(_ROLES)}.", "messages")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(_parse_part(part) for part in content)
    if content is not None and not isinstance(content, str):
        raise invalid_chat("A message's content must be text.", "messages")
    return message["role"], content or ""


def _parse_part(part: Any) -> str:
    kind = part.get("type", "text") if isinstance(part, dict) else None
    if kind not in ("text", "refusal"):
        raise invalid_chat(
            f"This emulator reads text alone, not a part of the type '{kind}'.", "messages"
        )
    return str(part.get(kind) or "")


def _parse_number(
    body: dict[str, Any], name: str, default: float, least: float, most: float
) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise invalid_chat(f"'{name}' must be a number from {least} to {most}.", name)
    return float(value)


def _parse_whole(name: str, value: Any, least: int, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise invalid_chat(f"'{name}' must be a whole number from {least} to {most}.", name)
    return value


def _parse_biases(body: dict[str, Any]) -> dict[int, float]:
    given = body.get("logit_bias")
    if given is None:
        return {}
    try:
        biases = {int(token): float(bias) for token, bias in given.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise invalid_chat("'logit_bias' must map tokens to numbers.", "logit_bias") from error
    if not all(-100 <= bias <= 100 for bias in biases.values()):
        raise invalid_chat("A 'logit_bias' must be from -100 to 100.", "logit_bias")
    return biases


def _parse_stream_options(body: dict[str, Any]) -> bool:
    """Whether the usage is wanted."""
    given = body.get("stream_options")
    if given is None:
        return False
    if not isinstance(given, dict) or not body.get("stream"):
        raise invalid_chat(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )
    return bool(given.get("include_usage"))


def _parse_top_logprobs(body: dict[str, Any]) -> int | None:
    if not body.get("logprobs"):
        if body.get("top_logprobs"):
            raise invalid_chat(
                "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
                "top_logprobs",
            )
        return None
    return _parse_whole("top_logprobs", body.get("top_logprobs") or 0, 0, 20)


def _parse_stops(body: dict[str, Any]) -> tuple[str, ...]:
    stop = body.get("stop")
    if stop is None:
        return ()
    return tuple(str(word) for word in (stop if isinstance(stop, list) else [stop]))
