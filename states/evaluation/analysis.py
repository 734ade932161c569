"""The analysis of an evaluation: what the figures mean, and what to change next.

Made once by analyze.py, as texts with values. Thresholds: states/catalog/service.toml, [analysis].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from states.evaluation import uncounted
from states.evaluation.answers import Evaluation
from states.evaluation.comparison import compare_rivals
from states.evaluation.evidence import Evidence, Suggestion
from states.evaluation.finishes import advise
from states.evaluation.goal import Goal, compare
from states.evaluation.loss_curve import LossCurve
from states.evaluation.next_steps import begin, follow
from states.evaluation.out_of_scope import describe_out_of_scope
from states.evaluation.scores import Score, grade, score
from states.evaluation.stability import describe_robustness
from states.evaluation.standing import describe_standing
from states.evaluation.suggestions import suggest
from states.evaluation.verdict import Verdict, judge
from states.text import Text, say

NO_GRADE = "—"


@dataclass(frozen=True)
class Analysis:
    """What is said of an evaluation. `next_steps`: what a person would do now, in order."""

    grade: str
    reading: Text
    suggestions: tuple[Suggestion, ...]
    next_steps: tuple[Text, ...]
    goal: Goal | None = None  # of a project that wants a certain accuracy
    grade_low: str | None = None  # of the low end of the interval; None from an older version
    standing: Text | None = None  # both grades in words, and what the average hides
    verdict: Verdict | None = None  # None from an older version

    def as_json(self) -> dict[str, Any]:
        return {
            "grade": self.grade,
            "reading": self.reading.as_json(),
            "suggestions": [suggestion.as_json() for suggestion in self.suggestions],
            "next_steps": [step.as_json() for step in self.next_steps],
            "goal": self.goal and self.goal.as_json(),
            "grade_low": self.grade_low,
            "standing": self.standing and self.standing.as_json(),
            "verdict": self.verdict and self.verdict.as_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Analysis:
        return Analysis(
            grade=data["grade"],
            reading=_text(data["reading"]),
            suggestions=tuple(map(Suggestion.from_json, data["suggestions"])),
            next_steps=tuple(_text(step) for step in data["next_steps"]),
            goal=Goal.from_json(data.get("goal")),
            grade_low=data.get("grade_low"),
            standing=Text.from_json(data.get("standing")),
            verdict=Verdict.from_json(data.get("verdict")),
        )


def _text(data: Mapping[str, Any]) -> Text:
    text = Text.from_json(data)
    if text is None:
        raise ValueError("a text of the analysis is missing")
    return text


@dataclass(frozen=True)
class Subject:
    """What is analyzed: the answers, the loss curve, and the names that the advice mentions."""

    evaluation: Evaluation
    curve: LossCurve
    project: str
    results_place: str
    examples_place: str
    guide_place: str = ""  # of the file that says how the deployment is called
    report_place: str = ""  # of the page for people; without one they read the results
    target: float | None = None  # the accuracy that the project wants, 0..1
    epochs: int | None = None  # that the model was trained for
    suspects: Sequence[tuple[str, str]] = ()  # states/evaluation/evidence.py
    step: int | None = None  # states/evaluation/evidence.py


def analyze(subject: Subject, service: Mapping[str, Any]) -> Analysis:
    """The analysis, by the bounds and grades of the catalogue `service`."""
    cases = subject.evaluation.graded
    if not cases:
        nothing = _analyze_nothing(subject.evaluation, subject.results_place)
        return replace(nothing, verdict=judge(subject.evaluation, subject.target))
    total, bounds = score(cases), service["analysis"]
    evidence = Evidence(
        subject.evaluation,
        subject.curve,
        subject.epochs,
        subject.suspects,
        subject.project,
        subject.step,
    )
    suggestions = tuple(suggest(evidence, bounds))
    verdict = judge(subject.evaluation, subject.target)
    return Analysis(
        grade=grade(total.accuracy or 0.0, service["grades"]),
        reading=_tell_aside(read(total, service["grades"]), subject.evaluation),
        suggestions=suggestions,
        next_steps=tuple(_advise(subject, verdict, suggestions, bounds["promising_low"])),
        goal=None if subject.target is None else compare(total, subject.target),
        grade_low=grade(total.interval[0], service["grades"]),
        standing=describe_standing(cases, service),
        verdict=verdict,
    )


def _tell_aside(reading: Text, evaluation: Evaluation) -> Text:
    """The reading with what belongs beside it."""
    told = uncounted.mention(reading, evaluation)
    asides = describe_out_of_scope(evaluation), describe_robustness(evaluation.robustness or ())
    for aside in asides:
        told = told if aside is None else say("{reading} {aside}", reading=told, aside=aside)
    return told


def _analyze_nothing(evaluation: Evaluation, place: str) -> Analysis:
    """Without one answer that counts there is no grade, not even the worst."""
    advice = tuple(_advise_on_answers(evaluation, place))
    return Analysis(NO_GRADE, uncounted.read_nothing(evaluation), (), advice)


def _advise_on_answers(evaluation: Evaluation, place: str) -> list[Text]:
    return [*advise(evaluation.finishes, place), *uncounted.advise(evaluation, place)]


def read(total: Score, grades: Sequence[Mapping[str, Any]]) -> Text:
    """The score in words, with its interval and the grades that the interval spans."""
    low, high = total.interval
    worst, best = grade(low, grades), grade(high, grades)
    percents = {"low": round(low * 100), "high": round(high * 100)}
    if worst == best:
        return say(
            "{correct} of {count} right. With {count} case the true accuracy lies, with 95 %"
            " confidence, between {low} % and {high} %: grade {grade} all the way.",
            "{correct} of {count} right. With {count} cases the true accuracy lies, with 95 %"
            " confidence, between {low} % and {high} %: grade {grade} all the way.",
            count=total.cases,
            correct=total.correct,
            **percents,
            grade=best,
        )
    return say(
        "{correct} of {count} right. With {count} case the true accuracy lies, with 95 %"
        " confidence, between {low} % and {high} %: grades from {worst_grade} to {best_grade}.",
        "{correct} of {count} right. With {count} cases the true accuracy lies, with 95 %"
        " confidence, between {low} % and {high} %: grades from {worst_grade} to {best_grade}.",
        count=total.cases,
        correct=total.correct,
        **percents,
        worst_grade=worst,
        best_grade=best,
    )


def _advise(
    subject: Subject, verdict: Verdict, suggestions: Sequence[Suggestion], promising_low: float
) -> list[Text]:
    """What the verdict calls for comes first, and is said once."""
    evaluation, total = subject.evaluation, score(subject.evaluation.graded)
    comparisons = compare_rivals(evaluation)
    steps = list(begin(verdict, comparisons, total.cases, subject.project, subject.guide_place))
    steps += _advise_on_answers(evaluation, subject.results_place)
    if total.correct < total.cases:
        steps.append(
            say(
                "Read the wrong answers in {place}: each is a sentence the customers might write."
                " `export-errors {project}` puts them into a spreadsheet.",
                place=subject.report_place or subject.results_place,
                project=subject.project,
            )
        )
    steps += follow(
        suggestions,
        subject.project,
        subject.examples_place,
        but_cases=verdict.cases_to_decide is not None,
    )
    low = total.interval[0]
    if low >= promising_low:
        steps.append(
            say(
                "Try the model on real conversations: its accuracy is {low} % or more, with 95 %"
                " confidence.",
                low=round(low * 100),
            )
        )
    return steps
