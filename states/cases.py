"""The test cases: reading a person's file, or falling back to the validation rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from states.dataset import Row, part
from states.errors import Permanent
from states.examples import decoded_json, has_half_a_pair
from states.text import say

Case = dict[str, str]  # id, kind, text, expected


def parsed(content: bytes, place: str, intents: Sequence[str]) -> list[Case]:
    """The cases of `[{"text", "expected", "kind"?, "id"?}, ...]`; Permanent, naming the case, if one cannot be used."""
    data = decoded_json(content, place)
    if not isinstance(data, list) or not data:
        raise Permanent(
            say('{place}: expected a list of cases {{"text": …, "expected": …, "kind": …}}. Mend it and `retry`.', place=place)
        )
    cases = [_case(number, entry, place, intents) for number, entry in enumerate(data, start=1)]
    if len({case["id"] for case in cases}) < len(cases):
        raise Permanent(say("{place}: two cases have the same id. Mend it and `retry`.", place=place))
    return cases


def _case(number: int, entry: Any, place: str, intents: Sequence[str]) -> Case:
    text, expected = (entry.get("text"), entry.get("expected")) if isinstance(entry, dict) else (None, None)
    if not isinstance(text, str) or not text.strip():
        raise Permanent(say("{place}: case {number} has no text. Mend it and `retry`.", place=place, number=number))
    if expected not in intents:
        raise Permanent(
            say(
                "{place}: case {number} expects {expected}, which is not one of the intents ({intents}). Mend it and `retry`.",
                place=place,
                number=number,
                expected=repr(expected),
                intents=", ".join(intents),
            )
        )
    case = {
        "id": str(entry.get("id") or f"case-{number:02}"),
        "kind": str(entry.get("kind") or "typical"),
        "text": text.strip(),
        "expected": str(expected),
    }
    if any(has_half_a_pair(value) for value in case.values()):
        raise Permanent(
            say(
                "{place}: case {number} has a broken character (half of a surrogate pair). Mend it and `retry`.",
                place=place,
                number=number,
            )
        )
    return case


def from_rows(rows: Sequence[Row]) -> list[Case]:
    """Validation rows as cases: held out from training, though the service has seen them to measure its loss."""
    return [
        {"id": f"validation-{n:02}", "kind": "validation", "text": part(row, "user"), "expected": part(row, "assistant")}
        for n, row in enumerate(rows, start=1)
    ]


def messages_of(case: Mapping[str, str], system: str) -> list[dict[str, str]]:
    """What the deployment is asked."""
    return [{"role": "system", "content": system}, {"role": "user", "content": case["text"]}]


def digest(messages: Sequence[Mapping[str, str]]) -> str:
    """The same question has the same digest, wherever it stands in the list."""
    return hashlib.sha256(json.dumps(messages, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
