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


def _tuning(home: Path, name: str) -> Any:
    return json.loads((home / place_of(Result.TUNING_INFO, name)).read_bytes())


def _rows(home: Path, name: str) -> list[Any]:
    content = (home / place_of(Artifact.TRAINING, name)).read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]
