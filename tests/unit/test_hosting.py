"""Which deployments of an account are whose, and what they cost: no meter is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from agent.engine.hosting import Hosted, Owned, find_hosted
from agent.providers.translate import to_arm_deployment, to_legacy_deployment
from agent.resources.catalog import PackagedCatalog
from states.state import State
from tests.unit.desk import Desk

STRANGE = "gpt-4o-mini-2024-07-18.ft-77aa-someone"


def found_on(desk: Desk) -> dict[str, Hosted]:
    owned = Owned.read(desk.store.all(), desk.store)
    listed = desk.cloud.deployments_listed()
    found = find_hosted(listed, owned, PackagedCatalog().service, desk.clock.wall())
    return {one.remote.name: one for one in found}


def test_each_deployment_has_an_owner_an_age_and_a_price(desk: Desk) -> None:
    desk.cloud.sku = "standard"
    model = desk.go(State.ANALYZED).facts.trained.model
    desk.cloud.deploy_by_hand("mano", model)
    desk.cloud.deploy_by_hand("ajeno", STRANGE)
    desk.cloud.deploy_by_hand("base", "gpt-4o-mini-2024-07-18")
    desk.clock.spend(10 * 3600)
    found = found_on(desk)
    assert {name: (one.project, one.is_ours) for name, one in found.items()} == {
        "tienda-00c0ffee-g1": ("tienda", True),
        "mano": ("tienda", False),
        "ajeno": (None, False),
    }
    told = found["ajeno"].as_json()
    assert told["made_by"] == "unknown"
    assert told["usd"] == pytest.approx(17.0, abs=0.1)
    assert told["usd_per_day"] == pytest.approx(40.8)


def test_what_a_person_puts_under_the_name_of_one_of_ours_is_theirs(desk: Desk) -> None:
    """Also the same model, once ours was deleted."""
    model = desk.go(State.ANALYZED).facts.trained.model
    desk.cloud.deploy_by_hand("tienda-00c0ffee-g1", STRANGE)
    assert not found_on(desk)["tienda-00c0ffee-g1"].is_ours
    desk.cloud.deploy_by_hand("tienda-00c0ffee-g1", model)
    assert found_on(desk)["tienda-00c0ffee-g1"].is_ours
    desk.decisions.cancel("tienda", delete_files=False)
    desk.cloud.deploy_by_hand("tienda-00c0ffee-g1", model)
    again = found_on(desk)["tienda-00c0ffee-g1"]
    assert (again.is_ours, again.project) == (False, "tienda")


def test_one_that_the_facts_have_forgotten_is_still_the_project_s(desk: Desk) -> None:
    """The receipts know what was made in which generation."""
    desk.go(State.ANALYZED)
    desk.decisions.iterate("tienda")
    assert found_on(desk)["tienda-00c0ffee-g1"].is_ours


@pytest.mark.parametrize(
    ("told", "sku", "made"),
    [
        ({"sku": {"name": "Standard"}}, "Standard", None),
        ({"systemData": {"createdAt": "2026-11-26T10:00:00.1234567Z"}}, None, 1795687200),
        ({"systemData": {"createdAt": "2026-11-26T10:00:00"}}, None, 1795687200),
        ({"systemData": {"createdAt": "yesterday"}, "sku": "Standard"}, None, None),
        ({"systemData": {"createdAt": 7}, "sku": {"name": ["x"]}}, None, None),
        ({"systemData": [], "sku": None}, None, None),
    ],
)
def test_sku_and_age_are_read_where_they_are_told(
    told: dict[str, Any], sku: str | None, made: int | None
) -> None:
    found = to_arm_deployment({"name": "d", "properties": {"model": {"name": "m"}}, **told})
    assert (found.sku, found.created_at) == (sku, made)


def test_the_old_listing_tells_the_age_alone() -> None:
    found = to_legacy_deployment({"id": "d", "model": "m", "created_at": 1795687200})
    assert (found.sku, found.created_at) == (None, 1795687200)
