"""The guide says how a model can be deployed, and nothing that would be refused."""

from __future__ import annotations

import json

import pytest

from agent.resources.catalog import PackagedCatalog
from agent.views.deployment_guide import Question, Target, write_guide
from states.bases.table import find_entry

TARGET = Target("https://x.openai.azure.com", "v1", "x", "rg", "GlobalStandard", 50, True, None)


@pytest.mark.parametrize(
    ("model", "word", "advised"),
    [
        ("gpt-4.1-mini-2025-04-14.ft-00c0ffee-a", "--model-format OpenAI ", "“Developer”"),
        ("gpt-4o-mini-2024-07-18.ft-00c0ffee-a", "--model-format OpenAI ", "one of: Standard,"),
        ("qwen3-32b.ft-00c0ffee-a", "--model-format OpenAI-OSS ", "one of: GlobalStandard ("),
        ("gpt-9.ft-00c0ffee-a", "--model-format OpenAI ", "“Developer”"),
    ],
)
def test_the_maker_and_the_type_are_those_of_the_base_model(
    model: str, word: str, advised: str
) -> None:
    entry = find_entry(PackagedCatalog().service, model)
    guide = write_guide("p", model, "d", TARGET, Question("s", "u"), str, entry)
    assert word in guide["az"]
    assert advised in json.dumps(guide["portal"], ensure_ascii=False)
