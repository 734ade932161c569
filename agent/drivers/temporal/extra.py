"""What must be there before Temporal is used at all. Imports nothing of the SDK."""

from __future__ import annotations

from importlib.util import find_spec

from agent.settings.temporal import Temporal
from states.errors import SettingsError
from states.text import say


def require_temporal(settings: Temporal) -> None:
    """SettingsError where the address is not set, or the extra `temporal` not installed."""
    if not settings.address:
        raise SettingsError(
            say("Set AGENT_TEMPORAL_ADDRESS: where Temporal is, as in 127.0.0.1:7233.")
        )
    if find_spec("temporalio") is None:
        raise SettingsError(
            say("Temporal needs a library: pip install 'afinador[temporal]' (temporalio).")
        )
