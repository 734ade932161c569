"""Which names set nothing: misspelt ones, those of other programs, those read elsewhere.

Called by environment.py. In .env such a name is a mistake; the environment is shared with other
programs, so there it is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from agent.settings.declared import SETTINGS
from agent.settings.services import LOCAL
from states.text import Text, say, with_suggestion

# What the SDK, older programs and tutorials call the same thing.
ELSEWHERE = {
    "AZURE_OPENAI_API_KEY": "AZURE_OPENAI_KEY",
    "OPENAI_API_KEY": "AZURE_OPENAI_KEY",
    "AZURE_OPENAI_API_VERSION": "AZURE_OPENAI_VERSION",
    "OPENAI_API_VERSION": "AZURE_OPENAI_VERSION",
    "AZURE_OPENAI_API_BASE": "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_BASE_URL": "AZURE_OPENAI_ENDPOINT",
    "OPENAI_API_BASE": "AZURE_OPENAI_ENDPOINT",
    "OPENAI_BASE_URL": "AZURE_OPENAI_ENDPOINT",
}
# Read by the emulator, by the HTTP library and by azure-identity, none of which knows .env.
OF_THE_EMULATOR = (
    *("EMULATOR_HOME", "EMULATOR_PORT", "EMULATOR_API_KEY", "EMULATOR_ENCODER"),
    *("EMULATOR_FILE_SECONDS", "EMULATOR_QUEUE_SECONDS", "EMULATOR_TRAIN_SECONDS"),
    *("EMULATOR_DEPLOY_SECONDS", "EMULATOR_WARMUP_CALLS"),
)
OF_THE_NETWORK = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
OF_IDENTITY = (
    *("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST"),
    *("AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CONFIG_DIR"),
    *("AZURE_FEDERATED_TOKEN_FILE", "AZURE_TOKEN_CREDENTIALS"),
    *("AZURE_USERNAME", "AZURE_PASSWORD"),
)
OF_THE_ENVIRONMENT = (
    *(setting.name for setting in SETTINGS if setting.is_environment_only),
    *OF_THE_EMULATOR,
    *OF_THE_NETWORK,
    *OF_IDENTITY,
)
IN_THE_FILE = tuple(s.name for s in SETTINGS if s.name and not s.is_environment_only)
KNOWN = (*IN_THE_FILE, *OF_THE_ENVIRONMENT)
_OURS = (
    *("AGENT_", "AZURE_OPENAI_", "EMULATOR_", "FINE_TUNED_", "FINE_TUNING_"),
    *("TRAIN_", "VALIDATION_"),
)
_SAME = 0.85  # how alike two names are that probably mean the same


def explain_in_file(name: str) -> Text | None:
    """Why this name of .env sets nothing; None if it does, or is another program's."""
    if name in IN_THE_FILE:
        return None
    if name.upper() in OF_THE_ENVIRONMENT:
        return say("{name} sets nothing here: only the environment can. Export it", name=name)
    if name.upper() in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        return say("{name} has no effect; SSL_CERT_FILE, exported, has", name=name)
    return _explain(name, say("{name} sets nothing", name=name))


def warn_in_file(name: str) -> Text | None:
    """A word about a name of Azure's in .env that is neither a setting nor like one."""
    if not name.upper().startswith("AZURE_") or name in KNOWN or explain_in_file(name):
        return None
    return say("{name} sets nothing", name=name)


def warn_in_environment(
    environment: Mapping[str, str], values: Mapping[str, str]
) -> Iterator[Text]:
    """A word about each name that looks like a setting and is none. `values`: of .env as well."""
    insists = values.get("AGENT_PROVIDER", "").strip().lower() == LOCAL
    for name in sorted(environment):
        if name in KNOWN or not environment[name].strip():
            continue
        meant = _find_meant(name)
        is_shared = name in ELSEWHERE or not _plain(name).startswith(_OURS)
        # Of another program: the setting has its value already, or nobody would read it.
        is_theirs = is_shared and meant and (insists or values.get(meant, "").strip())
        if is_theirs:
            continue
        problem = _explain(name, say("{name} in the environment sets nothing", name=name))
        if problem is not None:
            yield problem


def _explain(name: str, complaint: Text) -> Text | None:
    """The complaint, if the name looks like a setting; with the one that is probably meant."""
    meant = _find_meant(name)
    if meant:
        return with_suggestion(complaint, meant, [meant])
    plain = _plain(name)
    if not plain.startswith(_OURS):
        return None
    # AGENT_EPOCHS is like AGENT_DEPLOY by its letters, and like FINE_TUNING_EPOCHS by its meaning.
    same = [known for known in KNOWN if known.rpartition("_")[2] == plain.rpartition("_")[2]]
    if len(same) == 1:
        return with_suggestion(complaint, same[0], same)
    return with_suggestion(complaint, plain, KNOWN)


@cache
def _find_meant(name: str) -> str | None:
    plain = _plain(name)
    nearest = get_close_matches(plain, IN_THE_FILE, n=1, cutoff=_SAME)
    return ELSEWHERE.get(plain) or (nearest[0] if nearest else None)


def _plain(name: str) -> str:
    """As the names of the settings are written: `"agent-seed"` is AGENT_SEED."""
    return re.sub(r"\W+", "_", name).strip("_").upper()
