"""The parameters of a chat: which are followed, which change nothing, which are refused.

chat_request.py refuses by it; docs/emulator.md prints it, and a test compares. None is ignored
without a word: what stands in no list is refused as the service refuses what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.emulator.protocol.errors import ServiceError

FOLLOWED = (
    "messages",
    "model",
    "temperature",
    "top_p",
    "n",
    "stop",
    "seed",
    "max_tokens",
    "max_completion_tokens",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "stream",
    "stream_options",
    "response_format",
    "tools",
    "tool_choice",
)

# Accepted, as the service accepts them, and without an effect on the answer there either.
WITHOUT_EFFECT = (
    "user",
    "metadata",
    "store",
    "service_tier",
    "parallel_tool_calls",  # there is one call at most
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
)

# The service has them; this emulator would have to invent what they do.
REFUSED = {
    "functions": "use 'tools'",
    "function_call": "use 'tool_choice'",
    "data_sources": "there are no searches here",
    "web_search_options": "there are no searches here",
    "audio": "answers are text",
    "modalities": "answers are text",
    "prediction": "answers are chosen, not written",
    "reasoning_effort": "none of its models reasons",
    "verbosity": "its models have one way to say a thing",
    "enhancements": "pictures are not looked at",
}


def check_parameters(body: Mapping[str, Any]) -> None:
    """Raises ServiceError for a parameter that would not be followed."""
    for name, value in body.items():
        if name in FOLLOWED or name in WITHOUT_EFFECT:
            continue
        if name in REFUSED:
            if value is None or (name == "modalities" and value == ["text"]):
                continue
            message = f"'{name}' is not supported by this emulator: {REFUSED[name]}."
        else:
            message = f"Unrecognized request argument supplied: {name}"
        raise ServiceError(400, "invalid_request_error", message, name)
