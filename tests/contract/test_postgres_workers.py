"""Several workers on one PostgreSQL: one ticks a project, and who dies or is cut off lets go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from agent.engine.sweep import Sweep
from states.errors import StoreBusy, StoreError
from states.facts import Facts
from states.state import Event, State
from states.store_port import Move, Postponed
from store import patience
from store.engine import open_engine, writing
from store.projects import update_guarded
from store.schema import projects
from store.sql import SqlStore
from tests.postgres import GROUP, Postgres

pytestmark = GROUP
HOLDS_IT = """
import sys
from store.engine import open_engine
from store.sql import SqlStore
with SqlStore(open_engine(sys.argv[1])).lock_project("tienda") as is_held:
    print(is_held is not None and is_held(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture
def workers(url: str) -> Iterator[list[SqlStore]]:
    """Two, each with connections of its own."""
    made = [SqlStore(open_engine(url)) for _ in range(2)]
    yield made
    for one in made:
        one.close()


def test_one_worker_at_a_time_takes_a_project_on(workers: list[SqlStore]) -> None:
    """Neither another one nor another thread of the same; another project is free."""
    one, other = workers
    with one.lock_project("tienda") as held, other.lock_project("another") as beside:
        assert held is not None
        assert held()
        assert beside is not None
        for store in workers:
            with store.lock_project("tienda") as refused:
                assert refused is None
        assert held(), "a refusal took nothing away"
    with other.lock_project("tienda") as free:
        assert free is not None


def test_a_worker_that_is_killed_lets_go(
    url: str, workers: list[SqlStore], eventually: Callable[..., Any]
) -> None:
    """The server ends its session, and the next sweep of a survivor has it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_IT, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"

        def is_free() -> bool:
            with workers[0].lock_project("tienda") as held:
                return held is not None

        assert not is_free()
        holder.send_signal(signal.SIGKILL)
        assert eventually(is_free, 10)
    finally:
        holder.kill()
        holder.communicate()


def test_a_lock_goes_with_its_connection_and_the_holder_notices(
    postgres: Postgres, url: str, workers: list[SqlStore]
) -> None:
    """Another one may take it then; the first lets go of nothing that is not its own."""
    one, other = workers
    with one.lock_project("tienda") as first:
        assert first is not None
        assert postgres.disconnect(url) > 0
        with other.lock_project("tienda") as second:
            assert second is not None
            assert not first()
            with one.lock_project("tienda") as again:
                assert again is None
            assert second()


def test_a_sweep_leaves_to_the_other_what_it_is_at(workers: list[SqlStore]) -> None:
    """It neither ticks nor rests; once the other has let go it goes on."""
    one, other = workers
    one.create("tienda", "aaaaaaaa", "emulator", 1.0)
    ticked: list[str] = []

    class Ticker:
        def tick_loaded(self, project: Any) -> Any:
            ticked.append(project.name)
            raise StoreError("enough")

    sweep = Sweep(Ticker(), one, lambda: 2.0)  # type: ignore[arg-type]
    with other.lock_project("tienda"):
        assert sweep.advance("tienda") is None
    assert ticked == []
    assert list(sweep.due()) == ["tienda"]
    sweep.advance("tienda")
    assert ticked == ["tienda"]


def test_two_workers_that_put_off_the_same_projects_do_not_lock_each_other_out(
    workers: list[SqlStore],
) -> None:
    """Each has them in an order of its own; one write waits for the other, and finds it done."""
    names = [f"p{number:03}" for number in range(200)]
    for name in names:
        workers[0].create(name, "00c0ffee", "emulator", 0.0)
    start, broken = threading.Barrier(2), list[StoreError]()
    put_off = [0, 0]

    def work(number: int) -> None:
        ordered = names if number else names[::-1]
        with suppress(threading.BrokenBarrierError):
            for turn in range(20):
                start.wait(30)
                rows = [Postponed(name, 0, float(turn), turn + 1.0) for name in ordered]
                try:
                    put_off[number] += not workers[number].postpone(rows)
                except StoreError as error:
                    broken.append(error)
                    start.abort()
                start.wait(30)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert {project.due_at for project in workers[0].all()} == {20.0}
    assert sum(put_off) >= 20


def test_a_restart_of_the_server_loses_nothing_and_is_lived_through(
    postgres: Postgres, workers: list[SqlStore]
) -> None:
    """What was open is rolled back and told as busy, which the next tick repeats; what was
    committed is there; connections that rested in the pool are replaced unseen."""
    one, other = workers
    project = one.create("tienda", "aaaaaaaa", "emulator", 1.0)
    with pytest.raises(StoreBusy, match="tries again"), writing(one.engine) as connection:
        connection.execute(projects.update().values(state="FAILED"))
        postgres.restart()
        connection.execute(projects.update().values(state="FAILED"))
    move = Move(Event.PROMPTS_BUILT, State.PROMPTED, Facts(), None, 1)
    assert one.move(project, move, 2.0).state is State.PROMPTED
    found = other.load("tienda")
    assert found is not None
    assert (found.state, found.version) == (State.PROMPTED, 1)


def test_a_server_that_is_not_there_is_waited_for_and_a_wrong_name_is_not(
    postgres: Postgres, tmp_path: Any
) -> None:
    """The first passes by itself; the second needs a person."""
    with pytest.raises(StoreBusy):
        SqlStore(open_engine(f"postgresql+psycopg://ana@/x?host={tmp_path}")).load("tienda")
    with pytest.raises(StoreError) as told:
        SqlStore(open_engine(postgres.url_of("nobody_made_this"))).load("tienda")
    assert not isinstance(told.value, StoreBusy)


def test_a_server_that_is_frozen_is_given_up_and_another_connection_goes_on(
    workers: list[SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its kernel still answers for it, so that neither keepalives nor the connection break."""
    monkeypatch.setattr(patience, "SILENCE", 0.3)
    one, _ = workers
    one.create("tienda", "aaaaaaaa", "emulator", 1.0)
    began, frozen = time.monotonic(), 0
    try:
        with pytest.raises(StoreBusy, match="no answer"), writing(one.engine) as connection:
            frozen = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            os.kill(frozen, signal.SIGSTOP)
            connection.exec_driver_sql("SELECT 1")
        assert one.load("tienda") is not None
        assert time.monotonic() - began < 10
    finally:
        os.kill(frozen, signal.SIGCONT)


def test_who_waits_for_a_row_for_too_long_is_told_busy(
    workers: list[SqlStore],
) -> None:
    """A worker that is stopped within a transaction holds nobody up for good."""
    one, other = workers
    project = one.create("tienda", "aaaaaaaa", "emulator", 1.0)
    entered, leave = threading.Event(), threading.Event()

    def stand_still() -> None:
        with writing(one.engine) as connection:
            connection.execute(projects.update().values(attempts=1))
            entered.set()
            leave.wait(20)

    stopped = threading.Thread(target=stand_still)
    stopped.start()
    entered.wait(10)
    try:
        with pytest.raises(StoreBusy), writing(other.engine) as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            update_guarded(connection, project, {"attempts": 2})
    finally:
        leave.set()
        stopped.join()
