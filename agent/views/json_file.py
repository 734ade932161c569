"""A JSON document as a file of results/ holds it. Called by results.py, at every move."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

SMALL = 2**16  # letters of a document whose file is kept in memory


def encode(document: Mapping[str, Any]) -> bytes:
    # With its indents it takes five times as long, and most moves change few of the files.
    short = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return _indent_known(short) if len(short) < SMALL else _indent(short)


def _indent(text: str) -> bytes:
    indented = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return f"{indented}\n".encode(errors="replace")


_indent_known = lru_cache(16)(_indent)
