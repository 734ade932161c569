"""`gate`: an exit code that a pipeline can trust, and JUnit that its reader can show."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from agent.cli.gate import COMMAND
from agent.resources.catalog import PackagedCatalog
from agent.views.language import translator
from states.errors import SettingsError
from states.evaluation.analysis import Subject, analyze
from states.evaluation.answers import Evaluation, RivalKind
from states.evaluation.loss_curve import LossCurve
from states.evaluation.scores import score
from states.facts import Facts
from states.model import Project
from states.stages import Analyzed, Evaluated
from states.state import State
from states.text import say
from tests.unit.trials import split, trial

NOW = 1_800_000_000.0
BASE, LOCAL = RivalKind.BASE, RivalKind.LOCAL


class App:
    """What `gate` uses of the application, with one project."""

    def __init__(self, evaluation: Evaluation | None, target: float | None = None) -> None:
        self.project = Project(
            "soporte", "00c0ffee", "emulator", State.DEPLOYED, 1, 5, NOW, NOW, None, None, 0, None,
            Facts(),
        )  # fmt: skip
        self.translate = translator("en")
        if evaluation is None:
            return
        subject = Subject(evaluation, LossCurve(), "soporte", "results", "data", target=target)
        analysis, total = analyze(subject, PackagedCatalog().service), score(evaluation.graded)
        verdict = analysis.verdict
        assert verdict is not None
        facts = Facts(
            evaluated=Evaluated("e", total.cases, total.correct, total.accuracy),
            analyzed=Analyzed(analysis.grade, "a", verdict.word.value, verdict.ship.value),
        )
        self.project = replace(self.project, state=State.ANALYZED, facts=facts)
        self.result_content = SimpleNamespace(
            read_analysis=lambda _: analysis, read_evaluation=lambda *_: evaluation
        )

    def find(self, _name: str | None) -> Project:
        return self.project


def gate(app: App, junit: Path | None = None) -> int:
    found: Any = app
    return COMMAND.action(found, argparse.Namespace(project="soporte", junit=junit and str(junit)))


@pytest.mark.parametrize(
    ("tuned", "base", "target", "code"),
    [
        (38, 20, None, 0),
        (38, 20, 0.8, 0),
        (20, 38, None, 1),
        (30, 10, 0.95, 1),  # better, and certainly below the target: not to be shipped
        (30, 28, None, 3),
        (38, 20, 0.95, 3),  # better, and perhaps below the target
    ],
)
def test_the_exit_code_says_whether_to_ship(
    tuned: int, base: int, target: float | None, code: int
) -> None:
    """A pipeline that goes on with 0 ships nothing that misses its target."""
    assert gate(App(trial(split(tuned, 40), {BASE: split(base, 40)}), target)) == code


def test_what_has_no_verdict_is_undecided_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """No rival, no evaluation yet, a hold, an analysis of an older version."""
    assert gate(App(trial(split(38, 40)))) == 3
    assert "nothing to compare" in capsys.readouterr().out
    early = App(None)
    assert gate(early) == 3
    assert "it is in DEPLOYED, and gets one in ANALYZED" in capsys.readouterr().out
    early.project = replace(early.project, hold=say("Read the labels again."))
    assert gate(early) == 3
    assert "held in DEPLOYED. Read the labels again." in capsys.readouterr().out
    old = App(trial(split(38, 40), {BASE: split(20, 40)}))
    old.project = replace(
        old.project, facts=replace(old.project.facts, analyzed=Analyzed("A", None))
    )
    assert gate(old) == 3
    assert "`evaluate soporte` gives one" in capsys.readouterr().out


def test_junit_has_a_test_case_for_the_whole_each_rival_and_the_target(tmp_path: Path) -> None:
    """As CI systems read it: counts that are true, a failure or a skip inside its case."""
    rivals = {BASE: split(20, 40), LOCAL: split(37, 40)}
    path = tmp_path / "reports" / "gate.xml"
    assert gate(App(trial(split(38, 40), rivals), 0.9), path) == 3
    root = Xml.fromstring(path.read_bytes())  # noqa: S314 -- our own
    (suite,) = root
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "ship": ["skipped"],
        "better than base: un base": ["system-out"],
        "better than local: un local": ["skipped"],
        "reaches the target": ["skipped"],
    }
    for element in (root, suite):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == (
            "4",
            "0",
            "0",
        )
    assert suite.get("skipped") == "3"
    assert suite.get("timestamp") == "2027-01-15T08:00:00"
    assert {case.get("classname") for case in cases.values()} == {"afinador.soporte"}
    assert suite[-1].tag == "system-out"
    assert gate(App(trial(split(20, 40), {BASE: split(38, 40)}), 0.9), path) == 1
    root = Xml.fromstring(path.read_bytes())  # noqa: S314 -- our own
    failed = [
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    ]
    assert failed == ["ship", "better than base: un base", "reaches the target"]
    assert root.get("failures") == "3"


def test_a_name_that_looks_like_markup_stays_text(tmp_path: Path) -> None:
    """And what XML cannot hold at all is replaced."""
    hostile = '<script>&"]]>\x00\x1b'
    base = [number % 4 != 1 or number > 16 for number in range(40)]
    evaluation = trial(split(40, 40), {BASE: base}, intents=("a", hostile, "c", "d"))
    (rival,) = evaluation.rivals
    evaluation = replace(evaluation, rivals=(replace(rival, name=hostile),))
    path = tmp_path / "gate.xml"
    assert gate(App(evaluation), path) == 3
    root = Xml.fromstring(path.read_bytes())  # noqa: S314 -- our own
    names = [str(case.get("name")) for case in root.iter("testcase")]
    assert names[1] == 'better than base: <script>&"]]>\ufffd\ufffd'
    assert "<script>" in str(root.findtext("testsuite/system-out"))
    assert root.find(".//script") is None


def test_a_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    """With the path; the pipeline must not take it for a verdict."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        gate(App(trial(split(38, 40))), tmp_path / "file" / "gate.xml")
