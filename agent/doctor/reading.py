"""What a hostile answer leaves of a listing or an object: nothing, and never an exception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit


def items_of(body: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """The objects of a listing."""
    listed = body.get(name)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def object_of(value: object) -> Mapping[str, Any]:
    """Empty for any other value."""
    return value if isinstance(value, Mapping) else {}


def host_of(url: object) -> str:
    """Empty for what is no address."""
    with suppress(ValueError):
        return urlsplit(url).hostname or "" if isinstance(url, str) else ""
    return ""
