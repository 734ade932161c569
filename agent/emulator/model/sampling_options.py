"""The sampling parameters of a chat request; apart from sampling.py so that it needs no numpy.

resources/chat_request.py parses them, model/sampling.py follows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SamplingOptions:
    """How to choose among the tokens that may come next."""

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    max_tokens: int | None = None
    stops: tuple[str, ...] = ()
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    biases: Mapping[int, float] = field(default_factory=dict)  # by token
