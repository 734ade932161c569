"""Token counts, offline: the vocabulary of o200k_base ships with the package."""

from __future__ import annotations

import os
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

# The models of this encoding; any other is counted with it all the same, and called an estimate.
_EXACT_PREFIXES = ("gpt-4o", "gpt-4.1", "o4-mini", "gpt-5")


VOCABULARY = (  # the name tiktoken's cache gives to o200k_base
    "fb374d419588a4632f3f557e76b4b70aebbca790"
)


class O200kTokens:
    """states.ports.Tokens. Loads the vocabulary at the first count (about half a second)."""

    @cached_property
    def _encoding(self) -> Encoding:
        # tiktoken would otherwise download it; a cache folder of the user's is respected where it has what is needed.
        chosen = os.environ.get("TIKTOKEN_CACHE_DIR")
        if not chosen or not (Path(chosen) / VOCABULARY).is_file():
            os.environ["TIKTOKEN_CACHE_DIR"] = str(files("agent.resources.vocabulary"))
        import tiktoken

        return tiktoken.get_encoding("o200k_base")

    def count(self, text: str) -> int:
        # A customer may well write "<|endoftext|>"; it is text, not a command.
        return len(self._encoding.encode(text, disallowed_special=()))

    def is_exact_for(self, base_model: str) -> bool:
        return base_model.startswith(_EXACT_PREFIXES)
