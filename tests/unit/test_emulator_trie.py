"""The answer trie: an exact language model over a closed set of answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.emulator.model.sampling import Prediction, sample
from agent.emulator.model.sampling_options import SamplingOptions
from agent.emulator.model.trie import AnswerTrie, score_unseen

ANSWERS = ["comprar", "comprar ya", "devolver", "queja", "¿qué?", "🛒", "quejar"]


def predict(answers: list[str], shares: list[float]) -> Prediction:
    trie = AnswerTrie(answers)
    return Prediction(trie, trie.cumulate(np.array(shares)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=8, unique=True), st.data())
def test_the_losses_of_an_answers_tokens_add_up_to_its_own(
    answers: list[str], data: st.DataObject
) -> None:
    weights = data.draw(st.lists(st.floats(0.01, 1), min_size=len(answers), max_size=len(answers)))
    shares = np.array(weights) / sum(weights)
    trie = AnswerTrie(answers)
    cumulated = trie.cumulate(shares)
    for at in range(len(answers)):
        score = trie.score(cumulated, at)
        assert score.loss == pytest.approx(-math.log(shares[at]), abs=1e-9)
        assert 0 <= score.right <= score.total
    if shares.max() > 0.5:
        best = trie.score(cumulated, int(shares.argmax()))
        assert best.right == best.total


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(max_size=12), min_size=1, max_size=8, unique=True),
    st.integers(0, 1000),
    st.floats(0, 2),
)
@example(["", "\U00080000", "\U00091000"], 0, 2.2e-313)  # a temperature that overflowed
def test_whatever_is_said_is_one_of_the_answers(
    answers: list[str], seed: int, temperature: float
) -> None:
    said = sample(
        predict(answers, [1 / len(answers)] * len(answers)),
        SamplingOptions(temperature=temperature, seed=seed),
        "x",
    )
    assert said.text in answers
    assert said.finish_reason == "stop"
    assert b"".join(token.raw for token in said.tokens).decode() == said.text


def test_sampling_follows_the_probabilities() -> None:
    shares = [0.4, 0.1, 0.2, 0.1, 0.1, 0.05, 0.05]
    drawn = [
        sample(predict(ANSWERS, shares), SamplingOptions(seed=seed), "x").text
        for seed in range(800)
    ]
    for answer, share in zip(ANSWERS, shares, strict=True):
        assert drawn.count(answer) / 800 == pytest.approx(share, abs=0.06)


def test_the_log_probabilities_said_are_those_of_the_answer() -> None:
    said = sample(
        predict(ANSWERS, [0.05, 0.05, 0.1, 0.6, 0.1, 0.05, 0.05]),
        SamplingOptions(temperature=0),
        "x",
    )
    assert said.text == "queja"
    # The rest of the loss is that of the end of the answer, which is not shown: "quejar" was
    # possible as well.
    assert math.exp(sum(token.logprob for token in said.tokens)) == pytest.approx(0.6, abs=0.06)


def test_length_and_stop_words_cut_an_answer() -> None:
    sure = predict(["uno dos tres", "cuatro"], [0.99, 0.01])
    assert sample(sure, SamplingOptions(temperature=0, max_tokens=1), "x").finish_reason == "length"
    cut = sample(sure, SamplingOptions(temperature=0, stops=(" dos",)), "x")
    assert (cut.text, cut.finish_reason) == ("uno", "stop")


def test_a_tiny_temperature_is_like_none() -> None:
    for seed in range(20):
        assert (
            sample(
                predict(ANSWERS, [0.3, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1]),
                SamplingOptions(temperature=1e-3, seed=seed),
                "x",
            ).text
            == "comprar"
        )


def test_an_answer_nobody_taught_is_wrong_in_every_token() -> None:
    score = score_unseen("otra cosa")
    assert score.right == 0
    assert score.loss == pytest.approx(-math.log(1e-6))
