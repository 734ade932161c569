"""What may stand in a reply's body: the truth changed in one place, JSON of another shape, pages.

replies.py draws from these by their names. Each is a function of the true body.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

Json = Any

LOGIN = b"<!DOCTYPE html><html><title>Sign in</title><form action=/login><input></form></html>"
DEEP = 100_000
# In place of what is promised. Python writes NaN, and whole numbers of any length.
ODD: dict[str, Json] = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "huge": 10**400,
    "float": 1e308,
    "nan": float("nan"),
    "infinity": float("-inf"),
    "empty text": "",
    "empty list": [],
    "empty object": {},
    "nested": [[{"a": [None, {"b": {}}]}]],
    "text": "soon",
    "long text": "x" * 20_000,
    "surrogate": "\ud83d",
    "escape": "\x1b]0;own\x07\x1b[31m",
    "nul": "a\x00b",
    "bidi": "\u202eabc\u2066",
    "lines": "a\r\nb\u2028c",
    "number as text": "17",
    "date": "2026-11-26T10:00:00Z",
}
# A stranger's word here would be a lie that nobody could see through.
IDENTITIES = ("id", "name", "filename", "model", "fine_tuned_model", "training_file", "suffix")
_NO_WORDS = tuple(name for name, value in ODD.items() if not isinstance(value, str) or not value)
STRANGERS: list[Json] = [
    *(None, 1, "x", [], {}, {"id": None}, {"id": {}, "filename": 7, "training_file": []}),
    *({"name": None}, {"name": "x", "properties": None}, {"name": "y", "properties": {"model": 3}}),
]


def change(truth: Json, where: int, odd: str) -> Json:
    """The truth with something odd in one of its fields."""
    changed = json.loads(json.dumps(truth))
    places = list(_places(changed))
    if not places:
        return truth
    parent, key = places[where % len(places)]
    if key in IDENTITIES and odd not in _NO_WORDS:
        odd = _NO_WORDS[len(odd) % len(_NO_WORDS)]
    parent[key] = ODD[odd]
    return changed


def _places(value: Json) -> list[tuple[Json, Any]]:
    """Every field, but not the items of a listing: ours, left out, would be made once more."""
    found: list[tuple[Json, Any]] = []
    for key, item in value.items():
        if key not in ("data", "value") or isinstance(item, dict):
            found.append((value, key))
        if isinstance(item, dict):
            found += _places(item)
        elif key == "choices":
            found += [(item, 0), *_places(item[0])]
    return found


def among_strangers(truth: Json) -> Json:
    """A listing with items that nobody can read before and after those of the truth."""
    return {
        key: [*STRANGERS, *items, *STRANGERS] if key in ("data", "value") else items
        for key, items in truth.items()
    }


def encode(value: Json) -> bytes:
    return json.dumps(value).encode()


_OF_TRUTH: dict[str, Callable[[bytes], bytes]] = {
    "the truth": lambda truth: truth,
    "after a BOM": lambda truth: b"\xef\xbb\xbf" + truth,
    "as UTF-16": lambda truth: truth.decode().encode("utf-16"),
    "as UTF-32": lambda truth: truth.decode().encode("utf-32"),
    "twice": lambda truth: truth + truth,
    "with a tail": lambda truth: truth + b"\n<!-- served by gateway -->",
    "half of it": lambda truth: truth[: len(truth) // 2],
    "as a list": lambda truth: b"[" + truth + b"]",
    "as text": lambda truth: encode(truth.decode("latin-1")),
    "behind spaces": lambda truth: b" \n" * 2_000 + truth,
}
_NO_TRUTH: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "space": lambda: b" ",
    "null": lambda: b"null",
    "object": lambda: b"{}",
    "list": lambda: b"[]",
    "list of null": lambda: b"[null]",
    "text": lambda: b'"ok"',
    "number": lambda: b"0",
    "nan": lambda: b"NaN",
    "digits": lambda: b"9" * 6_000,
    "deep list": lambda: b"[" * DEEP,
    "deep object": lambda: b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and whole": lambda: b"[" * DEEP + b"]" * DEEP,
    "log-in page": lambda: LOGIN,
    "words": lambda: b"Petici\xc3\xb3n rechazada\x1b[31m \xe2\x80\xae",
    "latin-1": lambda: b"Petici\xf3n",
    "no text": lambda: bytes(range(256)),
    "error": lambda: encode({"error": {"code": "Whatever", "message": "no \x1b[31m\ud83d"}}),
    "error null": lambda: b'{"error": null}',
    "error list": lambda: b'{"error": [1, {"code": []}]}',
    "error text": lambda: b'{"error": "no"}',
    "error of odd kinds": lambda: encode({"error": {"code": {"a": 1}, "message": [None], "x": 1}}),
    "error that is long": lambda: encode({"error": {"code": "c" * 9_999, "message": "m" * 99_999}}),
    "error within": lambda: encode(
        {"error": {"code": "", "innererror": {"code": "ResponsibleAI", "content_filter": 3}}}
    ),
    **{
        f"no {name}": partial(
            encode,
            {"error": {"code": "unsupported_parameter", "param": name, "message": f"No '{name}'."}},
        )
        for name in ("max_tokens", "max_completion_tokens", "temperature", "logprobs", "model")
    },
    "no odd parameter": lambda: encode(
        {"error": {"code": "unsupported_parameter", "param": {"max_tokens": []}, "message": "No."}}
    ),
    "error in capitals": lambda: encode({"Error": [{"Code": 7, "Message": "no", "InnerError": 3}]}),
    "errors": lambda: encode({"errors": [{"message": "no"}], "fault": {"faultstring": "quota"}}),
    "detail": lambda: b'{"detail": [{"loc": ["body"], "msg": "no"}]}',
    "status": lambda: b'{"statusCode": 401, "message": "Access denied"}',
    "wrapped": lambda: b'{"data": {"id": 3}}',
    "data null": lambda: b'{"data": null, "value": null}',
    "data object": lambda: b'{"data": {}, "value": {}, "choices": {}}',
    "data text": lambda: b'{"data": "x", "value": 7, "choices": "y"}',
}
TRUTHS, OTHERS = tuple(_OF_TRUTH), tuple(_NO_TRUTH)
ERRORS = tuple(name for name in OTHERS if name.startswith(("error", "no ", "detail", "status")))
# Nobody takes these for the object or the end that was asked for.
NEVER_DONE = tuple(name for name in OTHERS if name not in ("empty", "space"))


def make(kind: str, truth: bytes) -> bytes:
    if kind in _OF_TRUTH:
        return _OF_TRUTH[kind](truth)
    return _NO_TRUTH[kind]()


def draw_change(rng: random.Random) -> tuple[int, str]:
    return rng.randrange(40), rng.choice(list(ODD))
