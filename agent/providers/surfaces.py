"""The APIs of Azure, the way to each, and the settings that advice about it must name.

azure_connection.py gives each `Errors` its surface; refusals.py and silences.py quote from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from states.text import Text, say


@dataclass(frozen=True)
class Surface:
    """Names of settings, for the advice in a message."""

    address: str  # where it is
    place: str  # what its paths are made of
    role: str  # the role, in Azure's words, that is enough for everything done there
    make_room: Text  # what helps where a quota is used up
    takes_tokens: bool = False  # of Entra ID, and no key


DATA_PLANE = Surface(
    address="AZURE_OPENAI_ENDPOINT",
    place="AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_VERSION",
    role="Cognitive Services OpenAI Contributor",
    make_room=say("Delete what is no longer needed"),
)
BY_TOKEN = replace(DATA_PLANE, takes_tokens=True)
RESOURCE_MANAGER = Surface(
    address="AZURE_ARM_ENDPOINT",
    place="AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP, AZURE_OPENAI_RESOURCE",
    role="Cognitive Services Contributor",
    make_room=say("Delete another deployment, or set a lower AGENT_DEPLOY_CAPACITY"),
    takes_tokens=True,
)


@dataclass(frozen=True)
class Way:
    """The way to one endpoint. `proxy`: the variable that names a proxy on it, or empty."""

    endpoint: str
    surface: Surface = DATA_PLANE
    proxy: str = ""
