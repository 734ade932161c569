"""What is known of a base model is told before it is paid for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.resources.catalog import PackagedCatalog
from states.intents.model_rules import check_deployment_sku, warn_of_retirement
from states.state import State
from tests.unit.desk import Desk

MODELS = PackagedCatalog().service["models"]
NAMES = sorted(name for name in MODELS if name != "aliases")
# Microsoft Learn, "Models that support fine-tuning", 2026-10-06, footnote 5.
REFUSED = {("gpt-4o-mini-2024-07-18", "developertier"), ("gpt-4o-2024-08-06", "developertier")}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sku", ["developertier", "DeveloperTier", "standard", "globalstandard"])
def test_a_model_that_cannot_be_deployed_so_is_refused(name: str, sku: str) -> None:
    found = check_deployment_sku(name, MODELS[name], sku, deploys=True)
    assert [one.is_error for one in found] == [True] * ((name, sku.lower()) in REFUSED)


def test_of_a_model_that_nobody_knows_nothing_is_said() -> None:
    assert check_deployment_sku("gpt-9", {}, "developertier", deploys=True) == []
    assert warn_of_retirement("gpt-9", {}, 0.0) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_retirement_is_told_from_its_day_on(name: str) -> None:
    day = datetime(2027, 4, 14, tzinfo=UTC).timestamp()
    assert warn_of_retirement(name, MODELS[name], day - 86_400) == []
    [told] = warn_of_retirement(name, MODELS[name], day)
    assert "2027-04-14" in str(told.text)


@pytest.mark.parametrize("deploys", [True, False])
def test_nothing_is_uploaded_for_a_deployment_that_would_be_refused(
    desk: Desk, deploys: bool
) -> None:
    """Where a person deploys, it is a warning: only they know as what."""
    desk.wish(deploy_sku="developertier", deploy_automatically=deploys)
    if not deploys:
        desk.go(State.TRAINING)
        return
    held = desk.go_to_hold()
    assert "gpt-4o-mini-2024-07-18 cannot be deployed as developertier" in held
    assert "AGENT_DEPLOY_SKU" in held
    assert desk.project().state is State.SPLIT
    assert not desk.cloud.files
