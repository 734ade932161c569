"""The test cases: reading a person's file, or falling back to the validation rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from states.errors import Permanent
from states.intents.annotated_json import Document
from states.intents.dataset import Row, part
from states.intents.examples import has_half_a_pair
from states.text import Text, say

Case = dict[str, str]  # id, kind, text, expected


def parsed(content: bytes, place: str, intents: Sequence[str]) -> list[Case]:
    """The cases of `[{"text", "expected", "kind"?, "id"?}, ...]`; Permanent, with every mistake, if they cannot be used."""
    document = Document(content, place)
    if not isinstance(document.data, list) or not document.data:
        raise Permanent(
            say(
                '{place}: expected a list of cases {{"text": …, "expected": …, "kind": …}}. Mend it'
                " and `retry`.",
                place=place,
            )
        )
    seen: dict[str, int] = {}
    cases = []
    for position, entry in enumerate(document.data):
        problem = _problem(position + 1, entry, intents)
        if problem is not None:
            document.wrong((position,), problem)
            continue
        case = _case(position + 1, entry)
        first = seen.setdefault(case["id"], position)
        if first != position:
            document.wrong(
                (position,),
                say(
                    "the case in line {line} has the same id ({id})",
                    line=document.line((first,)),
                    id=case["id"],
                ),
            )
        cases.append(case)
    document.refuse_mistakes()
    return cases


def _problem(number: int, entry: Any, intents: Sequence[str]) -> Text | None:
    """Why the entry is no case, if it is none."""
    text, expected = (
        (entry.get("text"), entry.get("expected")) if isinstance(entry, dict) else (None, None)
    )
    if not isinstance(text, str) or not text.strip():
        return say("case {number} has no text", number=number)
    if expected not in intents:
        return say(
            "case {number} expects {expected}, which is not one of the intents ({intents})",
            number=number,
            expected=repr(expected),
            intents=", ".join(intents),
        )
    if any(has_half_a_pair(value) for value in _case(number, entry).values()):
        return say("case {number} has a broken character (half of a surrogate pair)", number=number)
    return None


def _case(number: int, entry: Mapping[str, Any]) -> Case:
    return {
        "id": str(entry.get("id") or f"case-{number:02}"),
        "kind": str(entry.get("kind") or "typical"),
        "text": entry["text"].strip(),
        "expected": str(entry["expected"]),
    }


def from_rows(rows: Sequence[Row]) -> list[Case]:
    """Validation rows as cases: held out from training, though the service has seen them to measure its loss."""
    return [
        {
            "id": f"validation-{n:02}",
            "kind": "validation",
            "text": part(row, "user"),
            "expected": part(row, "assistant"),
        }
        for n, row in enumerate(rows, start=1)
    ]


def messages_of(case: Mapping[str, str], system: str) -> list[dict[str, str]]:
    """What the deployment is asked."""
    return [{"role": "system", "content": system}, {"role": "user", "content": case["text"]}]


def digest(messages: Sequence[Mapping[str, str]]) -> str:
    """The same question has the same digest, wherever it stands in the list."""
    return hashlib.sha256(
        json.dumps(messages, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()
