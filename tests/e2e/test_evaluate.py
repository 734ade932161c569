"""`evaluate`: other cases from a person's files, with and without a daemon at work."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

NEW = "frase;intención\nEnciende el farol de la terraza;encender\nQuita esa luz;apagar\n"


@pytest.fixture
def env(azure: Any) -> dict[str, str]:
    return {**azure.azure, "AGENT_DEPLOY": "auto", "AGENT_LANGUAGE": "en"}


@pytest.fixture
def evaluated(home: Path, cli: Any, env: dict[str, str], small_set: Any) -> Path:
    small_set(home)
    (home / "data" / "raw" / "test_cases.json").write_text(
        json.dumps([{"text": "Pon luz en la escalera", "expected": "encender"}])
    )
    assert cli(home, "run", "--until", "ANALYZED", env=env).code == 0
    return home


def cases(home: Path) -> list[str]:
    path = home / "results" / "test_results.json"
    return [case["text"] for case in json.loads(path.read_text())["cases_answered"]]


@pytest.mark.slow
def test_more_cases_are_asked_without_a_training(
    evaluated: Path, cli: Any, env: dict[str, str], azure: Any
) -> None:
    """They join those that the project has, whose answers are paid for."""
    more = evaluated / "más.csv"
    more.write_text(NEW)
    before = azure.counts()
    ended = cli(evaluated, "evaluate", "--cases", str(more), env=env)
    assert ended.code == 0, ended.text
    assert "más.csv" in ended.out
    assert "2 test cases are added to 1: 3 now." in ended.out
    assert "3 test cases" in ended.out
    assert "of 3" in ended.out  # the reading
    assert len(cases(evaluated)) == 3
    after = azure.counts()
    assert after["chat"] - before["chat"] == 2
    assert after["create_job"] == before["create_job"]


@pytest.mark.slow
def test_a_running_daemon_asks_them(
    evaluated: Path, cli: Any, env: dict[str, str], daemon: Any, eventually: Any, state_of: Any
) -> None:
    running = daemon(evaluated, env=env)
    eventually((evaluated / "data" / "agent.pid").exists)
    eventually(lambda: cli(evaluated, "status", "--json", env=env).json["daemon"]["running"])
    more = evaluated / "more.csv"
    more.write_text(NEW)
    given = ("--cases", str(more), "--replace")
    ended = cli(evaluated, "evaluate", "tienda", *given, env=env)
    assert ended.code == 0, ended.text
    assert "A daemon is running" in ended.out
    results = evaluated / "results" / "improvement_analysis.json"
    eventually(lambda: state_of(evaluated) == "ANALYZED" and results.exists())
    eventually(lambda: len(cases(evaluated)) == 2)
    assert running.end(signal.SIGTERM).code == 0


def test_a_mistake_is_told_with_its_row_and_changes_nothing(
    evaluated: Path, cli: Any, env: dict[str, str], state_of: Any
) -> None:
    wrong = evaluated / "mal.csv"
    wrong.write_text("frase;intención\nQuita esa luz;apagarr\n")
    own = evaluated / "data" / "raw" / "test_cases.json"
    before = own.read_bytes()
    ended = cli(evaluated, "evaluate", "tienda", "--cases", str(wrong), env=env)
    assert ended.code == 2
    assert "mal.csv" in ended.err
    assert "2" in ended.err
    assert "apagar" in ended.err
    assert "Traceback" not in ended.text
    assert (own.read_bytes(), state_of(evaluated)) == (before, "ANALYZED")
    ended = cli(evaluated, "evaluate", "tienda", "--text", "frase", env=env)
    assert (ended.code, "only with `--cases FILE`" in ended.err) == (2, True)


def test_imported_cases_are_asked_by_evaluate(
    evaluated: Path, cli: Any, env: dict[str, str]
) -> None:
    """`import` says so: no new training is needed. And asked in other words, if wanted."""
    more = evaluated / "more.csv"
    more.write_text(NEW)
    ended = cli(evaluated, "import", "tienda", "--cases", str(more), "--replace", env=env)
    assert ended.code == 0, ended.text
    assert "`evaluate tienda`" in ended.out
    assert "--restart" not in ended.out
    ended = cli(evaluated, "evaluate", "tienda", "--robustness", env=env)
    assert ended.code == 0, ended.text
    assert len(cases(evaluated)) == 2
    assert "For the robustness up to 6 more sentences are asked" in ended.out
    assert "keep their answer" in ended.out
    told = json.loads((evaluated / "results" / "test_results.json").read_text())["robustness"]
    assert {one["perturbation"]: one["cases"] for one in told} == {
        "other_case": 2,
        "typo": 2,
        "courtesy": 2,
    }
