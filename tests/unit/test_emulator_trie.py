"""The answer trie: an exact language model over a closed set of answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.emulator.model.trie import AnswerTrie, unseen
from agent.emulator.resources.served import Belief
from agent.emulator.resources.speaking import Manner, speak

ANSWERS = ["comprar", "comprar ya", "devolver", "queja", "¿qué?", "🛒", "quejar"]


def belief(answers: list[str], shares: list[float]) -> Belief:
    trie = AnswerTrie(answers)
    return Belief(tuple(answers), trie, trie.cumulate(np.array(shares)))


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
    said = speak(
        belief(answers, [1 / len(answers)] * len(answers)),
        Manner(temperature=temperature, seed=seed),
        "x",
    )
    assert said.text in answers
    assert said.finish == "stop"
    assert b"".join(token.raw for token in said.said).decode() == said.text


def test_sampling_follows_the_probabilities() -> None:
    shares = [0.4, 0.1, 0.2, 0.1, 0.1, 0.05, 0.05]
    drawn = [speak(belief(ANSWERS, shares), Manner(seed=seed), "x").text for seed in range(800)]
    for answer, share in zip(ANSWERS, shares, strict=True):
        assert drawn.count(answer) / 800 == pytest.approx(share, abs=0.06)


def test_the_log_probabilities_said_are_those_of_the_answer() -> None:
    said = speak(
        belief(ANSWERS, [0.05, 0.05, 0.1, 0.6, 0.1, 0.05, 0.05]), Manner(temperature=0), "x"
    )
    assert said.text == "queja"
    # What is left of the loss lies in the end of the answer, which is not shown: "quejar" could have gone on.
    assert math.exp(sum(token.logprob for token in said.said)) == pytest.approx(0.6, abs=0.06)


def test_length_and_stop_words_cut_an_answer() -> None:
    sure = belief(["uno dos tres", "cuatro"], [0.99, 0.01])
    assert speak(sure, Manner(temperature=0, longest=1), "x").finish == "length"
    cut = speak(sure, Manner(temperature=0, stops=(" dos",)), "x")
    assert (cut.text, cut.finish) == ("uno", "stop")


def test_a_tiny_temperature_is_like_none() -> None:
    for seed in range(20):
        assert (
            speak(
                belief(ANSWERS, [0.3, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1]),
                Manner(temperature=1e-3, seed=seed),
                "x",
            ).text
            == "comprar"
        )


def test_an_answer_nobody_taught_is_wrong_in_every_token() -> None:
    score = unseen("otra cosa")
    assert score.right == 0
    assert score.loss == pytest.approx(-math.log(1e-6))
