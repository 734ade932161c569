"""The one Redactor, which keeps secrets out of the log and out of every message."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

REDACTED = "[secret]"
# Whatever looks like a credential, known or not: the SDK's debug log prints request options.
_LOOKS_SECRET = re.compile(
    r"""((?:authorization|api-key|api_key)['"]?\s*[:=]\s*['"]?(?:bearer\s+)?|bearer\s+)[^\s'",}]+""",
    re.IGNORECASE,
)
# A bearer token of Azure's, whoever has fetched it.
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
_SECRET_NAMES = {"authorization", "api-key", "api_key", "password", "token", "key_value"}


# The password in an address, of a database or a proxy, however short. `***`: hidden already.
_IN_ADDRESS = re.compile(r"(://[^\s/:@]*:)(?!\*\*\*@)[^\s/]+@")
_SHORT = 8  # characters: such a secret may be a part of any word, and of many texts
_SHORTEST = 4  # a word of fewer stands in every sentence
# Tokens that came in the meantime, of this process: every redactor strikes them out.
_HIDDEN: deque[str] = deque(maxlen=64)


def hide(secret: str) -> None:
    """From now on no redactor lets this through. Of tokens that follow each other the last count:
    those before them have ended."""
    if len(secret) >= _SHORT and secret not in _HIDDEN:
        _HIDDEN.append(secret)


class Redactor:
    """Replaces known secrets, and whatever looks like one. `redactor(text)` for a text.

    A short one is struck out as a word of its own only, or every text would be garbled."""

    def __init__(self, secrets: Sequence[str]) -> None:
        known = sorted((s for s in secrets if len(s) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(map(_pattern, known)) or r"(?!)")

    def __call__(self, text: str) -> str:
        for hidden in tuple(_HIDDEN):
            text = text.replace(hidden, REDACTED)
        text = _IN_ADDRESS.sub(_redacted_address, self._known.sub(REDACTED, text))
        return _TOKEN.sub(REDACTED, _LOOKS_SECRET.sub(_redacted, text))

    def deep(self, value: Any) -> Any:
        """The same JSON-able value, with its texts and all that bears a secret's name redacted."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {
                k: REDACTED if str(k).lower() in _SECRET_NAMES else self.deep(v)
                for k, v in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self.deep(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self(str(value))


# Functions, and no templates: `re` looks a template up at each call, found or not.
def _redacted(found: re.Match[str]) -> str:
    return f"{found[1]}{REDACTED}"


def _redacted_address(found: re.Match[str]) -> str:
    return f"{found[1]}{REDACTED}@"


def _pattern(secret: str) -> str:
    exact = re.escape(secret)
    return exact if len(secret) >= _SHORT else rf"(?<!\w){exact}(?!\w)"
