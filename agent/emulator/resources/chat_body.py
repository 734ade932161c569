"""A chat completion as JSON, whole or as a stream of events."""

from __future__ import annotations

import codecs
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agent.emulator.model import tokens

if TYPE_CHECKING:
    from agent.emulator.resources.chat_request import ChatRequest
    from agent.emulator.resources.speaking import Spoken, Utterance

_HARMS = ("hate", "self_harm", "sexual", "violence")
_HARMLESS = {harm: {"filtered": False, "severity": "safe"} for harm in _HARMS}
_PROMPT_FILTER = [
    {
        "prompt_index": 0,
        "content_filter_results": {
            **_HARMLESS,
            "jailbreak": {"filtered": False, "detected": False},
        },
    }
]

FILTERED = {
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
                "jailbreak": {"filtered": False, "detected": False},
            },
        },
    }
}


def completion(model: str, request: ChatRequest, said: Sequence[Utterance]) -> dict[str, Any]:
    """The body of an answer that is not streamed."""
    prompt = tokens.chat_tokens(request.turns)
    spoken = sum(len(utterance.said) for utterance in said)
    return {
        **_frame(model, "chat.completion"),
        "choices": [_choice(index, utterance, request) for index, utterance in enumerate(said)],
        "prompt_filter_results": _PROMPT_FILTER,
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": spoken,
            "total_tokens": prompt + spoken,
        },
    }


def stream(body: dict[str, Any], request: ChatRequest, said: Sequence[Utterance]) -> Iterator[str]:
    """The same answer as server-sent events: the filter's verdict, the tokens, the end, and the usage if asked for."""
    frame = {**_frame(body["model"], "chat.completion.chunk"), "id": body["id"]}
    yield _event({**frame, "choices": [], "prompt_filter_results": _PROMPT_FILTER})
    for index, utterance in enumerate(said):
        yield _event(
            {
                **frame,
                "choices": [_delta(index, {"role": "assistant", "content": "", "refusal": None})],
            }
        )
        for text, token in _portions(utterance):
            logprobs = _logprobs([token], request.rivals)
            yield _event(
                {**frame, "choices": [_delta(index, {"content": text}, logprobs=logprobs)]}
            )
        yield _event({**frame, "choices": [_delta(index, {}, finish=utterance.finish)]})
    if request.stream_usage:
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


def _choice(index: int, utterance: Utterance, request: ChatRequest) -> dict[str, Any]:
    return {
        "index": index,
        "finish_reason": utterance.finish,
        "message": {"role": "assistant", "content": utterance.text, "refusal": None},
        "logprobs": _logprobs(utterance.said, request.rivals),
        "content_filter_results": _HARMLESS,
    }


def _delta(
    index: int, delta: dict[str, Any], *, finish: str | None = None, logprobs: Any = None
) -> dict[str, Any]:
    return {
        "index": index,
        "delta": delta,
        "finish_reason": finish,
        "logprobs": logprobs,
        "content_filter_results": {},
    }


def _portions(utterance: Utterance) -> Iterator[tuple[str, Spoken]]:
    """Each token with the characters it completes, up to where a stop word cut the text."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    left = len(utterance.text)
    for at, token in enumerate(utterance.said):
        text = decoder.decode(token.raw, final=at == len(utterance.said) - 1)[:left]
        left -= len(text)
        yield text, token


def _logprobs(said: Sequence[Spoken], rivals: int | None) -> dict[str, Any] | None:
    if rivals is None:
        return None
    content = [
        {
            **_token(one.token, one.logprob),
            "top_logprobs": [_token(*rival) for rival in one.rivals[:rivals]],
        }
        for one in said
    ]
    return {"content": content, "refusal": None}


def _token(token: int, logprob: float) -> dict[str, Any]:
    raw = tokens.piece_bytes(token) if token >= 0 else b""  # below zero: the end of the answer
    return {"token": raw.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(raw)}


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"
