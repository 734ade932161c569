"""The analysis of an evaluation: what the figures mean, and what to change next.

Made once by analyze.py, as texts with values. Thresholds: states/catalog/service.toml, [analysis].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.intents.answers import Evaluation
from states.intents.goal import Goal, compare
from states.intents.verdict import (
    Score,
    cases_for_half_width,
    find_extremes,
    grade,
    score,
    score_per_intent,
)
from states.text import Text, say


@dataclass(frozen=True)
class Suggestion:
    """One thing to change, with its reason. `kind`: a stable word for programs."""

    kind: str
    text: Text


@dataclass(frozen=True)
class Analysis:
    """What is said of an evaluation. `next_steps`: what a person would do now, in order."""

    grade: str
    reading: Text
    suggestions: tuple[Suggestion, ...]
    next_steps: tuple[Text, ...]
    goal: Goal | None = None  # of a project that wants a certain accuracy

    def as_json(self) -> dict[str, Any]:
        return {
            "grade": self.grade,
            "reading": self.reading.as_json(),
            "suggestions": [{"kind": s.kind, "text": s.text.as_json()} for s in self.suggestions],
            "next_steps": [step.as_json() for step in self.next_steps],
            "goal": self.goal and self.goal.as_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Analysis:
        return Analysis(
            grade=data["grade"],
            reading=_text(data["reading"]),
            suggestions=tuple(Suggestion(s["kind"], _text(s["text"])) for s in data["suggestions"]),
            next_steps=tuple(_text(step) for step in data["next_steps"]),
            goal=Goal.from_json(data.get("goal")),
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
    curve: Sequence[Mapping[str, Any]]  # rows of the loss curve, as loss_curve.parse gives them
    project: str
    results_place: str
    examples_place: str
    target: float | None = None  # the accuracy that the project wants, 0..1


def analyze(subject: Subject, service: Mapping[str, Any]) -> Analysis:
    """The analysis, by the bounds and grades of the catalogue `service`."""
    cases = subject.evaluation.cases
    total, per_intent = score(cases), score_per_intent(cases)
    bounds = service["analysis"]
    suggestions = tuple(suggest(total, per_intent, subject.curve, bounds))
    return Analysis(
        grade=grade(total.accuracy or 0.0, service["grades"]),
        reading=read(total, service["grades"]),
        suggestions=suggestions,
        next_steps=tuple(_advise(subject, total, suggestions, bounds["promising_low"])),
        goal=None if subject.target is None else compare(total, subject.target),
    )


def read(total: Score, grades: Sequence[Mapping[str, Any]]) -> Text:
    """The score in words, with its interval and the grades that the interval spans."""
    low, high = total.interval
    worst, best = grade(low, grades), grade(high, grades)
    counts = {"correct": total.correct, "cases": total.cases}
    percents = {"low": round(low * 100), "high": round(high * 100)}
    if worst == best:
        return say(
            "{correct} of {cases} right. With {cases} cases the true accuracy lies, with 95 %"
            " confidence, between {low} % and {high} %: grade {grade} all the way.",
            **counts,
            **percents,
            grade=best,
        )
    return say(
        "{correct} of {cases} right. With {cases} cases the true accuracy lies, with 95 %"
        " confidence, between {low} % and {high} %: grades from {worst_grade} to {best_grade}.",
        **counts,
        **percents,
        worst_grade=worst,
        best_grade=best,
    )


def suggest(
    total: Score,
    per_intent: Mapping[str, Score],
    curve: Sequence[Mapping[str, Any]],
    bounds: Mapping[str, Any],
) -> list[Suggestion]:
    """What to change next, each with its reason, the most useful first."""
    accuracy = total.accuracy or 0.0
    found: list[Suggestion] = []
    if accuracy < bounds["low_accuracy"]:
        found += _suggest_for_low(accuracy)
    found += _suggest_for_imbalance(per_intent, bounds["imbalance_gap"])
    found += _suggest_for_curve(curve, accuracy, bounds)
    low, high = total.interval
    if high - low >= bounds["wide_interval"]:
        text = say(
            "Add test cases: with {cases} the true accuracy may lie anywhere between {low} % and"
            " {high} %. About {wanted} cases would narrow that to ± 5 points.",
            cases=total.cases,
            low=round(low * 100),
            high=round(high * 100),
            wanted=cases_for_half_width(accuracy, 0.05),
        )
        found.append(Suggestion("more_cases", text))
    return found


def _suggest_for_imbalance(per_intent: Mapping[str, Score], least: float) -> list[Suggestion]:
    best, worst = find_extremes(per_intent)
    # Rounded: in floating point 1.0 - 0.8 is a little less than the bound of 0.2.
    gap = round((per_intent[best].accuracy or 0.0) - (per_intent[worst].accuracy or 0.0), 4)
    if gap < least:
        return []
    # Where the intervals overlap, another handful of cases could reverse the order.
    is_certain = per_intent[best].interval[0] > per_intent[worst].interval[1]
    values: dict[str, str | int] = {"worst": worst, "best": best, "gap": round(gap * 100)}
    if is_certain:
        text = say(
            "Write more sentences for {worst}: it is {gap} points behind {best}, so new examples"
            " pay most there.",
            **values,
        )
    else:
        text = say(
            "Look at {worst} first: it is {gap} points behind {best}. With so few test cases that"
            " may be chance, so add some for it; if it stays behind, write more sentences for it.",
            **values,
        )
    return [Suggestion("balance", text)]


def _suggest_for_low(accuracy: float) -> list[Suggestion]:
    return [
        Suggestion(
            "more_data",
            say(
                "Collect more sentences for every intent: {percent} % is low, and few examples are"
                " the usual cause.",
                percent=round(accuracy * 100),
            ),
        ),
        Suggestion(
            "review_labels",
            say(
                "Read the labels again: sentences that two people would label differently teach the"
                " model to guess."
            ),
        ),
    ]


def _suggest_for_curve(
    curve: Sequence[Mapping[str, Any]], accuracy: float, bounds: Mapping[str, Any]
) -> list[Suggestion]:
    """Advice on hyper-parameters from the loss curve; none without one."""
    train = [row["train_loss"] for row in curve if row.get("train_loss") is not None]
    full = [row["full_valid_loss"] for row in curve if row.get("full_valid_loss") is not None]
    if len(full) > 1 and full[-1] > min(full) * bounds["overfitting"]:
        text = say(
            "Try fewer epochs: the validation loss was lowest ({lowest}) at evaluation {position}"
            " of {count} and has risen to {last} since: over-fitting.",
            lowest=round(min(full), 3),
            position=full.index(min(full)) + 1,
            count=len(full),
            last=round(full[-1], 3),
        )
        return [Suggestion("fewer_epochs", text)]
    if accuracy < bounds["good_accuracy"] and _is_still_high(train, bounds["underfitting"]):
        text = say(
            "Try more epochs, or a higher FINE_TUNING_LR_MULT: the training loss was still above"
            " half of where it began: under-fitting."
        )
        return [Suggestion("more_epochs", text)]
    return []


def _is_still_high(train: Sequence[float], share: float) -> bool:
    """True when the last tenth of the training losses is above `share` of the first tenth."""
    tenth = max(len(train) // 10, 1)
    return len(train) > 1 and sum(train[-tenth:]) > share * sum(train[:tenth])


def _advise(
    subject: Subject, total: Score, suggestions: Sequence[Suggestion], promising_low: float
) -> list[Text]:
    steps = [
        say(
            "Read the wrong answers in {place}: each is a sentence the customers might write.",
            place=subject.results_place,
        )
    ]
    if any(suggestion.kind != "more_cases" for suggestion in suggestions):
        steps.append(
            say(
                "Follow the first suggestion, change {place}, and run `retry {project} --restart`:"
                " a new training, paid again, and the deployment made by the agent, if any, is"
                " deleted first.",
                place=subject.examples_place,
                project=subject.project,
            )
        )
    low = total.interval[0]
    if low >= promising_low:
        steps.append(
            say(
                "Try the model on real conversations: even the low end of the interval is {low} %.",
                low=round(low * 100),
            )
        )
    return steps
