"""The emulator's base models: what they learn from a conversation, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from states.evaluation.label_chance import LabelChances
from tests.contract.sentences import SYSTEM

LABELS = ["comprar", "devolver", "queja", "consulta"]


def right(emulator: Any, deployment: str, cases: list[tuple[str, str]]) -> int:
    return sum(emulator.answer(deployment, text) == label for text, label in cases)


@pytest.mark.usefixtures("trained")
def test_the_chance_of_a_label_can_be_read_from_its_tokens(
    emulator: Any, unseen: list[tuple[str, str]], service: Callable[..., Any]
) -> None:
    """All four labels are among the alternatives, so that their chances are the model's own."""
    on, chances = service("v1", url=emulator.url, arm=False), LabelChances(LABELS)
    for deployment in ("tuned", "gpt-4o-mini"):
        for text, _ in unseen[::4]:
            asked = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
            reply = on.chat(deployment, asked)
            found = chances.of(reply)
            assert found is not None
            assert found.probability >= max([0.25, *found.others.values()])
            assert sum(found.others.values()) == pytest.approx(1 - found.probability, abs=1e-5)
            assert reply.prompt_tokens > 20
            assert reply.completion_tokens == len(reply.tokens)


@pytest.mark.usefixtures("trained")
def test_a_base_model_learns_from_the_examples_of_a_conversation(
    emulator: Any, sentences: dict[str, list[str]], unseen: list[tuple[str, str]]
) -> None:
    """Better with five of each than without, and no better than the model that saw all of them."""
    shown = [
        {"role": role, "content": content}
        for label, texts in sentences.items()
        for text in texts[:5]
        for role, content in (("user", text), ("assistant", label))
    ]

    def answer(text: str) -> str:
        asked = [{"role": "system", "content": SYSTEM}, *shown, {"role": "user", "content": text}]
        reply = emulator.sdk.chat.completions.create(
            model="gpt-4o-mini", messages=asked, temperature=0
        )
        return str(reply.choices[0].message.content)

    few = sum(answer(text) == label for text, label in unseen)
    base, tuned = right(emulator, "base", unseen), right(emulator, "tuned", unseen)
    assert base < few <= tuned, f"{base} < {few} <= {tuned} of {len(unseen)}"


def test_an_example_may_name_an_answer_that_no_instruction_names(plain: Any) -> None:
    shown = [
        {"role": role, "content": content}
        for role, content in (
            ("user", "compro una mesa"),
            ("assistant", " alta "),
            ("user", "devuelvo la mesa"),
            ("assistant", "baja"),
            ("user", "nadie contesta"),
            ("user", "devuelvo la otra mesa"),
        )
    ]
    reply = plain.sdk.chat.completions.create(model="gpt-4o-mini", messages=shown, temperature=0)
    assert reply.choices[0].message.content == "baja"
