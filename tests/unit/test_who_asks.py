"""Key or token, for which audience, in which cloud: what the settings say of who asks."""

from __future__ import annotations

import os
from typing import Any

import pytest

from agent.settings.clouds import manager_scope
from agent.settings.config import load
from states.errors import SettingsError
from tests.unit.test_settings_that_set_nothing import AZURE


def loaded(**values: str) -> Any:
    return load({"AGENT_ENV_FILE": os.devnull, **AZURE, **values})


def mistakes(**values: str) -> str:
    with pytest.raises(SettingsError) as raised:
        loaded(**values)
    return str(raised.value)


@pytest.mark.parametrize(
    ("endpoint", "manager", "scope"),
    [
        ("https://r.openai.azure.com", "management.azure.com", "cognitiveservices.azure.com"),
        ("https://r.openai.azure.us", "management.usgovcloudapi.net", "cognitiveservices.azure.us"),
        ("https://r.openai.azure.cn", "management.chinacloudapi.cn", "cognitiveservices.azure.cn"),
        ("https://gateway.example/x", "management.azure.com", "cognitiveservices.azure.com"),
    ],
)
def test_a_cloud_is_known_by_its_endpoint(endpoint: str, manager: str, scope: str) -> None:
    """Resource Manager and the tokens' audiences follow; what is set wins."""
    found = loaded(AZURE_OPENAI_ENDPOINT=endpoint)
    assert found.arm_endpoint == f"https://{manager}"
    assert found.scope == f"https://{scope}/.default"
    assert manager_scope(found.arm_endpoint, endpoint) == f"https://{manager}/.default"
    assert manager_scope("https://private.example", endpoint) == f"https://{manager}/.default"
    chosen = loaded(
        AZURE_OPENAI_ENDPOINT=endpoint,
        AZURE_OPENAI_SCOPE="https://ai.azure.com/.default",
        AZURE_ARM_ENDPOINT="https://other.example",
    )
    assert chosen.scope == "https://ai.azure.com/.default"
    assert chosen.arm_endpoint == "https://other.example"


@pytest.mark.parametrize(
    ("auth", "key", "uses_entra"),
    [("", "k3y-abc", False), ("", "", True), ("entra", "k3y-abc", True), ("KEY", "k3y-abc", False)],
)
def test_the_key_is_used_where_there_is_one(auth: str, key: str, uses_entra: bool) -> None:
    found = loaded(AZURE_OPENAI_AUTH=auth, AZURE_OPENAI_KEY=key)
    assert found.uses_entra is uses_entra


def test_what_cannot_let_anybody_in_is_a_mistake() -> None:
    assert "AZURE_OPENAI_KEY is missing" in mistakes(AZURE_OPENAI_AUTH="key", AZURE_OPENAI_KEY="")
    region = "https://eastus.api.cognitive.microsoft.com"
    assert "whole region" in mistakes(AZURE_OPENAI_ENDPOINT=region, AZURE_OPENAI_KEY="")
    assert "AZURE_OPENAI_SCOPE" in mistakes(AZURE_OPENAI_SCOPE="cognitiveservices")
    assert loaded(AGENT_PROVIDER="emulator", AZURE_OPENAI_AUTH="entra").uses_entra is False


@pytest.mark.parametrize(
    ("given", "kept", "word"),
    [
        (
            "https://r.openai.azure.com/openai/deployments/secret-x/chat/completions?api-version=x",
            "https://r.openai.azure.com",
            "left out",
        ),
        ("https://r.openai.azure.com/openai/v1/chat", "https://r.openai.azure.com", "left out"),
        ("https://r.openai.azure.us/openai?api-version=1", "https://r.openai.azure.us", "left out"),
        ("https://gateway.example/a/openai/deployments/x", "https://gateway.example/a", "left out"),
        (
            "https://r.services.ai.azure.com/api/projects/secret-x/openai/v1/",
            "https://r.services.ai.azure.com",
            "Foundry project",
        ),
        (
            "https://r.privatelink.openai.azure.com/",
            "https://r.openai.azure.com",
            "no certificate",
        ),
        (
            "https://r.privatelink.cognitiveservices.azure.us",
            "https://r.cognitiveservices.azure.us",
            "no certificate",
        ),
        (
            "https://r.privatelink.services.ai.azure.com/api/projects/x",
            "https://r.services.ai.azure.com",
            "Foundry project",
        ),
    ],
)
def test_what_the_portal_shows_is_cut_to_the_resource_aloud(
    given: str, kept: str, word: str
) -> None:
    found = loaded(AZURE_OPENAI_ENDPOINT=given)
    told = "\n".join(map(str, found.warnings))
    assert (found.endpoint, found.account) == (kept, kept[8:].partition(".")[0])
    assert word in told
    assert kept.removesuffix("/a") in told
    assert "secret-x" not in told
