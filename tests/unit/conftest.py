"""What the unit tests share: a desk, its mutations, and what is asked of the service."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations
from states.remote import (
    FileSpec,
    JobSpec,
)
from store.sql import SqlStore
from tests.unit.desk import SETTLE, TIMING, Desk


@pytest.fixture
def desk(store: SqlStore, home: Path) -> Desk:
    """A desk on an empty home; the project `tienda` appears with `create` or `go`."""
    return Desk(home, store)


@pytest.fixture
def effects(desk: Desk, timing: Timing) -> Callable[[], Mutations]:
    """The effects of the project as it stands now."""
    desk.create()
    return lambda: Mutations(desk.project(), desk.store, desk.cloud, timing, desk.clock.now)


@pytest.fixture
def file_spec() -> Callable[..., FileSpec]:
    def spec(content: bytes = b"row", role: str = "training") -> FileSpec:
        return FileSpec(role, hashlib.sha256(content).hexdigest(), content)

    return spec


@pytest.fixture
def job_spec() -> JobSpec:
    return JobSpec("gpt-4o-mini", "file-1", "file-2", 3, 1, 0.1, 42)


@pytest.fixture
def settle() -> float:
    return SETTLE


@pytest.fixture
def timing() -> Timing:
    return TIMING
