"""The parts of a running emulator, handed to every handler, to the job queue and to the tools.

server/http_server.py and tools/deploy.py open it once they have locked the home.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.emulator.model.encoder import Encoder
from agent.emulator.protocol.http import Request, Response
from agent.emulator.resources.rate_limit import RateLimit
from agent.emulator.state.behaviour import BehaviourStore
from agent.emulator.state.blobs import Blobs
from agent.emulator.state.settings import Settings
from agent.emulator.state.storage import DATABASE_NAME, Store


def _wake_nobody() -> None:
    """The default: no job queue runs while tools/deploy.py works offline."""


@dataclass(frozen=True)
class Context:
    """`wake_queue` tells the job queue that a job was created or cancelled."""

    settings: Settings
    store: Store
    blobs: Blobs
    behaviour: BehaviourStore
    encoder: Encoder
    rate_limit: RateLimit
    wake_queue: Callable[[], None] = _wake_nobody


Handler = Callable[[Context, Request], Response]


def open_context(settings: Settings, wake_queue: Callable[[], None] = _wake_nobody) -> Context:
    """Opens the state in a locked home, and removes what a kill left half done."""
    store = Store(settings.home / DATABASE_NAME)
    blobs = Blobs(settings.home / "blobs")
    kept = store.rows(
        "SELECT id AS name FROM files WHERE NOT deleted UNION SELECT head FROM models"
    )
    blobs.keep_only(row["name"] for row in kept)
    behaviour = BehaviourStore(store, settings)
    encoder = Encoder(settings.encoder)
    return Context(settings, store, blobs, behaviour, encoder, RateLimit(), wake_queue)
