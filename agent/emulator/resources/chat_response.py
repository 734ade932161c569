"""A chat completion as JSON, whole or as a stream of server-sent events.

chat.py builds its responses with it.
"""

from __future__ import annotations

import codecs
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agent.emulator.model import tokens

if TYPE_CHECKING:
    from agent.emulator.model.sampling import SampledText, SampledToken
    from agent.emulator.resources.chat_request import ChatRequest

_HARMS = ("hate", "self_harm", "sexual", "violence")
_HARMLESS = {harm: {"filtered": False, "severity": "safe"} for harm in _HARMS}
_JAILBREAK = {"filtered": False, "detected": False}
_PROMPT_FILTER = [
    {"prompt_index": 0, "content_filter_results": {**_HARMLESS, "jailbreak": _JAILBREAK}}
]

CONTENT_FILTER_ERROR = {
    "error": {
        "message": (
            "The prompt was stopped by the content filter of this resource. Change it and try"
            " again."
        ),
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": {
                **_HARMLESS,
                "violence": {"filtered": True, "severity": "medium"},
                "jailbreak": _JAILBREAK,
            },
        },
    }
}


def build_completion(model: str, chat: ChatRequest, texts: Sequence[SampledText]) -> dict[str, Any]:
    """The body of a response that is not streamed."""
    prompt = tokens.count_chat_tokens(chat.messages)
    completion = sum(len(text.tokens) for text in texts)
    return {
        **_frame(model, "chat.completion"),
        "choices": [_build_choice(index, text, chat) for index, text in enumerate(texts)],
        "prompt_filter_results": _PROMPT_FILTER,
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }


def stream_completion(
    body: dict[str, Any], chat: ChatRequest, texts: Sequence[SampledText]
) -> Iterator[str]:
    """The same as events: filter results, tokens, finish reason, and the usage if asked for."""
    frame = {**_frame(body["model"], "chat.completion.chunk"), "id": body["id"]}
    yield _event({**frame, "choices": [], "prompt_filter_results": _PROMPT_FILTER})
    for index, text in enumerate(texts):
        content = None if text.tool is not None else ""
        role = {"role": "assistant", "content": content, "refusal": None}
        yield _event({**frame, "choices": [_delta(index, role)]})
        if text.tool is not None:
            yield _event({**frame, "choices": [_delta(index, _tool_delta(text.tool))]})
        for piece, token in _split_text(text):
            if text.tool is not None:
                call = {"index": 0, "function": {"arguments": piece}}
                yield _event({**frame, "choices": [_delta(index, {"tool_calls": [call]})]})
                continue
            logprobs = _logprobs([token], chat.top_logprobs)
            delta = _delta(index, {"content": piece}, logprobs=logprobs)
            yield _event({**frame, "choices": [delta]})
        yield _event({**frame, "choices": [_delta(index, {}, finish_reason=text.finish_reason)]})
    if chat.streams_usage:
        yield _event({**frame, "choices": [], "usage": body["usage"]})
    yield "data: [DONE]\n\n"


def _frame(model: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
        "system_fingerprint": "fp_emulator",
    }


def _build_choice(index: int, text: SampledText, chat: ChatRequest) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text.text, "refusal": None}
    if text.tool is not None:
        call = {"name": text.tool, "arguments": text.text}
        message["content"] = None
        message["tool_calls"] = [{"id": _call_id(), "type": "function", "function": call}]
    logprobs = None if text.tool is not None else _logprobs(text.tokens, chat.top_logprobs)
    return {
        "index": index,
        "finish_reason": text.finish_reason,
        "message": message,
        "logprobs": logprobs,
        "content_filter_results": _HARMLESS,
    }


def _call_id() -> str:
    return f"call_{uuid.uuid4().hex[:24]}"


def _tool_delta(name: str) -> dict[str, Any]:
    function = {"name": name, "arguments": ""}
    return {
        "tool_calls": [{"index": 0, "id": _call_id(), "type": "function", "function": function}]
    }


def _delta(
    index: int, delta: dict[str, Any], *, finish_reason: str | None = None, logprobs: Any = None
) -> dict[str, Any]:
    return {
        "index": index,
        "delta": delta,
        "finish_reason": finish_reason,
        "logprobs": logprobs,
        "content_filter_results": {},
    }


def _split_text(text: SampledText) -> Iterator[tuple[str, SampledToken]]:
    """Each token with the characters it completes, up to where a stop word cut the text."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    left = len(text.text)
    for at, token in enumerate(text.tokens):
        piece = decoder.decode(token.raw, final=at == len(text.tokens) - 1)[:left]
        left -= len(piece)
        yield piece, token


def _logprobs(chosen: Sequence[SampledToken], most: int | None) -> dict[str, Any] | None:
    if most is None:
        return None
    content = [
        {
            **_logprob_to_json(one.token, one.logprob),
            "top_logprobs": [_logprob_to_json(*other) for other in one.alternatives[:most]],
        }
        for one in chosen
    ]
    return {"content": content, "refusal": None}


def _logprob_to_json(token: int, logprob: float) -> dict[str, Any]:
    raw = tokens.piece_bytes(token) if token >= 0 else b""  # below zero: the end of the answer
    return {"token": raw.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(raw)}


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"
