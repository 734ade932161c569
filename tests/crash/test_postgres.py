"""The proofs of the crash tests with PostgreSQL as the database: what is rolled back, guarded and
superseded there is PostgreSQL's own.

A life takes five times as long as on SQLite, so `make test` tries fewer points than there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from states.state import State
from tests.crash.conftest import Tell
from tests.crash.proofs import boundaries, lives, meetings
from tests.crash.proofs.lives import every
from tests.crash.test_meetings import GUESTS
from tests.crash.world import on_postgres
from tests.postgres import GROUP, Postgres

pytestmark = [pytest.mark.usefixtures("quiet"), GROUP]
STRIDE = [pytest.param(97, id="sampled"), pytest.param(5, id="many", marks=pytest.mark.slow)]


@pytest.fixture(autouse=True)
def _on_postgres(postgres: Postgres) -> Iterator[None]:
    lives.untouched()  # on SQLite: the files of a life do not depend on the database
    with on_postgres(postgres.database()):
        yield


@pytest.mark.parametrize("stride", STRIDE)
def test_a_crash_at_every_boundary_changes_nothing(stride: int, tell: Tell) -> None:
    """The same end as on SQLite, with the same files."""
    tried = boundaries.every_boundary(every(stride, 5 % stride))
    tell(f"{tried} crashes on PostgreSQL: 0 duplicates, 0 lost")


@pytest.mark.parametrize("stride", STRIDE)
def test_a_power_cut_at_every_boundary_changes_nothing(stride: int, tell: Tell) -> None:
    """Also of the notes by which a home knows its own files."""
    tried = boundaries.every_boundary(every(stride, 11 % stride), power_cut=True)
    tell(f"{tried} power cuts on PostgreSQL: 0 duplicates, 0 lost")


@pytest.mark.parametrize("stride", STRIDE)
def test_a_cancellation_after_a_crash_leaves_nothing(stride: int, tell: Tell) -> None:
    tried = boundaries.cancel_after_every_boundary(every(stride, 17 % stride))
    tell(f"{tried} crashes on PostgreSQL, each followed by a cancellation: nothing left")


@pytest.mark.slow
@pytest.mark.parametrize("state", lives.LIVING)
def test_a_crash_at_every_boundary_of_a_cancellation_leaves_nothing(
    state: State, tell: Tell
) -> None:
    tried = boundaries.every_boundary_of_a_cancellation(state, every())
    tell(f"{tried} crashes on PostgreSQL while cancelling: nothing left at the service")


@pytest.mark.parametrize(("guest", "check"), GUESTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("stride", STRIDE)
def test_an_agent_stopped_at_every_boundary_finds_things_done(
    guest: Callable[..., Any], check: Callable[..., Any], stride: int, tell: Tell
) -> None:
    """Two on one database; the loser of a compare-and-swap notices and goes on."""
    tried = meetings.every_meeting(every(stride, 23 % stride), guest, check)
    tell(f"{tried} meetings on PostgreSQL: 0 duplicates, nothing left over")
