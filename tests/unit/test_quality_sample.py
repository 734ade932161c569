"""The sample that comes with the program, looked at by the classifier with its encoder."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from agent.quality import features, local_model
from agent.quality.work import Work
from agent.resources.catalog import PackagedCatalog
from states.intents.findings import Finding
from states.intents.records import Source
from states.intents.sentences import Sentence

SAMPLE = [
    Sentence(text, intent, Source("s"), row)
    for intent, texts in json.loads(PackagedCatalog().starter_examples).items()
    for row, text in enumerate(texts, 1)
]


@pytest.fixture(scope="module", autouse=True)
def one_encoder() -> Iterator[None]:
    """Loaded once for all tests here."""
    encoder = features._load_encoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "_load_encoder", lambda: encoder)
        yield


def suspected(sentences: list[Sentence]) -> list[Finding]:
    found = local_model.stage(Work(sentences)).findings
    return [one for one in found if one.kind == "label_errors"]


def test_faultless_sentences_are_not_suspected_though_the_classifier_is_often_wrong() -> None:
    assert suspected(SAMPLE) == []


def test_a_clear_slip_among_them_is_the_only_suspect() -> None:
    slip = Sentence("¿A qué hora cerráis hoy?", "comprar", Source("s"), 50)
    [finding] = suspected([*SAMPLE, slip])
    assert [str(row) for row in finding.rows] == ["s, line 50"]
