"""Checkpoints and pauses of a training, through the command line, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from states.places import Result, place_of

SAID = {
    "es": {
        "best": "menor pérdida de validación",
        "deployed": "desplegado como tienda-",
        "gone": "ya no está en el servicio",
        "already": "ya es el modelo de tienda",
        "none": "El servicio no conserva ningún checkpoint del paso 7 (conserva:",
        "paused": "en pausa como pediste: se reanuda con `resume tienda`",
        "not yet": "cuando el entrenamiento haya terminado",
        "goes on": "continúa (",
        "refused": "no se pone en pausa y sigue como estaba",
        "over": "solo se puede pausar un entrenamiento en marcha",
    },
    "en": {
        "best": "lowest validation loss",
        "deployed": "deployed as tienda-",
        "gone": "is gone from the service",
        "already": "is the model of tienda already",
        "none": "The service keeps no checkpoint of step 7 (it keeps:",
        "paused": "paused as you asked: `resume tienda` lets it go on",
        "not yet": "once the training is over",
        "goes on": "goes on (",
        "refused": "is not paused, and goes on as it was",
        "over": "only a training that goes on can be paused",
    },
}


SLOW = pytest.mark.slow  # in `make test` one language


@pytest.fixture
def env(azure: Any, language: str) -> dict[str, str]:
    return {**azure.azure, "AGENT_DEPLOY": "auto", "AGENT_LANGUAGE": language}


@pytest.fixture
def tienda(home: Path, small_set: Any) -> Path:
    """A home with a few sentences of its own."""
    small_set(home)
    return home


@pytest.mark.parametrize("language", ["es", pytest.param("en", marks=SLOW)])
@pytest.mark.slow
def test_another_checkpoint_is_deployed_asked_and_compared(
    tienda: Path, cli: Any, env: dict[str, str], language: str
) -> None:
    """One training, and at the end one deployment: that of the checkpoint."""
    said = SAID[language]
    run = ("run", "--until", "ANALYZED")
    assert cli(tienda, *run, env=env).code == 0
    shown = cli(tienda, "checkpoints", env=env)
    told = " ".join(shown.out.split())
    assert shown.code == 0 and said["best"] in told and said["deployed"] in told
    last, *others = cli(tienda, "checkpoints", "--json", env=env).json["checkpoints"]
    assert last["final"] and last["chosen"] and last["deployment"] and len(others) == 2
    refused = cli(tienda, "advance", "tienda", "--checkpoint", "7", env=env)
    assert refused.code == 2 and said["none"] in refused.err
    step = others[-1]["step"]
    taken = cli(tienda, "advance", "tienda", "--checkpoint", str(step), env=env)
    assert taken.code == 0 and said["gone"] in taken.out
    assert f":ckpt-step-{step} (" in taken.out
    assert cli(tienda, *run, env=env).code == 0
    [project] = cli(tienda, "status", "--json", env=env).json["projects"]
    assert (project["generation"], project["checkpoint"]) == (2, step)
    [hosted] = hosted_by_tienda(cli, tienda, env)
    assert (hosted["model"], hosted["made_by"]) == (others[-1]["model"], "agent")
    compared = cli(tienda, "compare", "tienda", "--json", env=env).json
    assert compared["first"]["model"] == others[-1]["model"]
    assert compared["second"]["model"] == last["model"]
    assert others[-1]["model"] in (tienda / place_of(Result.REPORT_MD, "tienda")).read_text()
    again = cli(tienda, "advance", "tienda", "--checkpoint", str(step), env=env)
    assert again.code == 0 and said["already"] in again.out
    cli(tienda, "teardown", "tienda", env=env)
    assert hosted_by_tienda(cli, tienda, env) == []


def hosted_by_tienda(cli: Any, home: Path, env: dict[str, str]) -> list[Any]:
    """The account has those of other tests as well."""
    listed = cli(home, "deployments", "--json", env=env).json["deployments"]
    return [one for one in listed if one["project"] == "tienda"]


@pytest.mark.slow
@pytest.mark.parametrize("language", list(SAID))
def test_a_training_is_paused_and_resumed_while_the_daemon_runs(
    tienda: Path,
    cli: Any,
    daemon: Any,
    env: dict[str, str],
    azure: Any,
    language: str,
    eventually: Callable[..., None],
) -> None:
    """By commands beside it; what the service refuses is told, and stops nothing."""
    said = SAID[language]
    azure.behave(train_seconds=40)
    before = azure.counts()

    def job() -> Any:
        projects = cli(tienda, "status", "--json", env=env).json["projects"]
        return projects[0]["job"] if projects else {"status": None}

    running = daemon(tienda, "--until", "ANALYZED", env=env)
    eventually(lambda: "running, " in cli(tienda, "status", env=env).out)
    no = {"error": {"code": "invalidPayload", "message": "Not this one."}}
    azure.fault({"kind": "answer", "status": 400, "body": no}, path="/pause$")
    refused = cli(tienda, "pause", env=env)
    assert refused.code == 1 and said["refused"] in refused.out and "Not this one" in refused.out
    paused = cli(tienda, "pause", env=env)
    assert paused.code == 0 and said["paused"] in paused.out, paused.text
    assert job()["paused_since"]
    assert cli(tienda, "checkpoints", "--json", env=env).json["checkpoints"]
    chosen = cli(tienda, "advance", "tienda", "--checkpoint", "best", env=env)
    assert chosen.code == 2 and said["not yet"] in chosen.err
    azure.behave(train_seconds=6)
    resumed = cli(tienda, "resume", env=env)
    assert resumed.code == 0 and said["goes on"] in resumed.out
    assert running.process.wait(60) == 0
    over = cli(tienda, "pause", env=env)
    assert over.code == 2 and said["over"] in over.err
    after = azure.counts()
    for act in ("create_job", "pause_job", "resume_job"):
        assert after[act] - before[act] == 1, act
