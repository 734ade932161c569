"""The split: per intent, seeded, and nothing in both halves."""

from __future__ import annotations

import hashlib
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.intents.dataset import Row, decode, encode
from states.intents.forms import same_form, tidy
from states.intents.prompts import build_prompts
from states.intents.row_lines import RowLines
from states.intents.sentences import Examples
from states.intents.split import Rows
from tests.unit.test_dataset import STARTER, rows_of

words = st.text(alphabet="abcdeéñ ¿?!\u2028\u0085", min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
sets = st.dictionaries(
    st.sampled_from(["uno", "dos", "tres", "cuatro"]),
    st.lists(words.map(str.strip).map(tidy), min_size=2, max_size=14, unique_by=same_form),
    min_size=2,
)


def split(rows: list[Row], share: float, seed: int) -> tuple[list[Row], list[Row]]:
    held = Rows(RowLines([encode(rows)]))
    training, validation = (decode(b"".join(held.lines(half))) for half in held.split(share, seed))
    return training, validation


def test_the_starter_is_split_four_by_nine_and_four_by_three() -> None:
    """36 to train on, 12 to validate."""
    training, validation = split(rows_of(STARTER), 0.8, 42)
    assert Counter(row.intent for row in training) == dict.fromkeys(STARTER, 9)
    assert Counter(row.intent for row in validation) == dict.fromkeys(STARTER, 3)


def test_the_seed_decides() -> None:
    """The same seed, the same bytes; another seed, another split."""
    rows = rows_of(STARTER)
    assert encode(split(rows, 0.8, 42)[0]) == encode(split(rows, 0.8, 42)[0])
    assert encode(split(rows, 0.8, 42)[0]) != encode(split(rows, 0.8, 43)[0])


ODD = {
    "uno": [f'frase «{n}» "con" comillas \\ y\u2028fin ½ é 👍' for n in range(40)],
    "dos": ["a\tb", *(f"Otra cosa {n}" for n in range(31))],
    "tres": ["x", "X ", "y"],
}


@pytest.mark.parametrize(
    ("examples", "begins"),
    [
        (STARTER, "2364677aef9f 56c3aa1b3cfc 28c724cc2b2d 59ee97114d1d 24b567959d05"),
        (ODD, "bff9ebcb5dfa 53c2c6825c1c 151a8d971047 113fb39df885 e702ed165b88"),
    ],
    ids=["starter", "odd"],
)
def test_prompts_and_split_are_those_of_earlier_versions(examples: Examples, begins: str) -> None:
    """Byte for byte, so that a job is the same job: their digests as 0.1 had them."""
    instruction = 'Eres un "clasificador".\nuno\u2028dos'
    prompts = b"".join(build_prompts(examples, instruction, examples))
    files = [prompts]
    for share, seed in ((0.8, 42), (0.5, 7)):
        rows = Rows(RowLines([prompts]))
        files += [b"".join(rows.lines(half)) for half in rows.split(share, seed)]
    assert " ".join(hashlib.sha256(file).hexdigest()[:12] for file in files) == begins


def test_one_more_sentence_leaves_the_other_intents_as_they_were() -> None:
    """Each intent is shuffled by itself."""
    more = {**STARTER, "queja": [*STARTER["queja"], "Una frase de más"]}
    before, after = (split(rows_of(examples), 0.8, 42)[1] for examples in (STARTER, more))
    for intent in set(STARTER) - {"queja"}:
        assert [r.sentence for r in before if r.intent == intent] == [
            r.sentence for r in after if r.intent == intent
        ]


@given(sets, st.integers(0, 2**31 - 1), st.randoms())
@settings(max_examples=75, deadline=None)
def test_the_order_of_the_intents_alters_no_side(
    examples: dict[str, list[str]], seed: int, shuffler: random.Random
) -> None:
    """Who sorts a file by intent, or unsorts it, trains on the same sentences."""
    names = list(examples)
    shuffler.shuffle(names)
    halves = [
        {row.sentence for row in split(rows_of(order), 0.8, seed)[0]}
        for order in (examples, {name: examples[name] for name in names})
    ]
    forms = [same_form(sentence) for sentences in examples.values() for sentence in sentences]
    if len(set(forms)) == len(forms):
        assert halves[0] == halves[1]


@given(sets, st.floats(0.05, 0.95), st.integers(0, 2**31 - 1))
@settings(max_examples=75, deadline=None)
def test_any_split_keeps_every_sentence_once(
    examples: dict[str, list[str]], share: float, seed: int
) -> None:
    """Nothing lost, nothing in both, every intent on both sides, and the same again from its own
    file.
    """
    forms = [same_form(sentence) for sentences in examples.values() for sentence in sentences]
    if len(set(forms)) < len(forms):
        return  # a sentence shared by two intents: refused long before
    rows = rows_of(examples)
    by_intent = Counter(row.intent for row in rows)
    training, validation = split(rows, share, seed)
    both = [{same_form(row.sentence) for row in half} for half in (training, validation)]
    assert not both[0] & both[1]
    assert sorted(encode(training + validation).splitlines()) == sorted(encode(rows).splitlines())
    for intent, count in by_intent.items():
        own = sum(row.intent == intent for row in training)
        assert 1 <= own <= count - 1
        assert own == min(max(int(count * share), 1), count - 1)
    assert split(rows, share, seed) == (training, validation)
    assert decode(encode(training)) == training
