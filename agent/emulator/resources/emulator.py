"""The parts of a running emulator, handed to every handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.emulator.model.encoder import Encoder
from agent.emulator.state.behaviour import Behaviours
from agent.emulator.state.blobs import Blobs
from agent.emulator.state.settings import Settings
from agent.emulator.state.storage import NAME, Store


def _nobody() -> None:
    """Stands for the worker where there is none: when a deployment is made by hand, offline."""


@dataclass(frozen=True)
class Emulator:
    """`wake` tells the worker that there is a new job, or a cancelled one."""

    settings: Settings
    store: Store
    blobs: Blobs
    behaviours: Behaviours
    encoder: Encoder
    wake: Callable[[], None] = _nobody


def open_emulator(settings: Settings) -> Emulator:
    """Opens the state in HOME, which the caller has locked, and drops what a kill left half done."""
    store = Store(settings.home / NAME)
    blobs = Blobs(settings.home / "blobs")
    kept = store.rows(
        "SELECT id AS name FROM files WHERE NOT deleted UNION SELECT head FROM models"
    )
    blobs.keep_only(row["name"] for row in kept)
    return Emulator(settings, store, blobs, Behaviours(store, settings), Encoder(settings.encoder))
