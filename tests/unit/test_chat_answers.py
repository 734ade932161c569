"""What the reply of a chat states: the model's words, the filter's, or nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from agent.providers.chat import read_answer
from states.errors import NoAnswer
from states.remote import Finish


def parts(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text} for text in texts]


@pytest.mark.parametrize(
    "choices",
    [
        None,
        "x",
        {},
        [],
        [None],
        ["comprar"],
        [{}],
        [{"message": None}],
        [{"message": "comprar"}],
        [{"message": {}, "finish_reason": "stop"}],
        [{"message": {"content": None, "refusal": None}, "finish_reason": "stop"}],
        [{"message": {"content": []}, "finish_reason": "stop"}],
        [{"message": {"content": ["x"]}, "finish_reason": "stop"}],
        [{"message": {"content": ""}}],
        [{"message": {"content": ""}, "finish_reason": "length"}],
        [{"message": {"content": "", "tool_calls": [{"id": "c"}]}, "finish_reason": "stop"}],
        [{"message": {"content": None, "tool_calls": [{}]}, "finish_reason": "tool_calls"}],
    ],
)  # fmt: skip
def test_a_reply_without_a_statement_is_no_answer(choices: Any) -> None:
    """Counted as an answer, it would be one that is wrong, for good."""
    with pytest.raises(NoAnswer, match="asked again"):
        read_answer({"choices": choices})


def test_a_reply_without_choices_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        read_answer({"id": "", "model": "", "prompt_filter_results": []})


@pytest.mark.parametrize(
    ("content", "reason", "expected"),
    [
        (" comprar\n", "stop", ("comprar", Finish.STOP)),
        ("comprar", None, ("comprar", Finish.STOP)),
        ("", "stop", ("", Finish.STOP)),
        ("comprar y luego", "length", ("comprar y luego", Finish.LENGTH)),
        (parts("comprar"), "stop", ("comprar", Finish.STOP)),
        (parts("com", "prar"), "stop", ("comprar", Finish.STOP)),
        ([{"type": "text", "text": {"value": "comprar"}}], "stop", ("comprar", Finish.STOP)),
        ([{"type": "image"}, *parts("comprar"), None], "stop", ("comprar", Finish.STOP)),
        ([{"type": "refusal", "refusal": "No."}], "stop", ("No.", Finish.REFUSAL)),
        (None, "content_filter", ("", Finish.CONTENT_FILTER)),
        ("compr", "content_filter", ("compr", Finish.CONTENT_FILTER)),
        ("x" * 5000, "length", ("x" * 500, Finish.LENGTH)),
    ],
)
def test_each_way_to_end_has_its_own_meaning(
    content: Any, reason: str | None, expected: tuple[str, Finish]
) -> None:
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": reason}
    assert read_answer({"choices": [choice]}) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, ("No puedo.", Finish.REFUSAL)), ("comprar", ("comprar", Finish.STOP))],
)
def test_a_refusal_is_one_only_in_place_of_an_answer(
    content: str | None, expected: tuple[str, Finish]
) -> None:
    message = {"content": content, "refusal": " No puedo. "}
    assert read_answer({"choices": [{"message": message, "finish_reason": "stop"}]}) == expected
