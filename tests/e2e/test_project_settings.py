"""Two projects in one home, each trained with its own settings."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from states.places import Artifact, Result, place_of
from store.engine import open_engine
from store.migrate import upgrade
from store.sql import SqlStore

OWN = {"epochs": 2, "seed": 7, "train_split": 0.6, "system_prompt": "Clasifica: {comprar, …}."}


def test_each_project_is_trained_with_its_own_settings(cli: Any, home: Path) -> None:
    """Over the real wire, to the end; what the second one does not say comes from the
    environment.
    """
    engine = open_engine(f"sqlite:///{home}/data/agent.db")
    upgrade(engine)
    store = SqlStore(engine)
    store.create("tienda", "00c0ffee", "emulator", time.time())
    store.create("propia", "0badcafe", "emulator", time.time(), OWN)
    store.close()
    cases = json.dumps([{"text": "Quiero comprar la camisa", "expected": "comprar"}])
    for name in ("tienda", "propia"):
        path = home / place_of(Artifact.CASES, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(cases, encoding="utf-8")

    environment = {"FINE_TUNING_EPOCHS": "3"}
    ended = cli(home, "run", "--until", "ANALYZED", env=environment)
    assert ended.code == 0, ended.err
    plain, own = (_tuning(home, name) for name in ("tienda", "propia"))
    assert (plain["hyperparameters_asked"]["n_epochs"], plain["seed"]) == (3, 42)
    assert (own["hyperparameters_asked"]["n_epochs"], own["seed"]) == (2, 7)
    assert own["hyperparameters_asked"]["batch_size"] == 1
    assert len(_rows(home, "tienda")) > len(_rows(home, "propia"))
    assert {row["messages"][0]["content"] for row in _rows(home, "propia")} == {
        OWN["system_prompt"]
    }


def test_a_model_that_is_named_is_judged_before_anything_is_read_or_written(
    cli: Any, home: Path
) -> None:
    """What the check would refuse is refused; what the catalogue does not know may be there."""
    refused = cli(home, "new", "rota", "--examples", "/nowhere.csv", "--model", "o4-mini")
    assert refused.code == 2 and "o4-mini no se entrena con ejemplos" in refused.err
    wrong = ("--sample", "--model", "gpt-oss-20b", "--training-type", "Standard")
    refused = cli(home, "new", "rota", *wrong)
    assert refused.code == 2 and "AGENT_TRAINING_TYPE" in refused.err
    words = "no conoce gpt-4.1-mni (¿querías decir `gpt-4.1-mini`?)"
    dry = cli(home, "new", "rota", "--sample", "--model", "gpt-4.1-mni", "--dry-run")
    assert dry.code == 0 and words in dry.err
    assert not (home / "data").exists()
    made = cli(home, "new", "rota", "--sample", "--model", "gpt-4.1-mni")
    assert made.code == 0 and words in made.err
    held = cli(home, "new", "otra", "--sample", env={"AZURE_OPENAI_MODEL": "o4-mini"})
    assert held.code == 1  # another setting, and it goes on


def _tuning(home: Path, name: str) -> Any:
    return json.loads((home / place_of(Result.TUNING_INFO, name)).read_bytes())


def _rows(home: Path, name: str) -> list[Any]:
    content = (home / place_of(Artifact.TRAINING, name)).read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]
