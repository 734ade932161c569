"""results/ after a decision: what is gone is not shown, and what was stays what it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.resources.catalog import PackagedCatalog
from agent.views.result_content import ResultContent
from agent.views.status_json import status_json
from states.errors import Permanent
from states.model import Project
from states.places import Result
from states.state import State
from tests.unit.desk import Desk


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.*"))}


def read(desk: Desk, result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((desk.home / result).read_text())
    return found


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_generation_is_written_again_from_the_database(desk: Desk, language: str) -> None:
    """The folder is deleted, and `report` makes the same bytes of it, in either language."""
    results = desk.results_in(language)
    results.publish(desk.go(State.ANALYZED))
    desk.decisions.retry("tienda", restore=False, restart=True)
    results.publish(desk.go(State.ANALYZED))
    results.publish_everything(desk.project())
    folder = desk.home / "results"
    first, aside = written(folder), written(folder / "generation-1")
    assert (len(first), len(aside)) == (6, 6)
    of_json = [content for name, content in aside.items() if name.endswith(".json")]
    assert {json.loads(content)["generation"] for content in of_json} == {1}
    assert b"<!-- afinador: generation 1 -->" in aside["report.html"]
    assert aside["report.md"].startswith(b"<!-- afinador: generation 1 -->")
    for path in folder.rglob("*.*"):
        path.unlink()
    results.publish_everything(desk.project())
    assert (written(folder), written(folder / "generation-1")) == (first, aside)


def test_what_was_graded_stays_as_it_was_graded(desk: Desk) -> None:
    """A later catalogue has other bounds: letter, reading and advice are those of the day."""
    desk.results.publish(desk.go(State.ANALYZED))
    before = (desk.home / Result.ANALYSIS).read_bytes()
    stricter = PackagedCatalog()
    grades = [{**grade, "at_least": 1.1} for grade in desk.catalog.service["grades"][:-1]]
    bounds = {**desk.catalog.service["analysis"], "low_accuracy": 1.1, "wide_interval": 0.0}
    vars(stricter)["service"] = {
        **desk.catalog.service,
        "grades": [*grades, desk.catalog.service["grades"][-1]],
        "analysis": bounds,
    }
    desk.catalog = stricter
    desk.results.publish(desk.project())
    assert (desk.home / Result.ANALYSIS).read_bytes() == before


@pytest.mark.parametrize("state", [State.AWAITING_DEPLOY, State.ANALYZED])
def test_a_deployment_that_was_deleted_is_said_to_be(desk: Desk, state: State) -> None:
    """Neither results/ nor `status` names it as one that serves."""
    desk.results.publish(desk.go(state))
    assert read(desk, Result.DEPLOYMENT_INFO)["status"] in ("creating", "succeeded")
    desk.decisions.cancel("tienda", False)
    desk.tick()
    assert not desk.cloud.deployments
    assert desk.published[-1] == desk.project()
    desk.results.publish(desk.project())
    info = read(desk, Result.DEPLOYMENT_INFO)
    assert (info["status"], info["created_by_agent"]) == ("deleted", True)
    [shown] = status_json([desk.project()], None)["projects"]
    assert shown["deployment"] is None


def test_a_deployment_of_a_persons_is_still_shown_after_a_cancellation(desk: Desk) -> None:
    """It is there, and may cost money."""
    desk.wish(deploy_automatically=False)
    project = desk.go(State.AWAITING_DEPLOY)
    assert project.facts.trained is not None
    desk.cloud.deploy_by_hand("mia", project.facts.trained.model)
    desk.go(State.DEPLOYED)
    desk.decisions.cancel("tienda", False)
    desk.tick()
    desk.results.publish(desk.project())
    info = read(desk, Result.DEPLOYMENT_INFO)
    assert (info["deployment"], info["status"], info["created_by_agent"]) == (
        "mia",
        "succeeded",
        False,
    )
    assert "mia" in desk.cloud.deployments


def test_what_is_no_longer_known_is_no_longer_written(desk: Desk) -> None:
    """Sent back within its generation, a project has no such deployment any more."""
    desk.go(State.AWAITING_DEPLOY)
    desk.fault.append(Permanent("no use", remote=False))
    desk.tick()
    desk.results.publish(desk.project())
    assert (desk.home / Result.DEPLOYMENT_INFO).exists()
    desk.decisions.retry("tienda", restore=False, restart=False)
    desk.results.publish(desk.project())
    assert not (desk.home / Result.DEPLOYMENT_INFO).exists()
    assert (desk.home / Result.TUNING_INFO).exists()


def test_a_result_that_this_database_never_had_is_left_alone(desk: Desk) -> None:
    """The database was put back from an older copy: the file may be all that is left."""
    desk.go(State.TRAINING)
    orphan = desk.write(Result.TEST_RESULTS, {"generation": 1, "cases_answered": ["paid for"]})
    before = orphan.read_bytes()
    desk.results.publish(desk.project())
    assert orphan.read_bytes() == before


def test_an_earlier_generation_is_rendered_once_for_all_its_files(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20,000 cases it takes seconds, and the next generation begins in a move of a person's."""
    results = desk.results
    results.publish(desk.go(State.ANALYZED))
    rendered: list[int] = []
    render = ResultContent.render

    def counted(content: ResultContent, project: Project) -> Any:
        rendered.append(project.generation)
        return render(content, project)

    monkeypatch.setattr(ResultContent, "render", counted)
    results.publish(desk.decisions.retry("tienda", restore=False, restart=True))
    assert rendered == [1, 2]
    assert len(written(desk.home / "results" / "generation-1")) == 6
