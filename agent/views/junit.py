"""The verdict as JUnit XML, in the form that Jenkins, GitLab and GitHub Actions read.

One test case for the whole, one for each rival, one for the target. What is undecided is skipped:
it neither passes nor fails. Names are the same in every language, since CI systems keep their
history by them. cli/gate.py calls this."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from agent.views.language import Translate
from states.evaluation.comparison import Comparison, Word
from states.evaluation.scores import Score
from states.evaluation.verdict import Ship, Verdict
from states.evaluation.verdict_texts import describe_comparison
from states.model import Project
from states.text import Rounded, Text, say

# What XML 1.0 cannot hold, however it is escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Judged:
    """A project at the gate. `headline`: the verdict in a word, or why there is none."""

    project: Project
    ship: Ship
    headline: Text
    verdict: Verdict | None = None
    comparisons: Sequence[Comparison] = ()

    @property
    def reasons(self) -> list[Text]:
        return [] if self.verdict is None else [self.verdict.ship_text, self.verdict.text]


@dataclass(frozen=True)
class _Check:
    """`outcome`: as of the whole: yes passes, no fails, undecided is skipped."""

    name: str
    outcome: Ship
    message: Text


def render_junit(judged: Judged, translate: Translate) -> bytes:
    """A document with one suite, UTF-8."""
    checks = [_check_ship(judged), *_check_rivals(judged), *_check_target(judged)]
    counts = {
        "tests": str(len(checks)),
        "failures": str(sum(check.outcome is Ship.NO for check in checks)),
        "errors": "0",
        "time": "0",
    }
    root = Xml.Element("testsuites", {"name": "afinador", **counts})
    suite = Xml.SubElement(
        root,
        "testsuite",
        {
            "name": _clean(judged.project.name),
            **counts,
            "skipped": str(sum(check.outcome is Ship.UNDECIDED for check in checks)),
            "timestamp": datetime.fromtimestamp(judged.project.since, UTC).strftime(
                "%Y-%m-%dT%H:%M:%S"
            ),
        },
    )
    for check in checks:
        _add(suite, judged.project.name, check, translate)
    told = "\n".join(translate(text) for text in (judged.headline, *judged.reasons))
    Xml.SubElement(suite, "system-out").text = _clean(told)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _add(suite: Xml.Element, project: str, check: _Check, translate: Translate) -> None:
    names = {"classname": f"afinador.{_clean(project)}", "name": _clean(check.name), "time": "0"}
    case, message = Xml.SubElement(suite, "testcase", names), _clean(translate(check.message))
    if check.outcome is Ship.NO:
        Xml.SubElement(case, "failure", {"message": message, "type": "verdict"}).text = message
    elif check.outcome is Ship.UNDECIDED:
        Xml.SubElement(case, "skipped", {"message": message})
    else:
        Xml.SubElement(case, "system-out").text = message


def _check_ship(judged: Judged) -> _Check:
    verdict = judged.verdict
    return _Check("ship", judged.ship, verdict.ship_text if verdict else judged.headline)


def _check_rivals(judged: Judged) -> list[_Check]:
    outcomes = {Word.BETTER: Ship.YES, Word.WORSE: Ship.NO}
    return [
        _Check(
            f"better than {one.kind.value}: {one.name}",
            outcomes.get(one.word, Ship.UNDECIDED),
            describe_comparison(one, len(judged.comparisons)),
        )
        for one in judged.comparisons
    ]


def _check_target(judged: Judged) -> list[_Check]:
    """By the interval of the accuracy, as the verdict itself."""
    verdict, evaluated = judged.verdict, judged.project.facts.evaluated
    if verdict is None or verdict.target is None or evaluated is None:
        return []
    low, high = Score(evaluated.cases, evaluated.correct).interval
    outcome = Ship.YES if low >= verdict.target else Ship.UNDECIDED
    message = say(
        "{correct} of {cases} right: between {low} % and {high} % with 95 % confidence, where"
        " {target} % is wanted.",
        correct=evaluated.correct,
        cases=evaluated.cases,
        low=Rounded(low * 100, 1),
        high=Rounded(high * 100, 1),
        target=Rounded(verdict.target * 100, 1),
    )
    return [
        _Check("reaches the target", Ship.NO if high < verdict.target else outcome, message),
    ]


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
