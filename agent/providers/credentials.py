"""Bearer tokens for Azure Resource Manager. Used by azure_connection.py.

One is fetched for every request: a token lives about an hour, a training longer.
"""

from __future__ import annotations

from collections.abc import Callable

from states.errors import NeedsOperator
from states.text import say

SCOPE = "https://management.azure.com/.default"


def token_source(given: str | None) -> Callable[[], str]:
    """The given token, or one from azure-identity (az login, a managed identity, ...)."""
    if given is not None:
        return lambda: given
    return _fetch_from_identity


def _fetch_from_identity() -> str:
    try:
        from azure.identity import DefaultAzureCredential
    except ImportError as error:
        raise NeedsOperator(
            say(
                "Azure Resource Manager needs a token: pip install 'afinador[azure]' and `az"
                " login`, or set AZURE_ARM_TOKEN."
            ),
            heals=True,
        ) from error
    try:
        return str(DefaultAzureCredential().get_token(SCOPE).token)
    except Exception as error:
        raise NeedsOperator(
            say(
                "azure-identity gave no token for Azure Resource Manager ({error}). Try `az"
                " login`.",
                error=type(error).__name__,
            ),
            heals=True,
        ) from error
