"""Sentences that are not the same and yet so close that one of them is perhaps a slip.

"Pago" and "pagó" under two intents, say. data_rules.py warns of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from states.intents.document import SHOWN
from states.intents.findings import Finding
from states.intents.forms import close_number
from states.intents.sentences import Sentence, find_forms, pairs_of
from states.text import Text, say


def warn_of_close_sentences(sentences: Sequence[Sentence]) -> list[Finding]:
    """One warning of all pairs under two intents; it quotes as many as are read."""
    first: dict[int, str] = {}  # number of a form -> the intent of its first sentence
    count, shown = 0, list[tuple[int, int]]()  # (number, place) of sentences that are not first
    for place, (text, intent) in enumerate(pairs_of(sentences)):
        number = close_number(text)
        if number is not None and first.setdefault(number, intent) != intent:
            count += 1
            if count <= SHOWN:
                shown.append((number, place))
    if not count:
        return []
    at = find_forms(sentences, {number for number, _ in shown}, close_number)
    pairs = [(at[number], sentences[place]) for number, place in shown]
    told = say(
        "{count} pair of sentences under two intents differs in marks, punctuation or symbols"
        " alone. Is each under its intent?\n{pairs}",
        "{count} pairs of sentences under two intents differ in marks, punctuation or symbols"
        " alone. Is each under its intent?\n{pairs}",
        count=count,
        pairs=tuple(_describe_pair(*pair) for pair in pairs),
    )
    rows = tuple(sentence.where for pair in pairs for sentence in pair)
    command = say("`--drop-conflicts` leaves them out")
    return [Finding(told, kind="close_sentences", rows=rows, count=count, command=command)]


def _describe_pair(first: Sentence, second: Sentence) -> Text:
    return say("{one} and {other}", one=_describe(first), other=_describe(second))


def _describe(one: Sentence) -> Text:
    return say(
        "{where}: {sentence} ({intent})",
        where=one.where,
        sentence=repr(one.text),
        intent=repr(one.intent),
    )
