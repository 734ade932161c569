"""The machine turns on the agent: full disks, locked and broken databases, clocks, names, handles. Nothing is lost, nothing is doubled."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from agent.drivers.local import LocalDriver, Pace
from agent.engine.tick import PATIENCE
from states.errors import StoreError

DAY = 86400.0
PLENTY = 1_000_000  # pages


def slowly(*values: Any) -> Any:
    """A further variant of the same proof, for the long form."""
    return pytest.param(*values, marks=pytest.mark.slow)


class Nobody:
    """A watchdog that does not exist."""

    def alive(self) -> None:
        return


def driven(agent: Any, finished: Callable[[], bool], *, seconds: float = 20) -> None:
    """The real scheduler and its threads, until `finished`."""
    end = time.monotonic() + seconds
    driver = LocalDriver(agent.ticker, agent.app.store, Pace(0.05, 60), Nobody(), agent.clock.wall)
    assert driver.run(lambda: finished() or time.monotonic() > end)
    assert finished(), agent.project


def spent(service: Any) -> tuple[int, int, int]:
    return service.spent("upload"), service.spent("create_job"), service.spent("create_deployment")


def said(home: Path, what: str) -> list[dict[str, Any]]:
    """The lines of the agent's log with that event."""
    lines = (home / "logs/agent.jsonl").read_text(errors="replace").splitlines()
    return [line for line in map(parsed, lines) if line.get("event") == what]


def parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}  # a line that the full disk cut in two
    return dict(found) if isinstance(found, dict) else {}


def state_of(home: Path) -> str:
    with contextlib.closing(
        sqlite3.connect(f"{(home / 'data/agent.db').as_uri()}?mode=ro", uri=True)
    ) as connection:
        row = connection.execute("SELECT state FROM projects WHERE name = 'tienda'").fetchone()
    return "" if row is None else str(row[0])


# A full disk ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk_of_the_database() -> Callable[[Any], Callable[[bool], None]]:
    """`disk_of_the_database(agent)(full)`: SQLite finds no page more, as on a full disk, or plenty of them again."""

    def of(agent: Any) -> Callable[[bool], None]:
        pages = [PLENTY]

        def limit(connection: Any, _record: Any, _proxy: Any) -> None:
            connection.execute(
                f"PRAGMA max_page_count={pages[0]}"
            )  # 1 means: no more than there are

        event.listen(agent.app.store.engine, "checkout", limit)
        return lambda full: pages.__setitem__(0, 1 if full else PLENTY)

    return of


@pytest.mark.parametrize(
    "state", [slowly("DRAFT"), "VALIDATED", "UPLOADED", slowly("TRAINING"), "DEPLOYED"]
)
def test_a_full_disk_under_the_database_loses_and_doubles_nothing(
    state: str, agent: Any, service: Any, disk_of_the_database: Any
) -> None:
    """Also where the service has acted and the receipt cannot be written any more."""
    full = disk_of_the_database(agent)
    agent.run(state)
    history = agent.app.store.history(agent.name)
    full(True)
    troubles = []
    for _ in range(12):
        try:
            agent.tick()
        except StoreError as error:
            troubles.append(str(error))
    assert troubles
    assert all("is full. Free some space; nothing recorded is lost." in text for text in troubles)
    assert list(agent.app.store.history(agent.name))[: len(history)] == list(history)
    full(False)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


