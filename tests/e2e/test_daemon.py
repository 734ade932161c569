"""The daemon: one per home, ends in order, and does only as much as it is asked."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import Any

import psutil
import pytest


def test_a_second_daemon_is_refused_naming_the_first(
    home: Path, cli: Any, azure: Any, daemon: Any, eventually: Any, small_set: Any, state_of: Any
) -> None:
    """Its pid and its home; the first goes on undisturbed, and SIGTERM ends it with 0."""
    small_set(home)
    running = daemon(home, env=azure.azure)
    eventually(lambda: state_of(home) == "AWAITING_DEPLOY")
    second = cli(home, "run", "--once", env=azure.azure)
    assert second.code == 2
    assert str(running.pid) in second.err
    assert str(home) in second.err
    assert "Traceback" not in second.text
    # Reading is allowed meanwhile.
    assert cli(home, "status", env=azure.azure).code == 0
    assert running.end(signal.SIGTERM).code == 0
    assert not (home / "data" / "agent.pid").exists()


@pytest.mark.slow
def test_a_lock_left_by_a_killed_daemon_is_no_obstacle(
    home: Path, cli: Any, daemon: Any, eventually: Any, small_set: Any, state_of: Any
) -> None:
    """Kill -9 with its emulator; the next one goes on to the end and nothing is done twice."""
    small_set(home)
    running = daemon(home, env={"EMULATOR_TRAIN_SECONDS": "30"})
    eventually(lambda: state_of(home) == "TRAINING")
    emulator_file = home / "data" / "emulator" / "emulator.json"
    assert emulator_file.exists()
    assert running.end(signal.SIGKILL).code == -signal.SIGKILL
    assert (home / "data" / "agent.pid").exists()
    eventually(lambda: not emulator_file.exists())  # it went with its parent
    ended = cli(home, "run", "--until", "ANALYZED")
    assert ended.code == 0, ended.text


@pytest.mark.slow
def test_a_signal_to_the_daemons_group_is_not_for_its_emulator(
    home: Path, daemon: Any, eventually: Any, small_set: Any, state_of: Any
) -> None:
    """Ctrl-C, or `timeout`: the ticks in hand would be told that the service is gone."""
    small_set(home)
    running = daemon(home, env={"EMULATOR_TRAIN_SECONDS": "30"})
    eventually(lambda: state_of(home) == "TRAINING")
    [emulator] = psutil.Process(running.pid).children()
    assert os.getpgid(emulator.pid) == emulator.pid
    assert running.end(signal.SIGINT).code == 0
    eventually(lambda: not emulator.is_running())


@pytest.mark.slow
def test_an_emulator_killed_while_it_starts_is_started_again(
    home: Path, daemon: Any, eventually: Any, small_set: Any, state_of: Any
) -> None:
    """Before it has ever said where it listens: the agent does not end with it, it starts another
    one.
    """
    small_set(home)
    running = daemon(home, "--until", "ANALYZED")
    first = eventually(lambda: psutil.Process(running.pid).children())[0]
    first.kill()
    assert not (home / "data" / "emulator" / "emulator.json").exists()
    ended = running.ended()
    assert ended.code == 0, ended.err
    assert state_of(home) == "ANALYZED"


@pytest.mark.slow
def test_status_tells_a_killed_daemon_from_a_living_one(
    home: Path, cli: Any, azure: Any, daemon: Any, eventually: Any, small_set: Any, state_of: Any
) -> None:
    """Its last tick alone says little: nobody would know that nothing goes on."""
    small_set(home)
    running = daemon(home, env=azure.azure)
    eventually(lambda: state_of(home) == "AWAITING_DEPLOY")
    assert cli(home, "status", "--json", env=azure.azure).json["daemon"]["running"] is True
    running.end(signal.SIGKILL)
    ended = cli(home, "status", "--json", env=azure.azure).json["daemon"]
    assert (ended["running"], ended["pid"]) == (False, running.pid)
    assert "ningún daemon" in cli(home, "status", env=azure.azure).out
    told = cli(home, "retry", "tienda", "--restart", env=azure.azure).out
    assert "`run`" in told
    assert "sigue ahí" not in told  # no deployment was made


def test_a_retry_that_is_paid_again_says_so_with_the_price(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """After `cancel` the training is begun anew, as with --restart; before it nothing was paid."""
    small_set(home)
    env = {**azure.azure, "AGENT_LANGUAGE": "en"}
    for until, is_paid in (("SPLIT", False), ("TRAINED", True)):
        assert cli(home, "run", "--until", until, env=env).code == 0
        assert cli(home, "cancel", "tienda", env=env).code == 0
        told = cli(home, "retry", "tienda", env=env).out
        assert ("paid again" in told) is is_paid, told
        assert ("USD" in told) is is_paid, told


def test_a_start_puts_back_the_files_that_were_lost(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """Also those that no later state needs any more."""
    small_set(home)
    assert cli(home, "run", "--until", "TRAINED", env=azure.azure).code == 0
    training = home / "data" / "training" / "train_data.jsonl"
    before = training.read_bytes()
    shutil.rmtree(training.parent)
    assert cli(home, "run", "--until", "TRAINED", env=azure.azure).code == 0
    assert training.read_bytes() == before


@pytest.mark.slow
def test_a_daemon_with_nothing_to_do_says_so(
    home: Path, azure: Any, daemon: Any, eventually: Any, small_set: Any
) -> None:
    """Else it looks as if it hung."""
    small_set(home)
    running = daemon(home, env={**azure.azure, "AGENT_DEPLOY": "auto"})
    eventually(lambda: "Ctrl-C" in running.errors.read_text())
    assert running.errors.read_text().count("Ctrl-C") == 1
    assert running.end(signal.SIGTERM).code == 0


def test_interrupting_from_the_keyboard_ends_it_in_order(
    home: Path, azure: Any, daemon: Any, eventually: Any
) -> None:
    """SIGINT is 0 as well, without a traceback."""
    running = daemon(home, env=azure.azure)
    eventually((home / "data" / "agent.pid").exists)
    eventually(
        lambda: (
            (home / "logs" / "agent.jsonl").exists()
            and "tick" in (home / "logs" / "agent.jsonl").read_text()
        )
    )
    ended = running.end(signal.SIGINT)
    assert ended.code == 0
    assert "Traceback" not in ended.err


def test_one_sweep_goes_as_far_as_there_is_something_to_do(
    home: Path, cli: Any, azure: Any, small_set: Any, state_of: Any
) -> None:
    """`--once` ends where it would have to wait; repeated, it comes to the same end as a daemon."""
    small_set(home)
    env = {**azure.azure, "AGENT_DEPLOY": "auto"}
    for _ in range(12):
        ended = cli(home, "run", "--once", env=env)
        assert ended.code == 0, ended.text
        if state_of(home) == "ANALYZED":
            break
    assert state_of(home) == "ANALYZED"


@pytest.mark.slow
def test_two_projects_are_served_by_one_daemon(
    home: Path, cli: Any, azure: Any, small_set: Any, state_of: Any
) -> None:
    """`run --project a` makes and moves only that one; afterwards `run` takes both, each in its own
    folders.
    """
    auto = {**azure.azure, "AGENT_DEPLOY": "auto"}
    before = azure.counts()
    for name in ("casa", "jardin-2"):
        small_set(home, project=name)
    assert cli(home, "run", "--project", "casa", "--until", "SPLIT", env=auto).code == 0
    assert state_of(home, "jardin-2") is None
    assert cli(home, "run", "--project", "jardin-2", "--until", "DRAFT", env=auto).code == 0
    ended = cli(home, "run", "--until", "ANALYZED", env=auto)
    assert ended.code == 0, ended.text
    for name in ("casa", "jardin-2"):
        assert state_of(home, name) == "ANALYZED"
        assert (home / "results" / "projects" / name / "improvement_analysis.json").is_file()
        assert (home / "data" / "projects" / name / "training" / "train_data.jsonl").is_file()
    assert not (home / "results" / "improvement_analysis.json").exists()
    after = azure.counts()
    assert {
        kind: after[kind] - before[kind] for kind in ("upload", "create_job", "create_deployment")
    } == {
        "upload": 4,
        "create_job": 2,
        "create_deployment": 2,
    }
    two = cli(home, "history", env=auto)
    assert two.code == 2
    assert "casa, jardin-2" in two.err


def test_until_with_a_held_project_is_one(home: Path, cli: Any, azure: Any) -> None:
    """The reason is in the table; with nothing else to do, the command ends."""
    (home / "data" / "raw").mkdir(parents=True)
    (home / "data" / "raw" / "intent_examples.json").write_text("{}")
    ended = cli(home, "run", "--until", "ANALYZED", env=azure.azure)
    assert ended.code == 1
    assert "DRAFT" in ended.out
    assert "intent_examples.json" in ended.out
    assert cli(home, "status", env=azure.azure).code == 1


@pytest.mark.parametrize("name", ["Tienda", "mi tienda", "-x", "a" * 33, "../x", "ñ", ""])
def test_a_project_name_is_letters_digits_and_hyphens(name: str, home: Path, cli: Any) -> None:
    """Names become part of file names and of names at the service: anything else is wrong usage,
    before anything is made.
    """
    ended = cli(home, "run", f"--project={name}", "--once")
    assert ended.code == 2
    assert "a-z, 0-9" in ended.err
    assert os.listdir(home) == []  # noqa: PTH208  as short as it gets


def test_a_daemon_that_is_told_to_end_keeps_every_answer_it_has_paid_for(
    home: Path, azure: Any, daemon: Any, eventually: Any, small_set: Any, state_of: Any
) -> None:
    """It begins no more, and hears what is on its way to its end."""
    small_set(home)
    cases = [{"text": f"Enciende el farol {n}", "expected": "encender"} for n in range(400)]
    (home / "data" / "raw" / "test_cases.json").write_text(json.dumps(cases))
    azure.fault({"kind": "delay", "seconds": 0.2}, path="/chat/", times=None)
    before = azure.counts()["chat"]
    running = daemon(home, env={**azure.azure, "AGENT_DEPLOY": "auto", "AGENT_CONCURRENCY": "4"})
    eventually(lambda: azure.counts()["chat"] >= before + 12)
    ended = running.end(signal.SIGTERM)
    assert (ended.code, state_of(home)) == (0, "DEPLOYED"), ended.err
    with contextlib.closing(sqlite3.connect(home / "data" / "agent.db")) as database:
        (kept,) = database.execute("SELECT count(*) FROM answers").fetchone()
    assert kept == azure.counts()["chat"] - before - 1  # the probe of the deployment
