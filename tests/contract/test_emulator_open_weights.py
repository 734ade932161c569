"""Which model the emulator trains and deploys as what, and the agent's words for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.emulator.resources.base_models import find_base_model
from tests.published_models import ALL, PUBLISHED

V = "api-version=2024-12-01-preview"
SKUS = {
    "standard": "Standard",
    "globalstandard": "GlobalStandard",
    "datazonestandard": "DataZoneStandard",
    "developertier": "developertier",  # as the service's own page writes it
}


@pytest.mark.parametrize("model", PUBLISHED)
def test_every_pair_of_the_published_table_is_made_and_every_other_is_refused(
    plain: Any, few_rows: bytes, model: str
) -> None:
    """Training types when the job is created, SKUs when what came of it is deployed.

    The previews are unknown here: they are trained and deployed as Azure OpenAI does not."""
    types, skus = PUBLISHED[model]
    base = find_base_model(model)
    file, tuned = plain.upload(few_rows), ""
    for kind in ALL:
        asked = {"model": model, "training_file": file, "trainingType": kind}
        job = plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked)
        is_allowed = base is not None and kind in types
        assert job.status == (201 if is_allowed else 400), (kind, job.body)
        if is_allowed:
            tuned = str(plain.over(job.body["id"]).fine_tuned_model)
        else:
            assert job.body["error"]["code"] == "invalidPayload"
            assert job.body["error"]["target"] == "model"
    assert plain.ask("DELETE", f"/openai/files/{file}?{V}").status in (200, 204)
    if base is None:
        assert not tuned
        return
    named = {"format": base.maker, "name": tuned, "version": "1"}
    for sku, written in SKUS.items():
        body = {"sku": {"name": written, "capacity": 1}, "properties": {"model": named}}
        reply = plain.arm("PUT", f"pair-{sku}", body)
        assert reply.status == (201 if sku in skus else 400), (sku, reply.body)
        if sku in skus:
            assert plain.arm("DELETE", f"pair-{sku}").status == 200
        else:
            assert reply.body["error"]["code"] == "InvalidResourceProperties"
            assert written in reply.body["error"]["message"]


@pytest.mark.parametrize("version", ["v1", "2024-12-01-preview"])
@pytest.mark.parametrize("arm", [True, False])
def test_the_lists_tell_of_a_model_what_they_know(
    plain: Any, service: Callable[..., Any], version: str, arm: bool
) -> None:
    on = service(version, url=plain.url, arm=arm)
    mini = on.model("gpt-4.1-mini-2025-04-14")
    assert (mini.is_listed, mini.can_train) == (True, True)
    assert (mini.training_ends, mini.deployment_ends) == ("2027-04-14", "2027-10-14")
    assert on.model("gpt-9").is_listed is False
    assert on.model("Ministral-3B-1").can_train is False  # as Azure's list denies it