@pytest.mark.parametrize("trouble", ["full", "locked"])
def test_no_answer_is_paid_for_that_could_not_be_kept(
    trouble: str,
    launch: Any,
    service: Any,
    disk_of_the_database: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However often it is ticked meanwhile, by a person's `advance`, say, who has no daemon's patience."""
    monkeypatch.setattr("store.engine.BUSY_SECONDS", 0.05)
    agent = launch()
    cases = [
        {"text": f"Enciende el farol número {number}", "expected": "encender"}
        for number in range(40)
    ]
    (agent.home / "data/raw/test_cases.json").write_text(json.dumps(cases))
    full = disk_of_the_database(agent)
    agent.run("DEPLOYED")
    agent.tick()
    probed, troubles = service.spent("chat"), 0
    full(
        trouble == "full"
    )  # the last pages have some room left: what is asked for still finds a place
    with locked(agent.home, 1.0) if trouble == "locked" else contextlib.nullcontext():
        for _ in range(45 if trouble == "full" else 5):
            try:
                agent.tick()
            except StoreError:
                troubles += 1
    assert troubles >= 5
    assert service.spent("chat") - probed == len(
        agent.app.store.memory(agent.name).answers(agent.project.facts.model)
    )
    full(False)
    agent.run("ANALYZED")
    assert service.spent("chat") == probed + len(cases)


def test_the_daemon_outlives_a_full_disk_and_says_so_once(
    agent: Any, service: Any, disk_of_the_database: Any
) -> None:
    full = disk_of_the_database(agent)
    agent.run("UPLOADED")
    full(True)
    over = time.monotonic() + 0.8
    driven(agent, lambda: time.monotonic() > over)
    assert len(said(agent.home, "store_trouble")) == 1
    full(False)
    driven(agent, lambda: agent.project.state.value == "ANALYZED")
    assert spent(service) == (2, 1, 1)


class Unwritten:
    """A ticker whose every tick ends unrecorded."""

    def __init__(self) -> None:
        self.ticks: list[float] = []

    def publish_pending(self) -> None:
        return

    def tick(self, _name: str) -> Any:
        self.ticks.append(time.monotonic())
        raise StoreError("disk full")


def test_a_tick_that_cannot_be_recorded_is_repeated_ever_more_seldom(agent: Any) -> None:
    """It may be paid for. Each rest is twice as long as the one before, up to a minute."""
    ticker = Unwritten()
    driver = LocalDriver(ticker, agent.app.store, Pace(0.02, 60), Nobody(), agent.clock.wall)  # type: ignore[arg-type]
    end = time.monotonic() + 1.2
    assert driver.run(lambda: time.monotonic() > end)
    rests = [later - earlier for earlier, later in itertools.pairwise(ticker.ticks)]
    assert 3 <= len(rests) <= 6  # 0.02, 0.04, 0.08, 0.16, 0.32, 0.64; without rests sixty
    assert all(rest >= 0.02 * 2**number for number, rest in enumerate(rests))
    for _ in range(20):
        driver._rest(agent.name)
    assert driver._rests[agent.name][1] == 60


@pytest.fixture
def disk_of_files(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """`disk_of_files(part)`: writing a file whose path contains `part` fails with ENOSPC; None: there is room again."""
    full: list[str | None] = [None]
    real = os.fsync

    def fsync(handle: int) -> None:
        if full[0] is not None and full[0] in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return lambda part: full.__setitem__(0, part)


@pytest.mark.parametrize(
    ("part", "state"),
    [
        ("training_prompts", "DRAFT"),
        ("validation_data", "PROMPTED"),
        ("data_preparation_summary", "SPLIT"),
    ],
)
def test_a_full_disk_under_an_artifact_stops_only_until_there_is_room(
    part: str, state: str, agent: Any, service: Any, disk_of_files: Any
) -> None:
    agent.run(state)
    disk_of_files(part)
    for _ in range(3):
        with pytest.raises(
            StoreError, match=r"No space left on device. What was there before is untouched"
        ):
            agent.tick()
    assert agent.project.state.value == state
    assert "No space left on device" in str(agent.project.last_error)
    assert not list(agent.home.rglob("*.part"))
    disk_of_files(None)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


def test_a_full_disk_under_the_results_does_not_stop_the_project(
    agent: Any, service: Any, disk_of_files: Any
) -> None:
    """They are a view of the database, and are written as soon as there is room."""
    agent.run("UPLOADED")
    disk_of_files("/results/")
    agent.run("ANALYZED")
    assert not (agent.home / "results/test_results.json").exists()
    disk_of_files(None)
    driven(agent, lambda: len(list((agent.home / "results").glob("*.json"))) == 4)
    assert said(agent.home, "not_published")


def test_results_that_cannot_be_read_do_not_stop_the_project(agent: Any, service: Any) -> None:
    """Something that is no file stands where one should be."""
    (agent.home / "results/test_results.json").mkdir(parents=True)
    agent.run("ANALYZED")
    agent.app.tidy()
    assert said(agent.home, "not_published")
    (agent.home / "results/test_results.json").rmdir()
    agent.ticker.publish_pending()
    assert (agent.home / "results/test_results.json").is_file()


@pytest.fixture
def azure_environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "AGENT_LOG_LEVEL": "info"}


def test_a_full_disk_under_the_log_and_the_terminals_output_stops_nothing(
    home: Path,
    small_set: Any,
    service: Any,
    azure_environment: dict[str, str],
    clean_environment: dict[str, str],
) -> None:
    """`run --until … 2>> file` on a full disk: /dev/full answers every write as that does. Nobody hears of it, and it is done."""
    small_set(home)
    (home / "logs").mkdir()
    (home / "logs/agent.jsonl").symlink_to("/dev/full")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "agent", "run", "--until", "ANALYZED"],
            env={**clean_environment, **azure_environment},
            cwd=home.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=full,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0
    assert state_of(home) == "ANALYZED"
    assert spent(service) == (2, 1, 1)


def test_a_full_disk_under_the_daemons_own_number_does_not_keep_it_from_starting(
    cli: Any, home: Path, small_set: Any, service: Any, azure_environment: dict[str, str]
) -> None:
    """agent.pid is there for one message only."""
    small_set(home)
    (home / "data/agent.pid").symlink_to("/dev/full")
    ended = cli(home, "run", "--until", "ANALYZED", env=azure_environment)
    assert ended.code == 0, ended.text
    assert spent(service) == (2, 1, 1)


@pytest.fixture
def training_daemon(
    daemon: Any,
    home: Path,
    small_set: Any,
    service: Any,
    azure_environment: dict[str, str],
    eventually: Any,
) -> Iterator[Any]:
    """A real daemon that polls a job, which ends a moment later."""
    small_set(home)
    service.behave(train_seconds=1.2)
    running = daemon(home, "--until", "ANALYZED", env=azure_environment)
    eventually(lambda: (home / "data/agent.db").exists() and state(home) == "TRAINING")
    yield running


def state(home: Path) -> str:
    with contextlib.suppress(sqlite3.Error):
        return state_of(home)
    return ""


def test_a_daemon_that_may_write_nothing_for_a_while_goes_on_afterwards(
    training_daemon: Any, home: Path, service: Any
) -> None:
    """Database, log and results at once: the limit on the size of files of this very process falls to nothing."""
    former = resource.prlimit(
        training_daemon.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)
    )
    time.sleep(1.6)
    assert training_daemon.process.poll() is None
    assert state_of(home) == "TRAINING"
    resource.prlimit(training_daemon.pid, resource.RLIMIT_FSIZE, former)
    ended = training_daemon.ended()
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    assert state_of(home) == "ANALYZED"
    assert spent(service) == (2, 1, 1)


def test_a_daemon_without_file_handles_goes_on_when_there_are_some(
    training_daemon: Any, home: Path, service: Any
) -> None:
    """EMFILE for every new file and connection."""
    former = resource.prlimit(training_daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(training_daemon.pid, resource.RLIMIT_NOFILE, (3, former[1]))
    time.sleep(1.6)
    assert training_daemon.process.poll() is None
    resource.prlimit(training_daemon.pid, resource.RLIMIT_NOFILE, former)
    ended = training_daemon.ended()
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    assert state_of(home) == "ANALYZED"
    assert (home / "results/test_results.json").is_file()
    assert spent(service) == (2, 1, 1)


@contextlib.contextmanager
def file_handles(left: int) -> Iterator[None]:
    """This process may open so many files more, and gets EMFILE for the next."""
    former = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(map(int, os.listdir("/proc/self/fd"))) + 1  # noqa: PTH208  as short as it gets
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, former[1]))
    taken: list[int] = []
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        for handle in taken[:left]:
            os.close(handle)
        del taken[:left]
        yield
    finally:
        for handle in taken:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, former)


STATES = (
    "DRAFT",
    "PROMPTED",
    "SPLIT",
    "VALIDATED",
    "UPLOADED",
    "TRAINED",
    "AWAITING_DEPLOY",
    "DEPLOYED",
    "EVALUATED",
)


@pytest.mark.parametrize(
    "state",
    [slowly(state) if state in ("VALIDATED", "UPLOADED", "TRAINED") else state for state in STATES],
)
def test_file_handles_that_run_out_anywhere_hold_nothing(
    state: str, launch: Callable[..., Any], service: Any
) -> None:
    """In each state, for whatever a freshly started process has to open there: its data files, the vocabulary, a connection."""
    launch().run(state)
    for left in range(4):
        agent = launch()
        agent.app.connect()
        with file_handles(left), contextlib.suppress(StoreError):
            agent.tick()
        assert agent.project.hold is None
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


def can_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return (
        subprocess.run(
            ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],  # noqa: S607
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )


@pytest.mark.slow
def test_a_daemon_on_a_really_full_disk_goes_on_when_there_is_room(
    home: Path,
    small_set: Any,
    service: Any,
    azure_environment: dict[str, str],
    clean_environment: dict[str, str],
    eventually: Any,
) -> None:
    """A file system of four megabytes, filled to the last byte while a job trains."""
    if not can_mount():
        pytest.skip("mounting a small file system is not allowed here")
    small_set(home)
    service.behave(train_seconds=1.5)
    script = (
        'cp -a "$1" "$1.copy" && mount -t tmpfs -o size=4m,mode=700 tmpfs "$1" && cp -a "$1.copy/."'
        ' "$1" && shift && exec "$@"'
    )
    process = subprocess.Popen(
        [  # noqa: S607
            "unshare",
            "-m",
            "sh",
            "-c",
            script,
            "sh",
            str(home),
            sys.executable,
            "-m",
            "agent",
            "run",
            "--until",
            "ANALYZED",
        ],
        env={**clean_environment, **azure_environment},
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    inside = Path(f"/proc/{process.pid}/root{home}")
    try:
        eventually(
            lambda: (
                (inside / "logs/agent.jsonl").exists()
                and "TRAINING" in [line["to"] for line in said(inside, "moved")]
            )
        )
        filler = inside / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)
        time.sleep(2)
        assert process.poll() is None
        filler.unlink()
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
    assert spent(service) == (2, 1, 1)


# Places that cannot be written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [slowly(""), "data", slowly("data/agent.db")])
def test_a_place_that_cannot_be_used_is_named_and_nothing_is_begun(
    place: str, cli: Any, tmp_path: Path, service: Any, azure_environment: dict[str, str]
) -> None:
    """A file where the folder should be; a folder where the database should be."""
    home = tmp_path / "taken"
    if place == "data/agent.db":
        (home / place).mkdir(parents=True)
    else:
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).write_text("a file")
    ended = cli(
        home, "run", "--until", "ANALYZED", env={**azure_environment, "AGENT_HOME": str(home)}
    )
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert str(home) in ended.err
    assert spent(service) == (0, 0, 0)


@pytest.fixture
def obeying() -> list[str]:
    """In front of a command: permissions count, also for root."""
    if os.geteuid() != 0:
        return []
    command = [
        "setpriv",
        "--inh-caps=-dac_override,-dac_read_search",
        "--bounding-set=-dac_override,-dac_read_search",
    ]
    if (
        shutil.which("setpriv") is None
        or subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("root is above permissions here, and setpriv cannot take that away")
    return command


def obedient(
    obeying: list[str], home: Path, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*obeying, sys.executable, "-m", "agent", *arguments],
        env=environment,
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("place", [slowly("."), slowly("data"), "data/agent.db"])
def test_what_is_read_only_is_named_and_mending_it_is_enough(
    place: str,
    home: Path,
    small_set: Any,
    service: Any,
    azure_environment: dict[str, str],
    clean_environment: dict[str, str],
    obeying: list[str],
) -> None:
    environment = {**clean_environment, **azure_environment}
    if place != ".":
        small_set(home)
    if place == "data/agent.db":
        assert obedient(obeying, home, environment, "run", "--until", "SPLIT").returncode == 0
    path = home / place
    path.chmod(0o500 if path.is_dir() else 0o400)
    ended = obedient(obeying, home, environment, "run", "--until", "ANALYZED")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert str(home) in ended.stderr
    assert "permissions" in ended.stderr
    assert spent(service) == (0, 0, 0)
    for mended in (
        path,
        *(home / "data").glob("agent.db-*"),
    ):  # SQLite makes the files beside it as closed as the first one
        mended.chmod(0o700 if mended.is_dir() else 0o600)
    small_set(home)
    assert obedient(obeying, home, environment, "run", "--until", "ANALYZED").returncode == 0
    assert spent(service) == (2, 1, 1)


# The database -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(home: Path, seconds: float, *, mode: str = "NORMAL") -> Iterator[None]:
    """Another process keeps the database for itself for so long; in the mode EXCLUSIVE it stops readers as well."""
    script = (
        "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1], isolation_level=None,"
        f" timeout=30)\nc.execute('PRAGMA locking_mode={mode}')\nc.execute('BEGIN EXCLUSIVE');"
        " print('locked', flush=True); time.sleep(float(sys.argv[2])); c.execute('COMMIT')"
    )
    command = [sys.executable, "-c", script, str(home / "data/agent.db"), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"locked"
        yield
        assert other.wait() == 0


def test_a_database_locked_for_longer_than_anything_waits_is_waited_for(
    launch: Callable[..., Any], service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon goes on by itself. 0.1 s to 1 s here as 10 s to 30 s there."""
    monkeypatch.setattr("store.engine.BUSY_SECONDS", 0.1)
    agent = launch()
    agent.run("UPLOADED")
    with locked(agent.home, 1.0):
        with pytest.raises(
            StoreError, match="is locked by another process; it is tried again by itself"
        ):
            agent.tick()
        driven(agent, lambda: agent.project.state.value == "ANALYZED")
    assert spent(service) == (2, 1, 1)
    assert said(agent.home, "store_trouble")


@pytest.mark.parametrize("mode", ["NORMAL", "EXCLUSIVE"])
def test_a_daemon_that_starts_while_the_database_is_locked_waits(
    mode: str,
    home: Path,
    small_set: Any,
    service: Any,
    azure_environment: dict[str, str],
    clean_environment: dict[str, str],
    _empty_database: bytes,
) -> None:
    """A backup that runs when the machine starts must not keep the agent from starting."""
    small_set(home)
    (home / "data/agent.db").write_bytes(_empty_database)
    script = (
        "import sys, store.engine as e; e.BUSY_SECONDS = 0.1\nfrom agent.cli import"
        " main\nsys.exit(main(['run', '--until', 'ANALYZED']))"
    )
    with locked(home, 2.5, mode=mode):
        ended = subprocess.run(
            [sys.executable, "-c", script],
            env={**clean_environment, **azure_environment},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert state_of(home) == "ANALYZED"
    assert spent(service) == (2, 1, 1)


def a_table_of_somebody(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()


def another_programs_migrations(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES"
            " ('8f3a1c'); CREATE TABLE recipes (name TEXT)"
        )


def a_newer_schema(path: Path) -> None:
    from store.engine import open_engine
    from store.migrate import upgrade

    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


DATABASES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "another kind of file": (
        lambda path: path.write_bytes(b"%PDF-1.7 " + b"x" * 8192),
        "not a usable database",
    ),
    "a damaged header": (
        lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8192),
        "not a usable database",
    ),
    "of another program": (a_table_of_somebody, "the database of another program"),
    "of another program that migrates as well": (
        another_programs_migrations,
        "the database of another program",
    ),
    "of a newer version": (
        a_newer_schema,
        "written by a newer version of this program (schema 0999",
    ),
}


@pytest.mark.parametrize(
    "kind", [slowly(kind) if kind in ("a damaged header",) else kind for kind in DATABASES]
)
def test_a_database_that_is_not_ours_is_refused_and_left_as_it_is(
    kind: str, cli: Any, home: Path, service: Any, azure_environment: dict[str, str]
) -> None:
    make, words = DATABASES[kind]
    path = home / "data/agent.db"
    path.parent.mkdir()
    make(path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    ended = cli(home, "run", "--until", "ANALYZED", env=azure_environment)
    assert ended.code == 2
    assert words in ended.err
    assert "agent.db" in ended.err
    assert "Traceback" not in ended.err
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert spent(service) == (0, 0, 0)


def test_a_database_that_is_damaged_while_it_is_used_makes_no_crash_loop(
    agent: Any, service: Any
) -> None:
    """And whoever puts a copy back goes on from there."""
    agent.run("UPLOADED")
    agent.app.store.close()
    path = agent.home / "data/agent.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.read_bytes()
    path.write_bytes(copy[:4096] + os.urandom(len(copy) - 4096))
    over = time.monotonic() + 0.5
    driver = LocalDriver(agent.ticker, agent.app.store, Pace(0.05, 60), Nobody(), time.time)
    assert driver.run(lambda: time.monotonic() > over)
    assert "not a usable database" in said(agent.home, "store_trouble")[0]["reason"]
    assert len(said(agent.home, "store_trouble")) == 1
    agent.app.store.close()
    path.write_bytes(copy)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)


# Clocks, names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_jumps_neither_shortens_nor_lengthens_the_settling(
    jump: float, agent: Any, service: Any
) -> None:
    """A day more on the wall does not make an unanswered request any older."""
    agent.run("UPLOADED")
    service.fault("POST", r"/jobs$", "drop_before")
    agent.tick()
    agent.clock.set_wall(jump)
    for ticked in agent.ticks(3):
        assert ticked.outcome == "waiting"
    assert service.spent("create_job") == 0
    agent.clock.skip(agent.app.settings.settle_seconds)
    agent.tick()
    assert service.spent("create_job") == 1


