"""One question to a deployment, in the dialect that its model takes, and what the reply states.

Called by azure.py. Nothing is ever retried here, but a request whose refusal names what is not
supported is put in other words: nothing was answered, so nothing was paid.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from agent.providers.azure_client import AzureClient
from agent.providers.refused import Refused
from agent.providers.token_chances import MOST_ALTERNATIVES, take_tokens
from agent.providers.translate import to_object, to_word
from states.errors import NoAnswer
from states.remote import Finish, Reply, Token
from states.text import say

LONGEST_ANSWER = 64  # tokens; check_data.py refuses an intent whose name has more
LONGEST_THOUGHT = 2048  # tokens; max_completion_tokens counts what a model thinks, too
MOST_TOKENS = 10_000_000  # of one request; no model reads as many
LONGEST_TEXT = 500  # characters that are kept of an answer; no intent is as long

# What takes the place of a parameter, or of a role, that the model does not support.
_INSTEAD = {"max_tokens": "max_completion_tokens", "system": "developer"}
# What is asked for beside the answer: who does not know it is asked without, whatever it says.
_EXTRAS = ("logprobs", "top_logprobs")
_UNSUPPORTED = re.compile(
    r"unsupported|not support|n't support|unrecogni[sz]ed|unknown|unexpected|deprecated"
    r"|not (allowed|permitted|accepted|recogni[sz]ed)|extra (inputs?|fields?)",
    re.IGNORECASE,
)


def ask(
    client: AzureClient,
    deployment: str,
    messages: Sequence[Mapping[str, str]],
    unsupported: Sequence[str],
    hear: Callable[[Mapping[str, str]], None] = lambda _headers: None,
) -> Reply:
    """The reply. `unsupported`: what refusals have taught of this model; the reply has the rest.

    `hear` gets the headers of the answer.

    Raises NoAnswer for a reply without a statement of the model or of the content filter.
    """
    options, began = _options(unsupported), time.perf_counter()
    tokens: list[Token] = []
    body = {"model": deployment, "messages": _speak(messages, unsupported), **options}
    with client.errors.translate():
        try:
            answer = client.post(
                "/chat/completions", body, hear, lambda data: tokens.extend(take_tokens(data))
            )
        except Refused as refusal:
            if _is_filter(refusal):
                latency = time.perf_counter() - began
                return Reply("", None, latency, Finish.CONTENT_FILTER, tuple(unsupported))
            roles = {message["role"] for message in messages} & set(_INSTEAD)
            taught = _name_unsupported(refusal, {*options, *roles} - set(unsupported))
            if not taught:
                raise
            return ask(client, deployment, messages, (*unsupported, *taught), hear)
    latency = time.perf_counter() - began
    text, finish = read_answer(answer)
    usage = to_object(answer.get("usage"))
    return Reply(
        text,
        to_word(answer.get("model")),
        latency,
        finish,
        tuple(unsupported),
        tuple(tokens),
        _read_count(usage.get("prompt_tokens")),
        _read_count(usage.get("completion_tokens")),
    )


def _options(unsupported: Collection[str]) -> dict[str, int]:
    options = {"temperature": 0, "max_tokens": LONGEST_ANSWER}
    if "max_tokens" in unsupported:
        options[_INSTEAD["max_tokens"]] = LONGEST_THOUGHT
    if "logprobs" not in unsupported:
        options |= {"logprobs": True, "top_logprobs": MOST_ALTERNATIVES}
    return {name: value for name, value in options.items() if name not in unsupported}


def _speak(
    messages: Sequence[Mapping[str, str]], unsupported: Collection[str]
) -> list[dict[str, str]]:
    def role(name: str) -> str:
        return _INSTEAD.get(name, name) if name in unsupported else name

    return [{**message, "role": role(message["role"])} for message in messages]


def _name_unsupported(refusal: Refused, sent: Collection[str]) -> list[str]:
    """Which of the words that were sent the refusal is about: `param` names it, or the message."""
    if refusal.status_code not in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        return []
    param = to_word(refusal.param)  # the SDK passes on whatever stands there
    if param is not None and param in sent:
        return [param]
    said = f"{refusal.message} {refusal.body}"  # some have no message, but a list of details
    words = set(re.findall(r"\w+", said))
    named = [name for name in sorted(sent) if name in words and _is_about(name, words)]
    return named if _UNSUPPORTED.search(said) else [name for name in named if name in _EXTRAS]


def _is_about(name: str, words: Collection[str]) -> bool:
    """`system` is a common word: it means the role where the message says so."""
    return name != "system" or "role" in words


def _is_filter(refusal: Refused) -> bool:
    body = to_object(refusal.body)
    inner = to_object(body.get("innererror") or body.get("inner_error"))
    return (
        body.get("code") == "content_filter" or inner.get("code") == "ResponsibleAIPolicyViolation"
    )


def _read_count(value: Any) -> int | None:
    """So many tokens, if it is a number that can be believed."""
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None


def read_answer(data: Mapping[str, Any]) -> tuple[str, Finish]:
    """The text of a chat's answer, and how it ended. NoAnswer where nobody has stated anything."""
    choices = data.get("choices")
    choice = to_object(next(iter(choices), None) if isinstance(choices, list) else None)
    message, reason = to_object(choice.get("message")), choice.get("finish_reason")
    text, refusal = _read_content(message)
    if reason == "content_filter":
        return text, Finish.CONTENT_FILTER
    if text:
        return text, Finish.LENGTH if reason == "length" else Finish.STOP
    if refusal:
        return refusal, Finish.REFUSAL
    is_silent = isinstance(message.get("content"), str) and not message.get("tool_calls")
    if is_silent and reason == "stop":
        return "", Finish.STOP  # the model has nothing to say, and has said so
    raise NoAnswer(say("The deployment replied without an answer of the model; it is asked again."))


def _read_content(message: Mapping[str, Any]) -> tuple[str, str]:
    """(what the model said, why it refuses to). The content may be a text, or a list of parts."""
    content, refusal = message.get("content"), to_word(message.get("refusal")) or ""
    if isinstance(content, list):
        parts = [to_object(part) for part in content]
        refusal = refusal or _join(parts, "refusal")
        content = _join(parts, "text")
    text = content if isinstance(content, str) else ""
    return text.strip()[:LONGEST_TEXT], refusal.strip()[:LONGEST_TEXT]


def _join(parts: Sequence[Mapping[str, Any]], kind: str) -> str:
    """The texts of that kind; some gateways wrap each once more: {"text": {"value": …}}."""
    found = (part.get(kind) for part in parts)
    return "".join(
        text
        for text in (to_object(item).get("value", item) for item in found)
        if isinstance(text, str)
    )
