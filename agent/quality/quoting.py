"""How a finding quotes a sentence: with its place, and without the personal data in it.

The stages that show sentences call this; logs strike the sentence all the same.
"""

from __future__ import annotations

from agent.quality.personal import without_values
from states.intents.sentences import Sentence
from states.text import Text, say

_LONGEST = 160  # characters
_LOOKED_AT = 10 * _LONGEST


def quote(one: Sentence) -> Text:
    return say("{where}: «{sentence}»", where=one.where, sentence=_shown(one.text))


def quote_with_intent(one: Sentence) -> Text:
    return say(
        "{where}: «{sentence}» ({intent})",
        where=one.where,
        sentence=_shown(one.text),
        intent=one.intent,
    )


def _shown(text: str) -> str:
    """On one line."""
    line = without_values(" ".join(text[:_LOOKED_AT].split())[: 2 * _LONGEST])
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
