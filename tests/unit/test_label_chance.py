"""The chance of the intent that an answer names: against a model whose chances are known."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from agent.emulator.model import tokens as vocabulary
from agent.emulator.model.sampling import Prediction, sample
from agent.emulator.model.sampling_options import SamplingOptions
from agent.emulator.model.trie import AnswerTrie
from states.evaluation.label_chance import LabelChance, LabelChances
from states.remote import Finish, Reply, Token

INTENTS = ("comprar", "devolver", "queja", "consulta")


def said(*pieces: tuple[str, Mapping[str, float]], finish: Finish = Finish.STOP) -> Reply:
    """Each piece is the first of what might stand there, with the chances of all of it."""
    tokens = tuple(
        Token(
            piece.encode(),
            math.log(chances[piece]),
            {other.encode(): math.log(chance) for other, chance in chances.items()},
        )
        for piece, chances in pieces
    )
    text = "".join(piece for piece, _ in pieces).strip()
    return Reply(text, None, 0.1, finish, tokens=tokens)


def chance(reply: Reply, intents: Sequence[str] = INTENTS) -> LabelChance:
    found = LabelChances(intents).of(reply)
    assert found is not None
    return found


def answer(intents: Sequence[str], weights: Sequence[float]) -> Reply:
    """What the emulator's model of these chances answers at temperature 0."""
    trie = AnswerTrie(intents)
    text = sample(
        Prediction(trie, trie.cumulate(np.array(weights))), SamplingOptions(temperature=0.0), ""
    )
    spelled = tuple(
        Token(
            one.raw,
            one.logprob,
            {
                vocabulary.piece_bytes(n) if n >= 0 else b"": chance
                for n, chance in one.alternatives
            },
        )
        for one in text.tokens
    )
    return Reply(text.text, None, 0.1, tokens=spelled)


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_chance_that_the_model_gives_the_intent(seed: int) -> None:
    """With other intents of the same beginning, and whole tokens in which they differ."""
    names = [*INTENTS, "compra_urgente", "comprobar", "card_arrival", "card_linking", "año", "añil"]
    chances = random.Random(seed)
    weights = [chances.random() ** 3 for _ in names]
    total = sum(weights)
    true = {name: weight / total for name, weight in zip(names, weights, strict=True)}
    reply = answer(names, list(true.values()))
    found = chance(reply, names)
    assert found.probability == pytest.approx(true[reply.text], abs=2e-6)
    assert found.probability + sum(found.others.values()) <= 1 + 1e-9
    for other, share in found.others.items():
        assert share == pytest.approx(true[other], abs=2e-6)


@pytest.mark.parametrize("seed", range(5))
def test_mass_that_is_not_listed_counts_as_that_of_others(seed: int) -> None:
    """Of a hundred intents twenty beginnings are told: the chance is exact all the same."""
    names = [f"{word}_{n}" for n, word in enumerate(["pago", "tarjeta", "cuenta", "envío"] * 25)]
    names = [f"{chr(97 + n % 26)}{chr(97 + n // 26)} {name}" for n, name in enumerate(names)]
    chances = random.Random(seed)
    weights = np.array([chances.random() for _ in names])
    weights /= weights.sum()
    reply = answer(names, list(weights))
    found = chance(reply, names)
    assert found.probability == pytest.approx(weights[names.index(reply.text)], abs=2e-6)
    assert len(found.others) <= 5
    assert found.probability + sum(found.others.values()) <= 1 + 1e-9


def test_what_can_become_no_intent_does_not_count() -> None:
    found = chance(said(("comprar", {"comprar": 0.6, "queja": 0.2, "Hola": 0.2})))
    assert found == LabelChance(0.75, {"queja": 0.25})


def test_other_spellings_of_the_same_intent_are_its_own() -> None:
    """In capitals, in quotes, in Markdown, after a blank."""
    spellings = {"comprar": 0.5, "Comprar": 0.1, ' "com': 0.1, "**": 0.1, "com": 0.1, "queja": 0.1}
    found = chance(said(("comprar", spellings)))
    assert found.probability == pytest.approx(0.8)  # of the opening "**" nobody knows whose it is
    assert found.others == {"queja": pytest.approx(0.1)}


def test_what_follows_when_all_is_settled_takes_nothing_away() -> None:
    settled = said(("com", {"com": 0.9, "queja": 0.1}), ("prar", {"prar": 0.7, "pra": 0.3}))
    assert chance(settled).probability == pytest.approx(0.9)


def test_a_mass_of_several_others_is_of_none_of_them() -> None:
    found = chance(said(("queja", {"queja": 0.7, "co": 0.2, "consulta": 0.1})))
    assert found == LabelChance(pytest.approx(0.7), {"consulta": pytest.approx(0.1)})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [" Comprar.", "**comprar**", "«comprar»", "`comprar`\n"])
def test_an_answer_in_another_form_is_scored_like_the_name(text: str) -> None:
    reply = said((text, {text: 0.8, "queja": 0.2}))
    assert chance(reply).probability == pytest.approx(0.8)


def test_letters_that_are_cut_in_two_are_put_together() -> None:
    first = Token(b"a\xc3", math.log(0.5), {b"queja": math.log(0.5)})
    second = Token(b"\xb1o", math.log(0.8), {b"\xa1": math.log(0.2)})
    reply = Reply("año", None, 0.1, tokens=(first, second))
    assert chance(reply, ("año", "queja")) == LabelChance(0.5, {"queja": 0.5})


@pytest.mark.parametrize("end", ["", "<|end|>", "</s>"])
def test_the_end_among_the_alternatives_is_that_of_the_shorter_name(end: str) -> None:
    reply = said(("queja", {"queja": 0.9, "compra": 0.1}), ("_envío", {"_envío": 0.75, end: 0.25}))
    found = chance(reply, ("queja", "queja_envío", "compra"))
    assert found.probability == pytest.approx(0.675, abs=1e-6)
    assert found.others == {"queja": pytest.approx(0.225), "compra": pytest.approx(0.1)}


def test_of_a_name_that_begins_another_nobody_knows_the_chance() -> None:
    """The service does not tell how probable the end of the answer was."""
    reply = said(("queja", {"queja": 0.9, "compra": 0.1}))
    assert LabelChances(("queja", "queja_envío", "compra")).of(reply) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply("comprar", None, 0.1),
        Reply("comprar", None, 0.1, tokens=(Token(b"queja", -0.1),)),
        Reply("comprar", None, 0.1, tokens=(Token(b"comprar", -0.1), Token(b"\xff", -0.1))),
        Reply("comprar", None, 0.1, tokens=(Token(b"comprar", -float("inf")),)),
        Reply("comprar", None, 0.1, tokens=(Token(b"comprar", 0.0, {b"queja": -0.1}),)),
        said(("hola", {"hola": 0.9, "queja": 0.1})),
        said(("comprar", {"comprar": 0.9}), finish=Finish.LENGTH),
        said(("comprar", {"comprar": 0.9}), finish=Finish.REFUSAL),
    ],
)
def test_where_the_tokens_do_not_tell_there_is_no_number(reply: Reply) -> None:
    assert LabelChances(INTENTS).of(reply) is None


def test_a_chance_without_alternatives_is_that_of_the_text() -> None:
    reply = Reply("comprar", None, 0.1, tokens=(Token(b"comprar", math.log(0.6)),))
    assert chance(reply) == LabelChance(pytest.approx(0.6, abs=1e-6), {})  # type: ignore[arg-type]
