"""The chances of the tokens of a reply: read where they are told as promised, else none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.providers.token_chances import take_tokens
from states.remote import Token


def reply(content: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"content": "si"}, "logprobs": {"content": content}}]}


def token(text: Any, logprob: Any, **more: Any) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, **more}


def test_a_token_has_its_bytes_its_chance_and_the_likeliest_others() -> None:
    half = token("\ufffd", -0.5, bytes=[0xC3], top_logprobs=[token("n", -1.5, bytes=None)])
    found = take_tokens(reply([half, token("!", 0.0000001)]))
    assert found == (Token(b"\xc3", -0.5, {b"n": -1.5}), Token(b"!", 0.0))


def test_what_was_read_is_taken_out_of_the_reply() -> None:
    data = reply([token("si", -0.1)])
    take_tokens(data)
    assert data == {"choices": [{"message": {"content": "si"}}]}


@pytest.mark.parametrize(
    "content",
    [
        None, {}, "x", [None], ["si"], [[]], [{}], [{"token": "si"}], [{"logprob": -1}],
        [token("si", None)], [token("si", "-1")], [token("si", True)], [token("si", 0.5)],
        [token("si", [])], [token(None, -1)], [token(7, -1)], [token("\ud800", -1)],
        [token("si", -1, bytes=[300])], [token("si", -1, bytes=["a"])],
        [token("si", -1, bytes=[1.5])], [token("si", -1, bytes=[10**30])],
        [token("si", -1, top_logprobs={})], [token("si", -1, top_logprobs=["x"])],
        [token("si", -1, top_logprobs=[token("no", 3)])], [token("si", -(10**400))],
        [token("si", -1)] * 65,
    ],
)  # fmt: skip
def test_tokens_that_are_odd_in_any_way_are_not_told(content: Any) -> None:
    assert take_tokens(reply(content)) == ()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_a_chance_that_is_no_number_is_not_told(number: str) -> None:
    assert take_tokens(json.loads(json.dumps(reply([token("si", 7)])).replace("7", number))) == ()


def test_an_alternative_without_any_chance_has_none() -> None:
    lost = json.loads('{"token": "no", "logprob": -Infinity}')
    [found] = take_tokens(reply([token("si", -0.1, top_logprobs=[lost])]))
    assert found.others == {b"no": -float("inf")}


def test_of_a_flood_of_alternatives_the_first_are_read() -> None:
    flood = [token(str(n), -9.0) for n in range(5000)]
    [found] = take_tokens(reply([token("x" * 5000, -0.1, top_logprobs=flood)]))
    assert (len(found.others), len(found.piece)) == (21, 200)


@pytest.mark.parametrize(
    "data",
    [
        None, [], "x", {}, {"choices": None}, {"choices": []}, {"choices": [None]},
        {"choices": [{}]}, {"choices": [{"logprobs": None}]}, {"choices": [{"logprobs": []}]},
        {"choices": {"0": {}}},
    ],
)  # fmt: skip
def test_a_reply_of_any_shape_is_read(data: Any) -> None:
    assert take_tokens(data) == ()
