"""The example set: reading it, and saying exactly what is wrong with it.

build_prompts reads it, and check_data once more; data_rules.py warns of what can be trained but
will not go well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from states.errors import Permanent
from states.intents.annotated_json import AnnotatedJson
from states.intents.forms import name_form, same_form
from states.intents.records import Source
from states.text import Text, say

Examples = dict[str, list[str]]


@dataclass(frozen=True)
class Sentence:
    """One sentence, and where a person finds it."""

    text: str
    intent: str
    source: Source
    row: int

    @property
    def where(self) -> Text:
        return self.source.where(self.row)


def parse(content: bytes, place: str, minimum: int) -> Examples:
    """`{intent: [sentence, ...]}` from a person's file.

    Raises Permanent, with every mistake and its line, if it cannot be used.
    """
    examples: Examples = read(content, place).data
    _refuse_too_few(examples, place, minimum)
    return examples


def read(content: bytes, place: str) -> AnnotatedJson:
    """`parse` with the lines, however few the sentences are."""
    document = AnnotatedJson(content, place)
    data = document.data
    if not isinstance(data, dict) or not data:
        raise Permanent(
            say(
                '{place}: expected an object {{"intent": ["sentence", …], …}} with at least two'
                " intents. Mend it and `retry`.",
                place=place,
            )
        )
    _check_names(document)
    for intent, value in data.items():
        _check_sentences(document, intent, value)
    _check_contradictions(document)
    document.refuse_mistakes()
    return document


def list_sentences(document: AnnotatedJson) -> list[Sentence]:
    """The sentences of what `read` accepted, in the order of the file."""
    source = Source(document.place)
    return [
        Sentence(text, intent, source, document.line((intent, index)))
        for intent, sentences in document.data.items()
        for index, text in enumerate(sentences)
    ]


def _check_names(document: AnnotatedJson) -> None:
    seen: dict[str, str] = {}
    for intent in document.data:
        if not name_form(intent):
            document.add_mistake((intent,), say("an intent has an empty name"))
            continue
        other = seen.setdefault(name_form(intent), intent)
        if other != intent:
            # An answer is read without case and the punctuation around it: it could mean either.
            document.add_mistake(
                (intent,),
                say(
                    "the names {intent} and {other} (line {line}) cannot be told apart: rename one,"
                    " or join the two",
                    intent=repr(intent),
                    other=repr(other),
                    line=document.line((other,)),
                ),
            )


def _check_sentences(document: AnnotatedJson, intent: str, value: Any) -> None:
    if not isinstance(value, list):
        document.add_mistake(
            (intent,), say("{intent} must be a list of sentences", intent=repr(intent))
        )
        return
    for index, sentence in enumerate(value):
        if not isinstance(sentence, str) or not sentence:
            problem = say(
                "sentence {number} of {intent} is empty or not text",
                number=index + 1,
                intent=repr(intent),
            )
            document.add_mistake((intent, index), problem)
    if len({same_form(sentence) for _, sentence in _sentences(value)}) < 2:
        document.add_mistake(
            (intent,),
            say(
                "{intent} has fewer than 2 different sentences, so it cannot be split into training"
                " and validation: add some",
                intent=repr(intent),
            ),
        )


def _sentences(value: Any) -> Iterator[tuple[int, str]]:
    """Those that are text, each with its index in the list."""
    if isinstance(value, list):
        yield from (
            (index, item) for index, item in enumerate(value) if isinstance(item, str) and item
        )


def _check_contradictions(document: AnnotatedJson) -> None:
    owner: dict[str, tuple[str, int]] = {}
    for intent, value in document.data.items():
        for index, sentence in _sentences(value):
            other = owner.setdefault(same_form(sentence), (intent, index))
            if other[0] != intent:
                document.add_mistake(
                    (intent, index),
                    say(
                        "the sentence {sentence} stands under {intent}, and in line {line} under"
                        " {other}: keep one",
                        sentence=repr(sentence),
                        intent=repr(intent),
                        line=document.line(other),
                        other=repr(other[0]),
                    ),
                )


def _refuse_too_few(examples: Examples, place: str, minimum: int) -> None:
    if len(examples) < 2:
        raise Permanent(
            say(
                "{place}: one intent alone cannot be classified. Add a second one and `retry`.",
                place=place,
            )
        )
    total = sum(len(s) for s in examples.values())
    if total < minimum:
        raise Permanent(
            say(
                "{place}: {total} sentences in all; the service trains on at least {minimum}, not"
                " counting those set aside for validation. Add some and `retry`.",
                place=place,
                total=total,
                minimum=minimum,
            )
        )


def count_repeated(sentences: Iterable[Sentence]) -> dict[str, int]:
    """Intent -> how many of its sentences are there already, for those where it is not 0."""
    seen: set[tuple[str, str]] = set()
    counts: Counter[str] = Counter()
    for sentence in sentences:
        key = (sentence.intent, same_form(sentence.text))
        counts[sentence.intent] += key in seen
        seen.add(key)
    return {intent: count for intent, count in counts.items() if count}


def find_warnings(
    examples: Mapping[str, list[str]], repeated: Mapping[str, int], advised: int
) -> list[Text]:
    """What can be trained but will not go well, of different sentences."""
    found = []
    for intent, sentences in examples.items():
        if intent in repeated:
            found.append(
                say(
                    "{intent}: {count} repeated sentence is used once.",
                    "{intent}: {count} repeated sentences are used once.",
                    intent=intent,
                    count=repeated[intent],
                )
            )
        if len(sentences) < advised:
            found.append(
                say(
                    "{intent}: only {count} sentence; {advised} or more are advised.",
                    "{intent}: only {count} sentences; {advised} or more are advised.",
                    intent=intent,
                    count=len(sentences),
                    advised=advised,
                )
            )
    return found
