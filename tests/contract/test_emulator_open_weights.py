"""Which model the emulator trains and deploys as what, and the agent's words for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

V = "api-version=2024-12-01-preview"
PAIRS = [
    ("Ministral-3B", "Mistral AI", "GlobalStandard", 201),
    ("Ministral-3B", "Mistral AI", "Standard", 400),
    ("Ministral-3B", "Mistral AI", "DeveloperTier", 400),
    ("gpt-4o-mini", "OpenAI", "developertier", 400),
    ("gpt-4o-mini", "OpenAI", "standard", 201),
]


@pytest.fixture(scope="module")
def tuned() -> dict[str, str]:
    """Base model -> what was trained on it, once."""
    return {}


@pytest.mark.parametrize(("model", "maker", "sku", "status"), PAIRS)
def test_a_trained_model_is_deployed_as_the_table_has_it(
    plain: Any,
    few_rows: bytes,
    tuned: dict[str, str],
    model: str,
    maker: str,
    sku: str,
    status: int,
) -> None:
    if model not in tuned:
        asked = {
            "model": model,
            "training_file": plain.upload(few_rows),
            "trainingType": "GlobalStandard",
        }
        job = plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).body
        tuned[model] = str(plain.over(job["id"]).fine_tuned_model)
    named = {"format": maker, "name": tuned[model], "version": "1"}
    body = {"sku": {"name": sku, "capacity": 1}, "properties": {"model": named}}
    reply = plain.arm("PUT", f"{model.lower()}-{sku.lower()}", body)
    assert reply.status == status, reply.body
    if status == 400:
        assert reply.body["error"]["code"] == "InvalidResourceProperties"
        assert sku in reply.body["error"]["message"]


@pytest.mark.parametrize("version", ["v1", "2024-12-01-preview"])
@pytest.mark.parametrize("arm", [True, False])
def test_the_lists_tell_of_a_model_what_they_know(
    plain: Any, service: Callable[..., Any], version: str, arm: bool
) -> None:
    on = service(version, url=plain.url, arm=arm)
    mini = on.model("gpt-4.1-mini-2025-04-14")
    assert (mini.is_listed, mini.can_train) == (True, True)
    assert mini.deployment_ends == ("2027-10-14" if arm else "2027-09-28")
    assert on.model("gpt-9").is_listed is False
    assert on.model("Ministral-3B-1").can_train is False  # as Azure's list denies it
