"""Sentences that nearly repeat another one: of their own intent, or of another.

A stage of assessment.py. Those that are the same, or differ in marks alone under two intents, are
told by states/intents already.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.quality.near import Pair, pairs_within
from agent.quality.quoting import quote_with_intent
from agent.quality.work import Work, places, sample
from states.intents.findings import Assessment, Finding
from states.intents.forms import close_form, same_form
from states.intents.sentences import Sentence
from states.text import Text, say

# Measured by tests/bench/labels.py, docs/quality.md: below, most pairs merely share a topic.
ALIKE, ALIKE_ELSEWHERE = 88.0, 90.0
MOST = 100_000  # sentences compared; of more, as many drawn at random
_PAIRS_SHOWN = 5


def find(sentences: Sequence[Sentence]) -> list[Pair]:
    """Pairs of sentences that are nearly the same, the most alike first."""
    return pairs_within([one.text for one in sentences], [one.intent for one in sentences], ALIKE)


def stage(work: Work) -> Assessment:
    compared = sample(work.sentences, MOST)
    pairs = find(compared)
    within = _within(compared, pairs)
    across = _across(compared, pairs)
    findings = [*_tell_within(compared, within), *_tell_across(compared, across)]
    figures = {
        "near_duplicates": {
            "compared": len(compared),
            "of": len(work.sentences),
            "within_an_intent": len({pair.other for pair in within}),
            "pairs_under_two_intents": len(across),
        }
    }
    return Assessment([*findings, *_tell_sample(work, compared)], figures)


def _within(sentences: Sequence[Sentence], pairs: Sequence[Pair]) -> list[Pair]:
    return [
        pair
        for pair in pairs
        if sentences[pair.one].intent == sentences[pair.other].intent
        and same_form(sentences[pair.one].text) != same_form(sentences[pair.other].text)
    ]


def _across(sentences: Sequence[Sentence], pairs: Sequence[Pair]) -> list[Pair]:
    return [
        pair
        for pair in pairs
        if pair.score >= ALIKE_ELSEWHERE
        and sentences[pair.one].intent != sentences[pair.other].intent
        and close_form(sentences[pair.one].text) != close_form(sentences[pair.other].text)
    ]


def _tell_within(sentences: Sequence[Sentence], pairs: Sequence[Pair]) -> list[Finding]:
    """The later sentence of each pair is the one that repeats."""
    repeating = {pair.other: pair for pair in reversed(pairs)}
    if not repeating:
        return []
    text = say(
        "{count} sentence nearly repeats another one of its intent, so it teaches little."
        " Vary its words, or take it out:\n{pairs}",
        "{count} sentences nearly repeat another one of their intent, so they teach little. Vary"
        " their words, or take them out:\n{pairs}",
        count=len(repeating),
        pairs=_shown(sentences, pairs),
    )
    rows = places([sentences[at] for at in sorted(repeating)])
    return [Finding(text, kind="near_duplicates", rows=rows, count=len(repeating))]


def _tell_across(sentences: Sequence[Sentence], pairs: Sequence[Pair]) -> list[Finding]:
    if not pairs:
        return []
    text = say(
        "{count} pair of sentences is nearly the same under two intents. Is each under its own?"
        "\n{pairs}",
        "{count} pairs of sentences are nearly the same under two intents. Is each under its own?"
        "\n{pairs}",
        count=len(pairs),
        pairs=_shown(sentences, pairs),
    )
    members = dict.fromkeys(at for pair in pairs for at in (pair.one, pair.other))
    rows = places([sentences[at] for at in members])
    return [Finding(text, kind="near_contradictions", rows=rows, count=len(pairs))]


def _shown(sentences: Sequence[Sentence], pairs: Sequence[Pair]) -> tuple[Text, ...]:
    return tuple(
        say(
            "{one}, and {other}",
            one=quote_with_intent(sentences[pair.one]),
            other=quote_with_intent(sentences[pair.other]),
        )
        for pair in pairs[:_PAIRS_SHOWN]
    )


def _tell_sample(work: Work, compared: Sequence[Sentence]) -> list[Finding]:
    if len(compared) == len(work.sentences):
        return []
    text = say(
        "Near duplicates and other languages were looked for among {count} sentences drawn from"
        " {total}.",
        count=len(compared),
        total=len(work.sentences),
    )
    return [Finding(text, kind="sampled")]
