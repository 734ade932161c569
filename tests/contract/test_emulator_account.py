"""The emulator's account: what can be deployed as what, until when, and how much of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.running import ARM, Running

ACCOUNT = ARM.removesuffix("/deployments")
LOCATION = "/subscriptions/s/providers/Microsoft.CognitiveServices/locations/swedencentral"
V = "api-version=2024-10-01"
POOL = "OpenAI.Standard.gpt-4.1-nano"


def value_of(on: Running, path: str) -> list[Any]:
    reply = on.ask("GET", f"{path}?{V}")
    assert reply.status == 200
    return list(reply.body["value"])


def used_of(on: Running, pool: str) -> dict[str, Any]:
    [usage] = [one for one in value_of(on, f"{LOCATION}/usages") if one["name"]["value"] == pool]
    return dict(usage)


@pytest.mark.parametrize(
    ("model", "training", "deployments"),
    [
        ("gpt-4o-mini", "2027-04-01", "2027-10-01"),
        ("gpt-4o", "2027-04-01", "2027-10-01"),
        ("gpt-4.1-mini", "2027-04-14", "2027-10-14"),
    ],
)
def test_models_have_the_days_of_the_retirement_schedule(
    plain: Running, model: str, training: str, deployments: str
) -> None:
    [found] = [one for one in value_of(plain, f"{ACCOUNT}/models") if one["name"] == model]
    assert found["deprecation"] == {
        "fineTune": f"{training}T00:00:00Z",
        "inference": f"{deployments}T00:00:00Z",
    }
    assert ("DeveloperTier" in [sku["name"] for sku in found["skus"]]) == ("4.1" in model)
    wrapped = [one["model"] for one in value_of(plain, f"{LOCATION}/models")]
    assert wrapped == value_of(plain, f"{ACCOUNT}/models")


def test_a_model_can_be_made_to_retire(plain: Running, service: Callable[..., Any]) -> None:
    """As the schedule moved four times in 2026; the agent reads it."""
    ends = {"fineTune": "2026-12-01T00:00:00Z", "inference": "2027-01-01T00:00:00Z"}
    plain.behave(models={"gpt-4.1-mini": {"lifecycleStatus": "Deprecated", "deprecation": ends}})
    found = {one["name"]: one for one in value_of(plain, f"{ACCOUNT}/models")}
    assert found["gpt-4.1-mini"]["deprecation"] == ends
    assert found["gpt-4.1"]["lifecycleStatus"] == "GenerallyAvailable"
    seen = service("v1", url=plain.url).model("gpt-4.1-mini-2025-04-14")
    assert (seen.lifecycle, seen.training_ends, seen.deployment_ends) == (
        "Deprecated",
        "2026-12-01",
        "2027-01-01",
    )
    assert plain.ask("PUT", "/_emulator/behaviour", {"models": {"gpt-4.1": 1}}).status == 400


def test_a_deployment_counts_in_its_own_quota_and_too_much_is_refused(plain: Running) -> None:
    before = used_of(plain, POOL)["currentValue"]
    elsewhere = used_of(plain, f"{POOL}-finetune")
    plain.behave(quota=before + 12)
    assert plain.put("within", "gpt-4.1-nano", 10).status == 201
    assert used_of(plain, POOL) == {
        "name": {"value": POOL, "localizedValue": POOL},
        "currentValue": before + 10,
        "limit": before + 12,
        "unit": "Count",
    }
    assert used_of(plain, f"{POOL}-finetune")["currentValue"] == elsewhere["currentValue"]
    refused = plain.put("beyond", "gpt-4.1-nano", 3)
    assert (refused.status, refused.body["error"]["code"]) == (400, "InsufficientQuota")
    assert plain.put("within", "gpt-4.1-nano", 12).status == 200  # its own is no obstacle
    plain.arm("DELETE", "within")
    assert used_of(plain, POOL)["currentValue"] == before


def test_a_patch_changes_what_it_names(plain: Running) -> None:
    assert plain.put("patched", "gpt-4o-mini", 5).status == 201
    tagged = plain.arm("PATCH", "patched", {"tags": {"team": "tienda"}})
    assert (tagged.status, tagged.body["tags"]) == (200, {"team": "tienda"})
    more = plain.arm("PATCH", "patched", {"sku": {"name": "GlobalStandard", "capacity": 9}}).body
    assert (more["sku"], more["tags"]) == (
        {"name": "GlobalStandard", "capacity": 9},
        {"team": "tienda"},
    )
    assert more["properties"]["rateLimits"][1]["count"] == 9000
    for wrong in ({"sku": {"capacity": 0}}, {"sku": []}, {"sku": "x"}, {"tags": {"a": 1}}):
        refused = plain.arm("PATCH", "patched", wrong)
        assert refused.body.get("error", {}).get("code") == "InvalidResourceProperties", wrong
    assert plain.arm("PATCH", "nobody", {"tags": {}}).status == 404
    assert [one["sku"]["name"] for one in value_of(plain, f"{ARM}/patched/skus")] == [
        "Standard",
        "GlobalStandard",
        "DataZoneStandard",
    ]
    plain.arm("DELETE", "patched")


def test_the_account_is_listed_with_its_limits(plain: Running) -> None:
    for scope in ("/subscriptions/s", "/subscriptions/s/resourceGroups/emulator"):
        [account] = value_of(plain, f"{scope}/providers/Microsoft.CognitiveServices/accounts")
        limits = {one["name"]: one["value"] for one in account["properties"]["capabilities"]}
        assert limits["MaxRunningFineTuneCount"] == "3"
        shown = plain.ask("GET", f"{account['id']}?{V}").body
        assert shown == account
    assert value_of(plain, f"{ACCOUNT}/skus")[0]["sku"] == {"name": "S0"}
    assert value_of(plain, f"{ACCOUNT}/usages") == value_of(plain, f"{LOCATION}/usages")
