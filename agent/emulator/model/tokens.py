"""Exact o200k_base token counts and pieces, from the vocabulary shipped in this distribution.

The model spells answers in these tokens; chat and training count tokens with them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

Message = tuple[str, str]  # role and content

_VOCABULARY = Path(__file__).resolve().parents[2] / "resources" / "vocabulary"
_PER_MESSAGE = 3  # the chat format's own tokens around each message
_LONGEST_KEPT = 20_000  # characters of a text whose count is kept
_PER_REPLY = 3  # and those that open the assistant's reply


@lru_cache(maxsize=1)
def encoding() -> Encoding:
    """The tokenizer, loaded once (about half a second of CPU), never from the network."""
    # Whatever the user has set: a folder without the file would send tiktoken to the network.
    os.environ["TIKTOKEN_CACHE_DIR"] = str(_VOCABULARY)
    import tiktoken  # loading it later keeps the start of the server short

    return tiktoken.get_encoding("o200k_base")


def pieces(text: str) -> tuple[int, ...]:
    """The token ids of a text; nothing in it counts as a control token."""
    return tuple(encoding().encode_ordinary(text))


@lru_cache(maxsize=2048)
def _count(text: str) -> int:
    return len(pieces(text))


def piece_bytes(token: int) -> bytes:
    """The bytes of one token; they need not be whole characters."""
    return encoding().decode_single_token_bytes(token)


def count_chat_tokens(messages: Iterable[Message]) -> int:
    """Tokens of a conversation, the opening of the reply included."""
    return _PER_REPLY + sum(
        _PER_MESSAGE + _count_once(role) + _count_once(content) for role, content in messages
    )


def _count_once(text: str) -> int:
    """Instructions and examples stand in every question; what is long is not kept for that."""
    return _count(text) if len(text) <= _LONGEST_KEPT else len(pieces(text))
