"""Token counts, offline: the vocabulary of o200k_base ships with the package.

bootstrap makes one; the steps call it through states.ports.Tokens. The only file that imports
tiktoken."""

from __future__ import annotations

import os
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from states.errors import Unreachable, problem_of
from states.text import say

if TYPE_CHECKING:
    from tiktoken import Encoding

# Models that use this encoding. The count for any other model is called an estimate.
_EXACT_PREFIXES = ("gpt-4o", "gpt-4.1", "o4-mini", "gpt-5")
# The file name under which tiktoken's cache looks for o200k_base.
VOCABULARY = "fb374d419588a4632f3f557e76b4b70aebbca790"


class O200kTokens:
    """Implements states.ports.Tokens. The first count loads the vocabulary (half a second).

    Unreachable where it cannot be read now: for want of file handles, say."""

    @cached_property
    def _encoding(self) -> Encoding:
        # Without this tiktoken downloads the vocabulary. A cache folder that the user has chosen
        # is respected if the vocabulary is in it.
        chosen = os.environ.get("TIKTOKEN_CACHE_DIR")
        if not chosen or not (Path(chosen) / VOCABULARY).is_file():
            os.environ["TIKTOKEN_CACHE_DIR"] = str(files("agent.resources.vocabulary"))
        # Not by tiktoken's registry: should that once fail to look, for want of file handles, it
        # remembers for good that there is no such encoding.
        try:
            from tiktoken import Encoding
            from tiktoken_ext.openai_public import o200k_base

            return Encoding(**o200k_base())
        except OSError as error:
            raise Unreachable(
                say(
                    "The vocabulary by which tokens are counted cannot be read ({problem}); it is"
                    " tried again by itself.",
                    problem=problem_of(error),
                )
            ) from error

    def count(self, text: str) -> int:
        # "<|endoftext|>" in a customer's sentence is text, not a control token.
        return len(self._encoding.encode_ordinary(text))

    def is_exact_for(self, base_model: str) -> bool:
        return base_model.startswith(_EXACT_PREFIXES)
