"""The example set: reading it, and saying exactly what is wrong with it.

build_prompts reads it, and check_data once more; data_rules.py warns of what can be trained but
will not go well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from states.errors import Permanent
from states.intents.annotated_json import AnnotatedJson
from states.text import Text, say

Examples = dict[str, list[str]]


def normalize(text: str) -> str:
    """The form in which two sentences count as the same.

    Case, accents, punctuation and spaces do not matter.
    """
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)
    )
    # Where nothing is left ("👍") the text itself: two emoji differ although none has letters.
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split()) or text.strip()


def parse(content: bytes, place: str, minimum: int) -> Examples:
    """`{intent: [sentence, ...]}` from a person's file, sentences stripped.

    Raises Permanent, with every mistake and its line, if it cannot be used.
    """
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
    examples = {
        intent.strip(): [sentence.strip() for sentence in sentences]
        for intent, sentences in data.items()
    }
    _refuse_too_few(examples, place, minimum)
    return examples


def _check_names(document: AnnotatedJson) -> None:
    seen: dict[str, str] = {}
    for intent in document.data:
        if not any(character.isalnum() for character in intent):
            document.add_mistake((intent,), say("an intent has an empty name"))
            continue
        if has_half_a_pair(intent):
            document.add_mistake(
                (intent,),
                say(
                    "the name {intent} has a broken character (half of a surrogate pair)",
                    intent=repr(intent),
                ),
            )
        other = seen.setdefault(normalize(intent), intent)
        if other != intent:
            # An answer is read without case, accents and punctuation: it could mean either.
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


def has_half_a_pair(text: str) -> bool:
    """Such a string can stand in JSON, but in no file."""
    return any(0xD800 <= ord(character) <= 0xDFFF for character in text)


def _check_sentences(document: AnnotatedJson, intent: str, value: Any) -> None:
    if not isinstance(value, list):
        document.add_mistake(
            (intent,), say("{intent} must be a list of sentences", intent=repr(intent))
        )
        return
    for index, sentence in enumerate(value):
        if not isinstance(sentence, str) or not sentence.strip():
            problem = say(
                "sentence {number} of {intent} is empty or not text",
                number=index + 1,
                intent=repr(intent),
            )
            document.add_mistake((intent, index), problem)
        elif has_half_a_pair(sentence):
            problem = say(
                "sentence {number} of {intent} has a broken character (half of a surrogate pair)",
                number=index + 1,
                intent=repr(intent),
            )
            document.add_mistake((intent, index), problem)
    if len({normalize(sentence) for _, sentence in _sentences(value)}) < 2:
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
            (index, item)
            for index, item in enumerate(value)
            if isinstance(item, str) and item.strip()
        )


def _check_contradictions(document: AnnotatedJson) -> None:
    owner: dict[str, tuple[str, int]] = {}
    for intent, value in document.data.items():
        for index, sentence in _sentences(value):
            other = owner.setdefault(normalize(sentence), (intent, index))
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


def count_repeated(examples: Examples) -> dict[str, int]:
    """Intent -> how many of its sentences are there already, for those where it is not 0."""
    counts = {
        intent: len(sentences) - len({normalize(s) for s in sentences})
        for intent, sentences in examples.items()
    }
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
