"""results/: a view of the database that can always be written again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from agent.views.score import score_json, score_text
from states.facts import known
from states.state import State
from tests.unit.desk import Desk
from tests.unit.living import LIVING


def test_results_are_a_pure_view_of_the_store(desk: Desk) -> None:
    """Written twice, or after the folder is gone, or from the database alone elsewhere: the same
    bytes.
    """
    project = desk.go(State.ANALYZED)
    desk.results.publish(project)
    paths = desk.results.places_of(project)
    assert sorted(Path(path).name for path in paths) == [
        "deployment_info.json",
        "fine_tuning_info.json",
        "improvement_analysis.json",
        "report.html",
        "report.md",
        "test_results.json",
    ]
    first = {path: (desk.home / path).read_bytes() for path in paths}
    stamps = {path: (desk.home / path).stat().st_mtime_ns for path in paths}
    desk.results.publish(project)
    assert {
        path: (desk.home / path).stat().st_mtime_ns for path in paths
    } == stamps  # what is right is not written again
    (desk.home / paths[0]).write_text("damaged")
    (desk.home / paths[1]).unlink()
    elsewhere = replace(desk, home=desk.home.parent / "otra casa")
    for one in (desk, elsewhere):
        one.results.publish(project)
        assert {path: (one.home / path).read_bytes() for path in paths} == first


def test_what_an_earlier_generation_found_is_set_aside(desk: Desk) -> None:
    """It is neither lost nor taken for what is true now."""
    desk.results.publish(desk.go(State.ANALYZED))
    analysis = desk.home / "results/improvement_analysis.json"
    first = analysis.read_bytes()
    desk.decisions.retry("tienda", restore=False, restart=True)
    desk.results.publish(desk.go(State.TRAINING))
    assert not analysis.exists()
    assert (desk.home / "results/generation-1/improvement_analysis.json").read_bytes() == first
    assert json.loads((desk.home / "results/fine_tuning_info.json").read_text())["generation"] == 2
    assert desk.results.places_of(desk.project()) == ["results/fine_tuning_info.json"]
    desk.results.publish(desk.go(State.ANALYZED))
    assert json.loads(analysis.read_text())["generation"] == 2
    assert len(list((desk.home / "results/generation-1").iterdir())) == 6


def test_results_appear_as_they_become_known(desk: Desk) -> None:
    """Never before, and never with a gap."""
    seen: dict[State, int] = {}
    for state in [*LIVING, State.ANALYZED]:
        seen[state] = len(desk.results.places_of(desk.go(state)))
    assert list(seen.values()) == [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 6]


def test_the_guides_never_hold_a_key_and_quote_what_they_must(desk: Desk) -> None:
    """A custom intent with quotes of both kinds still gives runnable commands."""
    import shlex

    examples = {
        "d'acord": [f"frase {n}" for n in range(8)],
        'no "va"': [f"otra {n}" for n in range(8)],
    }
    desk.write("data/raw/intent_examples.json", examples)
    desk.results.publish(desk.go(State.AWAITING_DEPLOY))
    guide = json.loads((desk.home / "results/deployment_info.json").read_text())["guide"]
    compile(guide["python"], "guide", "exec")
    body = shlex.split(guide["curl"])[-1]
    system, user = (message["content"] for message in json.loads(body)["messages"])
    assert "d'acord" in system
    assert user in [sentence for sentences in examples.values() for sentence in sentences]
    assert user in guide["python"]
    assert "after" in guide


def test_a_project_of_version_0_1_has_its_interval_as_well(desk: Desk) -> None:
    """It kept the counts in the document of the answers alone; nothing is shown without them."""
    done = desk.go(State.ANALYZED)
    old = replace(known(done.facts.evaluated), cases=0, correct=0)
    former = replace(done, facts=replace(done.facts, evaluated=old))
    assert desk.results.with_counts(former) == done
    assert desk.results.with_counts(done) is done
    assert score_text(former) is None
    assert score_json(former)["interval_95"] is None
