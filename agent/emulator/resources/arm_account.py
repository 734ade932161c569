"""The handlers of the account itself: what it is, its SKU, the rights of whoever asks."""

from __future__ import annotations

from typing import Any

from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources.context import Context

LOCATION = "swedencentral"
_NAME, _GROUP = "emulator", "emulator"  # in a listing, where the path does not say
# As a recording of 2025-10-28 has them, but for the names that nothing here is like.
_CAPABILITIES = {
    "MaxFineTuneCount": "500",
    "MaxRunningFineTuneCount": "3",
    "MaxRunningGlobalStandardFineTuneCount": "3",
    "MaxFineTuneJobDurationInHours": "720",
    "MaxUserFileCount": "100",
    "MaxTrainingFileSize": "512000000",
    "MaxUserFileImportDurationInHours": "1",
}
_PER_SECOND = 30
_ANYWHERE = {"matchPatterns": [{"path": "openai/*", "method": "*"}]}
_CALL_RATE = {
    "rules": [{"key": "openai", "renewalPeriod": 1, "count": _PER_SECOND, **_ANYWHERE}],
}


def show_account(context: Context, request: Request) -> Response:
    """GET …/accounts/{account}."""
    return Response(200, _to_json(context, request, request.path["account"]))


def list_accounts(context: Context, request: Request) -> Response:
    """GET …/accounts of a subscription or a group: the one that this emulator is."""
    return Response(200, {"value": [_to_json(context, request, _NAME)]})


def list_skus(_context: Context, _request: Request) -> Response:
    """GET …/accounts/{account}/skus."""
    sku = {"resourceType": "Microsoft.CognitiveServices/accounts", "sku": {"name": "S0"}}
    return Response(200, {"value": [sku]})


def list_permissions(_context: Context, _request: Request) -> Response:
    """GET …/permissions: whoever asks may do everything."""
    everything = {"actions": ["*"], "notActions": [], "dataActions": ["*"], "notDataActions": []}
    return Response(200, {"value": [everything]})


def _to_json(context: Context, request: Request, name: str) -> dict[str, Any]:
    group = request.path.get("group", _GROUP)
    scope = f"/subscriptions/{request.path['subscription']}/resourceGroups/{group}"
    capabilities = [{"name": one, "value": value} for one, value in _CAPABILITIES.items()]
    return {
        "id": f"{scope}/providers/Microsoft.CognitiveServices/accounts/{name}",
        "name": name,
        "type": "Microsoft.CognitiveServices/accounts",
        "kind": "OpenAI",
        "location": LOCATION,
        "sku": {"name": "S0"},
        "properties": {
            "provisioningState": "Succeeded",
            "endpoint": f"{request.base_url}/",
            "customSubDomainName": name,
            "disableLocalAuth": context.behaviour.current.keys_disabled,
            "capabilities": capabilities,
            "callRateLimit": _CALL_RATE,
        },
    }
