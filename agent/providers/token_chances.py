"""What a reply tells of the chances of its tokens: read once, and then out of the way.

Called by chat.py. Whatever is odd about it means that nothing is told: the answer counts without.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from agent.providers.translate import to_object
from states.remote import Token

MOST_ALTERNATIVES = 20  # that the service tells for each token: with 77 intents they hold the mass
MOST_TOKENS = 64  # of an answer; no intent has more
_LONGEST_PIECE = 200  # bytes
_SLACK = 1e-3  # a logarithm a little above 0: some services round


def take_tokens(reply: object) -> tuple[Token, ...]:
    """The tokens of the first choice's answer; none where they are not told as promised.

    They are taken out of the reply: to clean thousands of pieces that nobody reads would take
    longer than all else. The pieces are bytes, to be compared with names and never shown."""
    choices = to_object(reply).get("choices")
    choice = to_object(choices[0]) if isinstance(choices, list) and choices else {}
    content = to_object(choice.pop("logprobs", None)).get("content")
    if not isinstance(content, list) or len(content) > MOST_TOKENS:
        return ()
    try:
        return tuple(_read_token(item) for item in content)
    except (LookupError, TypeError, ValueError, OverflowError):
        return ()


def _read_token(item: Any) -> Token:
    """LookupError, TypeError or ValueError for anything else than a token with its chance."""
    others = item.get("top_logprobs") if isinstance(item, dict) else None
    if others is not None and not isinstance(others, list):
        raise TypeError
    # Some send more than was asked for: the token itself, after those that are likelier.
    return Token(*_read_chance(item), dict(_read_chances((others or [])[: MOST_ALTERNATIVES + 1])))


def _read_chances(items: list[Any]) -> Iterator[tuple[bytes, float]]:
    return (_read_chance(item) for item in items)


def _read_chance(item: Any) -> tuple[bytes, float]:
    if not isinstance(item, dict):
        raise TypeError
    logprob = item["logprob"]
    if type(logprob) not in (int, float) or math.isnan(logprob) or logprob > _SLACK:
        raise ValueError
    return _read_piece(item), min(float(logprob), 0.0)


def _read_piece(item: dict[str, Any]) -> bytes:
    """Its bytes where they are told; the text alone has a mark for half a character."""
    told, text = item.get("bytes"), item.get("token")
    if isinstance(told, list):
        return bytes(told[:_LONGEST_PIECE])
    if isinstance(text, str):
        return text[:_LONGEST_PIECE].encode("utf-8")
    raise TypeError
