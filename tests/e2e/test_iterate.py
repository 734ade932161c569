"""`iterate` and what looks at two generations, with real processes and HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

MORE = "texto;intención\nDame luz en el pasillo;encender\nFuera esa lámpara;apagar\n"


@pytest.fixture
def env(azure: Any) -> dict[str, str]:
    return {**azure.azure, "AGENT_DEPLOY": "auto", "AGENT_LANGUAGE": "en"}


@pytest.mark.slow
def test_a_second_generation_is_compared_with_the_first_and_takes_its_place(
    home: Path, cli: Any, env: dict[str, str], small_set: Any, azure: Any
) -> None:
    """More sentences, other settings of its own, the same cases; one deployment is left."""
    small_set(home)
    (home / "data" / "raw" / "test_cases.json").write_text(
        json.dumps([{"text": "Pon luz en la escalera", "expected": "encender"}])
    )
    assert cli(home, "run", "--until", "ANALYZED", env=env).code == 0
    assert "Say what is to be different" in cli(home, "iterate", env=env).err
    (home / "más.csv").write_text(MORE)
    begun = cli(home, "iterate", "--examples", str(home / "más.csv"), "--epochs", "2", env=env)
    assert begun.code == 0, begun.text
    assert "2 sentences are added" in begun.out
    assert "generation 2, which is compared with generation 1" in begun.out
    assert "stays until the new one has answered" in begun.out
    waiting = cli(home, "status", env=env)
    assert "generation 2, from generation 1" in waiting.out
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 0, ended.text
    assert "takes its place" in ended.text
    [project] = cli(home, "status", "--json", env=env).json["projects"]
    assert (project["generation"], project["parent"]["deployment"]) == (2, None)
    results = json.loads((home / "results" / "test_results.json").read_text())
    assert "parent" in [one["kind"] for one in results["candidates"]]
    compared = cli(home, "compare", "tienda", "--json", env=env).json
    assert (compared["first"]["generation"], compared["second"]["generation"]) == (2, 1)
    assert compared["common_cases"] == 1
    before = azure.counts()["chat"]
    for is_new in (True, False):
        asked = cli(home, "ask", "Enciende la luz de la cocina", "--json", env=env).json
        assert (asked["generation"], asked["asked_now"]) == (2, is_new)
    assert azure.counts()["chat"] == before + 1
    assert "which is paid" in cli(home, "ask", "tienda", "Otra frase", env=env).err
