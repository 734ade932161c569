"""What the model is told of each intent, and in which language."""

from __future__ import annotations

import json

import pytest

from states.errors import Mistake
from states.intents.descriptions import parse
from states.intents.language import guess_language
from states.places import Artifact
from states.state import State
from tests.unit.desk import Desk

ENGLISH = {
    "order": [f"I would like to order {n} of these" for n in range(8)],
    "consulta": [f"When do you open on day {n}?" for n in range(8)],
}


def instruction(desk: Desk) -> str:
    """The system message of the first prompt."""
    first = (desk.home / Artifact.PROMPTS).read_text("utf-8").splitlines()[0]
    return str(json.loads(first)["messages"][0]["content"])


def test_an_english_set_is_introduced_in_english_without_the_shops_words(desk: Desk) -> None:
    """An intent that is called like one of the sample's is not the sample's."""
    desk.write(Artifact.EXAMPLES, ENGLISH)
    desk.go(State.PROMPTED)
    assert "- consulta: messages about “consulta”" in instruction(desk)
    assert "horarios" not in instruction(desk)


def test_the_language_that_a_project_chose_counts(desk: Desk) -> None:
    desk.wish(data_language="es")
    desk.write(Artifact.EXAMPLES, ENGLISH)
    desk.go(State.PROMPTED)
    assert instruction(desk).startswith("Eres un clasificador")


def test_a_persons_own_descriptions_are_used(desk: Desk) -> None:
    desk.write(Artifact.EXAMPLES, ENGLISH)
    desk.write(Artifact.INTENTS, {"order": "buys something now"})
    project = desk.go(State.PROMPTED)
    assert "- order: buys something now" in instruction(desk)
    assert Artifact.INTENTS in project.facts.artifacts


def test_the_samples_descriptions_left_behind_are_not_a_strangers(desk: Desk) -> None:
    """The demo was run, then the sentences were replaced."""
    desk.write(Artifact.EXAMPLES, ENGLISH)
    desk.write(Artifact.INTENTS, desk.catalog.starter_intents)
    desk.go(State.PROMPTED)
    assert "- consulta: messages about “consulta”" in instruction(desk)


def test_the_sample_that_grew_keeps_its_descriptions(desk: Desk) -> None:
    """They stand in a file of the person's own, beside the sentences."""
    desk.go(State.PROMPTED)
    examples = json.loads((desk.home / Artifact.EXAMPLES).read_bytes())
    examples["consulta"].append("¿Tenéis aparcamiento?")
    desk.write(Artifact.EXAMPLES, examples)
    desk.create("otra")
    desk.write("data/projects/otra/raw/intent_examples.json", examples)
    desk.write("data/projects/otra/raw/intents.json", desk.catalog.starter_intents)
    desk.go(State.PROMPTED, "otra")
    prompts = (desk.home / "data/projects/otra/processed/training_prompts.jsonl").read_text("utf-8")
    assert "horarios" in prompts


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{\n"ordr": "x"}', "line 2: there is no intent 'ordr' (did you mean `order`?)."),
        ('{"order": 5}', "the description of 'order' is not text"),
        ("[1]", "expected an object"),
        ("{", "not valid JSON"),
    ],
)
def test_descriptions_of_something_else_are_refused(content: str, told: str) -> None:
    with pytest.raises(Mistake) as refused:
        parse(content.encode(), "data/raw/intents.json", ["order", "consulta"])
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("sentences", "language"),
    [
        (["¿Dónde está mi pedido?", "Quiero devolverlo"], "es"),
        (["Where is my order?", "I want to return it"], "en"),
        (["order", "tarjeta"], "es"),
        ([], "es"),
    ],
)
def test_the_language_is_that_of_the_sentences(sentences: list[str], language: str) -> None:
    assert guess_language(sentences) == language
