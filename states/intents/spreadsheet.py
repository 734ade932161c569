"""Texts in the cells of a CSV that a spreadsheet may open: none of them is computed there.

What is exported is guarded, and an import takes the guard off again.
"""

from __future__ import annotations

import re

_COMPUTED = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet takes for a formula, guarded or not
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(text: str) -> str:
    """The text with an apostrophe before what would be computed. `unguard` gives it back."""
    return f"'{text}" if _COMPUTED.match(text) else text


def unguard(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text
