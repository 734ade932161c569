"""The clouds of Azure, told by the end of a host's name, and what is elsewhere in each.

Used by config.py for what is not set, and by agent/providers/credentials.py for logins.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Cloud:
    """`ending`: of the hosts of its resources. The other three are addresses."""

    ending: str
    manager: str  # Azure Resource Manager
    authority: str  # Entra ID, which gives tokens
    scope: str  # of a token for the data plane


# Microsoft Learn, "Azure Government endpoint mappings" and "Developer guide to Azure China", and
# the AzureAuthorityHosts of azure-identity 1.27.
PUBLIC = Cloud(
    ".azure.com",
    "https://management.azure.com",
    "https://login.microsoftonline.com",
    "https://cognitiveservices.azure.com/.default",
)
CLOUDS = (
    PUBLIC,
    Cloud(
        ".azure.us",
        "https://management.usgovcloudapi.net",
        "https://login.microsoftonline.us",
        "https://cognitiveservices.azure.us/.default",
    ),
    Cloud(
        ".azure.cn",
        "https://management.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "https://cognitiveservices.azure.cn/.default",
    ),
)
# The other scope in Microsoft's documents, for Foundry ("Troubleshoot errors", 2026-09).
FOUNDRY_SCOPE = "https://ai.azure.com/.default"


def cloud_of(endpoint: str) -> Cloud:
    """The cloud of a resource; the public one for a gateway, or for this machine."""
    host = urlsplit(endpoint).hostname or ""
    return next((cloud for cloud in CLOUDS if host.endswith(cloud.ending)), PUBLIC)


def manager_scope(manager: str, endpoint: str) -> str:
    """The scope of a token for Resource Manager at `manager`."""
    known = {cloud.manager for cloud in CLOUDS}
    return f"{manager if manager in known else cloud_of(endpoint).manager}/.default"
