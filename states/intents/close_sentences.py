"""Sentences that are not the same and yet so close that one of them is perhaps a slip.

"Pago" and "pagó" under two intents, say. data_rules.py warns of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from states.intents.annotated_json import SHOWN
from states.intents.examples import Sentence
from states.intents.forms import close_form
from states.text import Text, say


def describe_close_sentences(sentences: Iterable[Sentence]) -> list[Text]:
    """A warning for each pair under two intents, and no more than are read."""
    first: dict[str, Sentence] = {}
    pairs = []
    for sentence in sentences:
        form = close_form(sentence.text)
        other = first.setdefault(form, sentence)
        if form and other.intent != sentence.intent:
            pairs.append((other, sentence))
    found = [_describe_pair(*pair) for pair in pairs[:SHOWN]]
    if len(pairs) > SHOWN:
        text = say(
            "{count} more pair of sentences differs in marks, punctuation or symbols alone.",
            "{count} more pairs of sentences differ in marks, punctuation or symbols alone.",
            count=len(pairs) - SHOWN,
        )
        found.append(text)
    return found


def _describe_pair(first: Sentence, second: Sentence) -> Text:
    return say(
        "{one} and {other} differ in marks, punctuation or symbols alone. Is each under its"
        " intent?",
        one=_describe(first),
        other=_describe(second),
    )


def _describe(one: Sentence) -> Text:
    return say(
        "{where}: {sentence} ({intent})",
        where=one.where,
        sentence=repr(one.text),
        intent=repr(one.intent),
    )
