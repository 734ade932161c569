"""A database that version 0.1 wrote opens and goes on, in whichever state it was left.

database_0_1/ holds one for each state: the dump of the database, and what the service held. They
were written by that version, with the desk of its own unit tests.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from states.places import Artifact, Result, place_of
from states.remote import JobSpec
from states.state import State
from store.engine import open_engine
from store.migrate import upgrade
from store.sql import SqlStore
from tests.fake_objects import File, Job
from tests.unit.desk import Desk

OLD = Path(__file__).parent / "database_0_1"
SENTENCES = {
    "encender": ["Enciende la luz del salón", "Pon la lámpara", "Dale a la luz", "Que haya luz",
                 "Enciende la cocina", "Luz, por favor", "Más luz aquí", "Quiero claridad",
                 "Ilumina el cuarto", "Pon la lámpara"],
    "apagar": ["Apaga la luz del salón", "Quita la lámpara", "Corta la luz", "Déjalo a oscuras",
               "Apaga la cocina", "Fuera luces", "Menos luz aquí", "Quiero oscuridad",
               "Apaga el cuarto"],
}  # fmt: skip
CASES = [{"text": f"caso {n}", "expected": "apagar" if n % 2 else "encender"} for n in range(4)]


@pytest.fixture
def old_desk(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Iterator[Desk]:
    """The desk of the state that the test asks for, as version 0.1 left it."""
    label, name = request.param
    path = tmp_path / "agent.db"
    connection = sqlite3.connect(path)
    connection.executescript(gzip.decompress((OLD / f"{label}.sql.gz").read_bytes()).decode())
    connection.close()
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    desk = Desk(home, SqlStore(engine))
    desk.write(place_of(Artifact.EXAMPLES, name), SENTENCES)
    desk.write(place_of(Artifact.CASES, name), CASES)
    _fill_cloud(desk, json.loads((OLD / f"{label}.json").read_text()))
    yield desk
    desk.store.close()


def _fill_cloud(desk: Desk, held: dict[str, Any]) -> None:
    desk.clock.set_wall(held["wall"] + 1)
    desk.cloud.answer = "apagar"
    desk.cloud.job_status = held["job_status"]
    desk.cloud.files = {name: File(name, filename) for name, filename in held["files"].items()}
    jobs = held["jobs"].items()
    desk.cloud.jobs = {name: Job(name, JobSpec(**spec), suffix) for name, (spec, suffix) in jobs}
    for name, (model, status) in held["deployments"].items():
        desk.cloud.deploy_by_hand(name, model, status)


def _left_in(state: str, name: str = "tienda") -> Any:
    return pytest.param((state, name), id=state)


ON_THE_WAY = [s.value for s in State if s not in (State.FAILED, State.CANCELLED)]


@pytest.mark.parametrize("old_desk", [_left_in(state) for state in ON_THE_WAY], indirect=True)
def test_it_goes_on_to_the_end_and_pays_nothing_twice(
    old_desk: Desk, request: pytest.FixtureRequest
) -> None:
    """From every state on the way; what it had uploaded, created and been answered counts."""
    project = old_desk.project()
    assert project.state.value == request.node.callspec.id
    made = len(old_desk.cloud.jobs)
    if project.state is State.AWAITING_DEPLOY:  # by a person, as it was begun
        assert project.facts.requested is not None
        assert project.facts.trained is not None
        old_desk.wish(deploy_automatically=False)
        name = project.facts.requested.name
        old_desk.cloud.deploy_by_hand(name, project.facts.trained.model)
    done = old_desk.go(State.ANALYZED)
    assert done.generation == 1
    assert (len(old_desk.cloud.files), len(old_desk.cloud.jobs)) == (2, 1)
    assert old_desk.cloud.sent.count("create_job") == 1 - made
    assert done.facts.evaluated is not None
    assert done.facts.evaluated.accuracy == 0.5


@pytest.mark.parametrize(
    "old_desk", [_left_in("FAILED"), _left_in("CANCELLED"), _left_in("HELD")], indirect=True
)
def test_a_decision_takes_it_up_again(old_desk: Desk) -> None:
    """What had failed remotely or been cancelled gets a new generation; a hold goes on."""
    before = old_desk.project()
    assert before.hold is not None or before.state.is_terminal
    old_desk.cloud.job_status = "succeeded"
    old_desk.decisions.retry("tienda", restore=before.hold is not None, restart=False)
    after = old_desk.go(State.ANALYZED)
    assert after.generation == (1 if before.hold else 2)


@pytest.mark.parametrize("old_desk", [_left_in("OTHER", "otra")], indirect=True)
def test_a_project_below_projects_finds_its_files(old_desk: Desk) -> None:
    """Its facts named their place; now they name the artifact."""
    project = old_desk.project("otra")
    artifacts = old_desk.ports_for(project).artifacts
    assert artifacts.load(Artifact.TRAINING) == artifacts.recorded(Artifact.TRAINING)
    assert artifacts.place(Artifact.TRAINING) == "data/projects/otra/training/train_data.jsonl"


@pytest.mark.parametrize("old_desk", [_left_in("ANALYZED")], indirect=True)
def test_its_results_are_written_again_as_they_were(old_desk: Desk) -> None:
    """The same names, keys and figures; only advice and commands may be worded anew."""
    old_desk.results.publish(old_desk.project())
    before = json.loads((OLD / "ANALYZED.results.json").read_text())
    for result in (one for one in Result if one.endswith(".json")):
        now = json.loads((old_desk.home / result).read_text())
        then = before[Path(result).name]
        assert then.keys() <= now.keys()
        reworded = {"guide", "next_steps", "reading", "suggestions"}
        for case in now.get("cases_answered", ()):
            assert case.pop("finish_reason") == "stop"  # which that version did not ask for
            for unknown in ("probability", "prompt_tokens", "completion_tokens"):
                assert case.pop(unknown) is None
        for intent, figures in now.get("per_intent", {}).items():  # of which there are more now
            now["per_intent"][intent] = {k: figures[k] for k in then["per_intent"][intent]}
        assert {k: now[k] for k in then.keys() - reworded} == {
            k: then[k] for k in then.keys() - reworded
        }
