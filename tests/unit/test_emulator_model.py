"""The emulator's model, part by part: rows, wrappings, features, recipe, training."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from agent.emulator.model import few_shot
from agent.emulator.model.dataset import RowsRefusedError, Wrapping, find_wrapping, read_rows
from agent.emulator.model.encoder import HASH, Encoder
from agent.emulator.model.features import clean, smart_case
from agent.emulator.model.trainer import Examples, Recipe, Training, count_right_answers
from agent.emulator.model.trie import AnswerTrie
from agent.emulator.model.zero_shot import start_matrix


def line(*said: tuple[str, str], **more: object) -> str:
    messages = [{"role": role, "content": content} for role, content in said]
    messages[-1].update(more)  # type: ignore[arg-type]
    return json.dumps({"messages": messages})


def test_a_row_is_its_last_question_and_its_answer() -> None:
    talk = (
        ("system", "S"),
        ("user", "antes"),
        ("assistant", "sí"),
        ("user", "ahora"),
        ("assistant", "no"),
    )
    [row] = read_rows(line(*talk).encode(), fewest=1)
    assert (row.system, row.question, row.answer) == ("S", "ahora", "no")
    # 3 for the reply, 3 for each message, 1 for each role; "antes" has two tokens, each other
    # text has one.
    assert row.tokens == 3 + 5 * 3 + 5 + 6


def test_a_row_of_weight_zero_is_not_learnt_and_other_weights_are_refused() -> None:
    talk = (("user", "a"), ("assistant", "b"))
    assert (
        len(read_rows(f"{line(*talk, weight=0)}\n{line(*talk, weight=1)}".encode(), fewest=1)) == 1
    )
    with pytest.raises(RowsRefusedError):
        read_rows(line(*talk, weight=2).encode(), fewest=1)


def test_more_answers_than_a_classifier_has_are_refused() -> None:
    many = "\n".join(line(("user", "a"), ("assistant", str(number))) for number in range(1001))
    with pytest.raises(RowsRefusedError, match="1001 distinct answers"):
        read_rows(many.encode())


def test_what_all_questions_share_is_stripped_at_whole_words() -> None:
    texts = [
        f"Clasifica este mensaje: {text} Responde con una palabra."
        for text in ("quiero una mesa.", "quejas.", "hola.")
    ]
    wrapping = find_wrapping(texts)
    assert [wrapping.unwrap(text) for text in texts] == ["quiero una mesa", "quejas", "hola"]
    assert wrapping.unwrap("algo sin nada") == "algo sin nada"
    assert find_wrapping(["Quiero A", "Quiero B"]) == Wrapping()
    assert find_wrapping(["lo mismo de siempre"] * 3) == Wrapping()
    assert find_wrapping([]) == Wrapping()


def test_a_shouted_text_is_read_in_lower_case_and_a_surrogate_is_replaced() -> None:
    assert smart_case("QUIERO DEVOLVER ESTO") == "quiero devolver esto"
    assert smart_case("Quiero IR") == "Quiero IR"
    assert smart_case("") == ""
    assert clean("a\ud800b") == "a?b"
    assert len(clean("a" * 100_000)) == 2000


def test_hashed_features_have_length_one_and_ignore_accents() -> None:
    first, second, empty = (
        vector.full()
        for vector in Encoder("hash").vectors(["¿Cuándo llegará?", "cuando llegara", ""])
    )
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-6)
    assert np.array_equal(first, second)
    assert np.isfinite(empty).all()
    assert Encoder("hash").name == HASH


@pytest.mark.parametrize(
    ("multiplier", "batch", "rate"), [(0.1, 1, 3.0), (0.1, 4, 6.0), (0.4, 1, 6.0), (0.001, 1, 0.3)]
)
def test_the_learning_rate_grows_with_the_square_roots(
    multiplier: float, batch: int, rate: float
) -> None:
    assert Recipe(3, batch, multiplier, 0).rate == pytest.approx(rate)


def test_training_learns_its_rows_and_repeats_itself() -> None:
    encoder = Encoder("hash")
    texts = [
        "quiero comprar",
        "compro esto",
        "dame uno",
        "lo devuelvo",
        "quiero devolver",
        "no lo quiero",
    ]
    answers = ["comprar", "devolver"]
    rows = Examples(
        encoder.vectors(texts), [answers[at // 3] for at in range(6)], [at // 3 for at in range(6)]
    )
    start = start_matrix(answers, [], encoder)
    for batch, seed in itertools.product((1, 4), (1, 2)):
        runs = [
            list(
                Training(Recipe(4, batch, 0.1, seed), start, rows, rows, AnswerTrie(answers)).run()
            )
            for _ in range(2)
        ]
        assert count_right_answers(runs[0][-1].head, rows) == 6
        assert all(np.array_equal(one.head, two.head) for one, two in zip(*runs, strict=True))
        steps = [line for epoch in runs[0] for line in epoch.steps]
        assert [line.step for line in steps] == list(range(1, 4 * -(-6 // batch) + 1))
        assert all(epoch.steps[-1].full_valid_loss is not None for epoch in runs[0])


def test_examples_move_an_answer_and_leave_the_columns_they_came_from() -> None:
    encoder = Encoder("hash")
    start = start_matrix(["comprar", "devolver", "queja"], [], encoder)
    before = start.copy()
    shown = encoder.vectors(["dame uno", "no lo quiero"])
    learnt = few_shot.learn(start, shown, [0, 1])
    assert [int((vector.full() @ learnt).argmax()) for vector in shown] == [0, 1]
    assert np.array_equal(start, before)
    turned = few_shot.learn(start, shown[::-1], [1, 0])
    assert np.allclose(learnt, turned, atol=1e-4)
    many = few_shot.learn(start, shown * 250, [0, 1] * 250)
    assert np.isfinite(many).all()
