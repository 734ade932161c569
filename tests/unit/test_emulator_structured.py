"""The emulator's answers as JSON: always as the schema says, and as probable as the answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from agent.emulator.model.sampling import Prediction, sample
from agent.emulator.model.sampling_options import SamplingOptions
from agent.emulator.model.structured import SchemaRefusedError, list_choices, predict_json
from agent.emulator.model.trie import AnswerTrie

ANSWERS = {"comprar": 0.6, "devolver": 0.3, '{"intent": "queja"}': 0.1}
GREEDY = SamplingOptions(temperature=0)


def object_of(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
CHOICE = {"type": "string", "enum": ["devolver", "comprar", "otro"]}
SCHEMAS = [
    {"type": "object"},
    object_of(intent=TEXT),
    object_of(intent=CHOICE),
    object_of(why=TEXT, intent=CHOICE, sure={"type": "boolean"}, share={"type": "number"}),
    object_of(kind={"const": "intent"}, intent={"type": ["string", "null"]}),
    object_of(found=object_of(intent=CHOICE), others={"type": "array", "items": TEXT}),
    object_of(intents={"type": "array", "items": CHOICE}),
    object_of(pairs={"type": "array", "minItems": 2, "items": object_of(intent=TEXT)}),
    object_of(intent={"anyOf": [{"type": "null"}, CHOICE]}),
    object_of(intent={"$ref": "#/$defs/intent"}) | {"$defs": {"intent": CHOICE}},
    object_of(count={"type": "integer", "minimum": 3}),
    object_of(next={"anyOf": [{"$ref": "#"}, {"type": "null"}]}, intent=TEXT),
    object_of(children={"type": "array", "items": {"$ref": "#"}}, intent=TEXT),
    {"allOf": [object_of(intent=TEXT)]},
]


def predict(answers: dict[str, float]) -> Prediction:
    trie = AnswerTrie(list(answers))
    return Prediction(trie, trie.cumulate(np.array(list(answers.values()))))


def chances(prediction: Prediction) -> dict[str, float]:
    return dict(zip(prediction.trie.answers, prediction.list_chances(), strict=True))


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_every_answer_is_as_the_schema_says(schema: dict[str, Any]) -> None:
    found = predict_json(predict(ANSWERS), schema)
    assert sum(found.list_chances()) == pytest.approx(1, abs=1e-5)
    for text in found.trie.answers:
        Draft202012Validator(schema).validate(json.loads(text))
    assert json.loads(sample(found, GREEDY, "").text) == json.loads(
        max(chances(found), key=lambda text: chances(found)[text])
    )


def test_a_choice_is_as_probable_as_the_answer_of_that_name() -> None:
    found = chances(predict_json(predict({"Comprar": 0.7, "devolver": 0.3}), object_of(a=CHOICE)))
    assert found['{"a": "comprar"}'] == pytest.approx(0.7, abs=1e-5)
    assert found['{"a": "devolver"}'] == pytest.approx(0.3, abs=1e-5)
    assert 0 < found['{"a": "otro"}'] < 1e-5
    assert list_choices(object_of(b=TEXT, a=CHOICE)) == CHOICE["enum"]
    assert list_choices(object_of(b=TEXT)) == []
    assert list_choices(None) == []


def test_the_answer_stands_once_and_what_fits_already_stays_as_it_is() -> None:
    found = chances(predict_json(predict(ANSWERS), object_of(intent=TEXT)))
    assert set(found) == {
        '{"intent": "comprar"}',
        '{"intent": "devolver"}',
        '{"intent": "queja"}',
    }
    twice = predict_json(predict({"comprar": 1.0}), object_of(intent=TEXT, why=TEXT))
    assert twice.trie.answers == ('{"intent": "comprar", "why": ""}',)


def test_without_a_schema_any_object_does() -> None:
    found = chances(predict_json(predict({"comprar": 0.5, '{"a": 1}': 0.3, "[1]": 0.2}), None))
    assert set(found) == {'{"label": "comprar"}', '{"a": 1}', '{"label": "[1]"}'}


@pytest.mark.parametrize(
    "schema",
    [
        object_of(intent={"$ref": "#/$defs/nowhere"}),
        object_of(intent={"$ref": "https://example.com/schema"}),
        object_of(intent={"$ref": "#/properties/intent"}),
        object_of(next={"$ref": "#"}),
        object_of(intent={"type": "number", "enum": ["a"]}),
        {"type": "object", "required": ["a"], "properties": {"a": False}},
    ],
    ids=json.dumps,
)
def test_what_nothing_fits_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaRefusedError):
        predict_json(predict(ANSWERS), schema)


def test_biases_and_penalties_change_what_is_said() -> None:
    prediction = predict({"sí": 0.7, "no": 0.3})
    first = sample(prediction, GREEDY, "")
    assert first.text == "sí"
    token = first.tokens[0].token
    banned = SamplingOptions(temperature=0, biases={token: -100})
    assert sample(prediction, banned, "").text == "no"
    repeated = predict({"no no": 0.6, "no": 0.4})
    assert sample(repeated, GREEDY, "").text == "no no"
    tired = SamplingOptions(temperature=0, frequency_penalty=2, presence_penalty=2)
    assert sample(repeated, tired, "").text in ("no no", "no")
