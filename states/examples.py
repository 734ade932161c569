"""The example set: reading it, and saying exactly what is wrong with it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from states.errors import Permanent
from states.text import Text, say

Examples = dict[str, list[str]]


def normalized(text: str) -> str:
    """The form in which two sentences count as the same: case, accents, punctuation and spaces do not matter."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    # Where nothing is left ("👍"), the text itself: two emoji are not the same for having no letters.
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split()) or text.strip()


def decoded_json(content: bytes, place: str) -> Any:
    """The JSON in `content`; Permanent with the line and column otherwise."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Permanent(
            say("{place}, line {line}: this is not UTF-8 text. Save the file as UTF-8 and `retry`.", place=place, line=line)
        ) from error
    if not text.strip():
        raise Permanent(say("{place} is empty. Fill it (or delete it, to start from the example set) and `retry`.", place=place))
    try:
        return json.loads(text, object_pairs_hook=_without_repeated_keys)
    except json.JSONDecodeError as error:
        raise Permanent(
            say(
                "{place}, line {line}, column {column}: not valid JSON ({problem}). Mend it and `retry`.",
                place=place,
                line=error.lineno,
                column=error.colno,
                problem=error.msg,
            )
        ) from error
    except _RepeatedKeyError as error:
        raise Permanent(
            say("{place}: the name {key} stands there twice. Join the two and `retry`.", place=place, key=repr(error.args[0]))
        ) from error
    except RecursionError as error:
        raise Permanent(say("{place}: nested too deeply to be an example set.", place=place)) from error


class _RepeatedKeyError(Exception):
    """json would silently keep only the second of two equal names."""


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise _RepeatedKeyError(key)
        seen[key] = value
    return seen


def _line_of(content: bytes, needle: str) -> int:
    """The first line that contains `needle` as JSON would write it; 1 if none does."""
    wanted = {json.dumps(needle, ensure_ascii=False), json.dumps(needle)}
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), start=1):
        if any(text in line for text in wanted):
            return number
    return 1


def parsed(content: bytes, place: str, minimum: int) -> Examples:
    """`{intent: [sentence, ...]}` from a person's file, sentences stripped. Permanent, naming file and line, if it cannot be used."""
    data = decoded_json(content, place)
    if not isinstance(data, dict) or not data:
        raise Permanent(
            say(
                '{place}: expected an object {{"intent": ["sentence", …], …}} with at least two intents. Mend it and `retry`.',
                place=place,
            )
        )
    _refuse_unusable_names(list(data), content, place)
    examples = {intent.strip(): _sentences(intent, value, content, place) for intent, value in data.items()}
    _refuse_what_cannot_be_trained(examples, content, place, minimum)
    return examples


def _refuse_unusable_names(intents: list[str], content: bytes, place: str) -> None:
    seen: dict[str, str] = {}
    for intent in intents:
        line = _line_of(content, intent)
        if not any(character.isalnum() for character in intent):
            raise Permanent(say("{place}, line {line}: an intent has an empty name.", place=place, line=line))
        if has_half_a_pair(intent):
            raise Permanent(
                say(
                    "{place}, line {line}: the name {intent} has a broken character (half of a surrogate pair). Mend it and `retry`.",
                    place=place,
                    line=line,
                    intent=repr(intent),
                )
            )
        other = seen.setdefault(normalized(intent), intent)
        if other != intent:
            # The model's answer is read without case, accents and punctuation: it could mean either.
            raise Permanent(
                say(
                    "{place}, line {line}: the names {intent} and {other} cannot be told apart. Rename one, or join the two, and `retry`.",
                    place=place,
                    line=line,
                    intent=repr(intent),
                    other=repr(other),
                )
            )


def has_half_a_pair(text: str) -> bool:
    """Such a string can stand in JSON, but in no file."""
    return any(0xD800 <= ord(character) <= 0xDFFF for character in text)


def _sentences(intent: str, value: Any, content: bytes, place: str) -> list[str]:
    line = _line_of(content, intent)
    if not isinstance(value, list):
        raise Permanent(
            say(
                "{place}, line {line}: {intent} must be a list of sentences. Mend it and `retry`.",
                place=place,
                line=line,
                intent=repr(intent),
            )
        )
    for number, sentence in enumerate(value, start=1):
        if not isinstance(sentence, str) or not sentence.strip():
            raise Permanent(
                say(
                    "{place}, from line {line}: sentence {number} of {intent} is empty or not text. Mend it and `retry`.",
                    place=place,
                    line=line,
                    number=number,
                    intent=repr(intent),
                )
            )
        if has_half_a_pair(sentence):
            raise Permanent(
                say(
                    "{place}, from line {line}: sentence {number} of {intent} has a broken character (half of a surrogate pair). "
                    "Mend it and `retry`.",
                    place=place,
                    line=line,
                    number=number,
                    intent=repr(intent),
                )
            )
    return [sentence.strip() for sentence in value]


def _refuse_what_cannot_be_trained(examples: Mapping[str, list[str]], content: bytes, place: str, minimum: int) -> None:
    if len(examples) < 2:
        raise Permanent(say("{place}: one intent alone cannot be classified. Add a second one and `retry`.", place=place))
    for intent, sentences in examples.items():
        if len({normalized(s) for s in sentences}) < 2:
            raise Permanent(
                say(
                    "{place}, line {line}: {intent} has fewer than 2 different sentences, so it cannot be split into training and "
                    "validation. Add some and `retry`.",
                    place=place,
                    line=_line_of(content, intent),
                    intent=repr(intent),
                )
            )
    total = sum(len(s) for s in examples.values())
    if total < minimum:
        raise Permanent(
            say(
                "{place}: {total} sentences in all; the service trains on at least {minimum}, not counting those set aside for validation. Add some and `retry`.",
                place=place,
                total=total,
                minimum=minimum,
            )
        )
    _refuse_contradictions(examples, content, place)


def _refuse_contradictions(examples: Mapping[str, list[str]], content: bytes, place: str) -> None:
    owner: dict[str, str] = {}
    for intent, sentences in examples.items():
        for sentence in sentences:
            other = owner.setdefault(normalized(sentence), intent)
            if other != intent:
                raise Permanent(
                    say(
                        "{place}, line {line}: the sentence {sentence} stands under {intent} and under {other}. Keep one and `retry`.",
                        place=place,
                        line=_line_of(content, sentence),
                        sentence=repr(sentence),
                        intent=repr(intent),
                        other=repr(other),
                    )
                )


def warnings(examples: Mapping[str, list[str]], advised: int) -> list[Text]:
    """What can be trained but will not go well."""
    found = []
    for intent, sentences in examples.items():
        different = len({normalized(s) for s in sentences})
        if different < len(sentences):
            found.append(
                say("{intent}: {count} repeated sentences are used once.", intent=intent, count=len(sentences) - different)
            )
        if different < advised:
            found.append(
                say(
                    "{intent}: only {count} sentences; {advised} or more are advised.",
                    intent=intent,
                    count=different,
                    advised=advised,
                )
            )
    return found