@pytest.mark.parametrize("jump", [DAY, -DAY])
@pytest.mark.parametrize(
    "state", ["VALIDATED", slowly("DRAFT"), slowly("TRAINING"), slowly("DEPLOYED")]
)
def test_a_clock_that_jumps_keeps_no_project_waiting(
    jump: float, state: str, agent: Any, service: Any
) -> None:
    """What was due tomorrow by the old clock is due now."""
    agent.run(state)
    agent.clock.set_wall(jump)
    driven(agent, lambda: agent.project.state.value == "ANALYZED")
    assert spent(service) == (2, 1, 1)
    times = [checkpoint.version for checkpoint in agent.app.store.history(agent.name)]
    assert times == sorted(times)


def test_hours_without_names_are_waited_out(
    agent: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the service has been reached, a network that is gone is never a reason to hold."""
    agent.run("UPLOADED")
    service.behave(train_seconds=0)
    real = socket.getaddrinfo

    def gone(*_arguments: Any, **_more: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    agent.app.close()  # no connection is left from before
    monkeypatch.setattr(socket, "getaddrinfo", gone)
    began = agent.clock.wall()
    while (
        agent.project.attempts <= PATIENCE + 3
    ):  # two hours: whatever is not waited for without end is held by then
        assert agent.run_once().outcome == "retrying"
        assert agent.project.hold is None
        assert "cannot be reached" in str(agent.project.last_error)
        assert "name resolution" in str(agent.project.last_error)
    assert agent.clock.wall() - began > 1.5 * 3600  # the pauses have grown
    monkeypatch.setattr(socket, "getaddrinfo", real)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)
    assert "HELD" not in [
        checkpoint.event.value for checkpoint in agent.app.store.history(agent.name)
    ]


def test_an_endpoint_that_never_answered_is_questioned_soon_and_still_heals(
    launch: Callable[..., Any], service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Probably mistyped; but perhaps the machine just came up before its network."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    agent = launch(AZURE_OPENAI_ENDPOINT=nobody)
    hold = agent.run_to_hold()
    assert nobody in hold
    assert "Check AZURE_OPENAI_ENDPOINT" in hold
    assert agent.project.due_at is not None


def test_a_scheduler_survives_a_clock_set_back(
    agent: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APScheduler plans by the wall: a day back, and its next sweep would be tomorrow."""
    import datetime as real

    shift = real.timedelta()

    class Shifted(real.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.datetime.now(tz) + shift

    for module in ("schedulers.base", "triggers.interval", "executors.base"):
        monkeypatch.setattr(f"apscheduler.{module}.datetime", Shifted)
    sweeps: list[float] = []

    class Counting:
        def alive(self) -> None:
            sweeps.append(time.monotonic())

    driver = LocalDriver(agent.ticker, agent.app.store, Pace(0.05, 2.0), Counting(), time.time)
    result: list[bool] = []
    thread = threading.Thread(target=lambda: result.append(driver.run(lambda: False)))
    thread.start()
    try:
        time.sleep(0.3)
        shift = real.timedelta(days=-1)
        time.sleep(0.2)
        before = len(sweeps)
        end = time.monotonic() + 4
        while len(sweeps) < before + 3 and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        driver.stop()
        thread.join(10)
    assert result == [True]
    assert len(sweeps) >= before + 3
