"""What the answers are worth: accuracy with its interval, confusion, grade, and what to change next."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from states import places
from states.intents.examples import normalized
from states.model import Project
from states.text import Text, say

Answered = Mapping[
    str, Any
]  # a case with its answer: text, expected, kind, answer, correct, latency_seconds, attempts
Z_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution

NO_INTENT = (  # stands in tables for an answer that names no intent; not a name a person would give one
    "(none)"
)


def wilson(correct: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927): honest for the small counts seen here. (0, 1) for no cases."""
    if total == 0:
        return (0.0, 1.0)
    share = correct / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = (
        z
        * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
        / (1 + z * z / total)
    )
    return (max(0.0, centre - half), min(1.0, centre + half))


def intent_in(answer: str, intents: Sequence[str]) -> str | None:
    """The intent an answer names: itself up to case, accents and punctuation; None for anything else."""
    by_form = {normalized(intent): intent for intent in intents}
    return by_form.get(normalized(answer))


def score(cases: Sequence[Answered]) -> dict[str, Any]:
    """cases, correct, accuracy (0..1, None without cases), interval_95 of the given cases."""
    correct = sum(bool(case["correct"]) for case in cases)
    low, high = wilson(correct, len(cases))
    return {
        "cases": len(cases),
        "correct": correct,
        "accuracy": round(correct / len(cases), 4) if cases else None,
        "interval_95": [round(low, 4), round(high, 4)],
    }


def grouped(cases: Sequence[Answered], key: str) -> dict[str, dict[str, Any]]:
    """The score of each group of cases, in order of appearance."""
    return {
        str(name): score([c for c in cases if c[key] == name])
        for name in dict.fromkeys(c[key] for c in cases)
    }


def confusion(cases: Sequence[Answered], intents: Sequence[str]) -> dict[str, dict[str, int]]:
    """expected -> answered -> count; an answer that is no intent counts as NO_INTENT."""
    matrix = {expected: dict.fromkeys([*intents, NO_INTENT], 0) for expected in intents}
    for case in cases:
        matrix[case["expected"]][case["predicted"] or NO_INTENT] += 1
    return matrix


def error_patterns(cases: Sequence[Answered]) -> list[dict[str, Any]]:
    """Wrong answers grouped by (expected, answered), the most frequent first, each with its sentences."""
    groups: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        if not case["correct"]:
            groups.setdefault((case["expected"], case["predicted"] or NO_INTENT), []).append(
                case["text"]
            )
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        {"expected": e, "answered": a, "count": len(texts), "texts": texts}
        for (e, a), texts in ranked
    ]


def grade(accuracy: float, bounds: Sequence[Mapping[str, Any]]) -> str:
    """The letter of the highest bound not above `accuracy`."""
    for bound in sorted(bounds, key=lambda b: -float(b["at_least"])):
        if accuracy >= bound["at_least"]:
            return str(bound["letter"])
    return str(bounds[-1]["letter"])


def variance_of(per_intent: Mapping[str, Mapping[str, Any]]) -> float:
    """Population variance of the intents' accuracies."""
    values = [
        float(entry["accuracy"]) for entry in per_intent.values() if entry["accuracy"] is not None
    ]
    if not values:
        return 0.0
    mean = sum(values) / len(values)
    return round(sum((value - mean) ** 2 for value in values) / len(values), 4)


def extremes(per_intent: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """(best, worst) intent by accuracy."""
    ranked = sorted(
        per_intent, key=lambda intent: (-(per_intent[intent]["accuracy"] or 0.0), intent)
    )
    return ranked[0], ranked[-1]


def suggestions(
    total: Answered, per_intent: Mapping[str, Any], curve: Sequence[Any], bounds: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What to change next: `{"kind", "text": Text}` each with its reason, the most useful first."""
    best, worst = extremes(per_intent)
    accuracy = total["accuracy"] or 0.0
    found: list[dict[str, Any]] = []
    if accuracy < bounds["low_accuracy"]:
        found += _for_low(accuracy)
    # Rounded: in floating point 1.0 - 0.8 is a little less than the bound of 0.2.
    gap = round((per_intent[best]["accuracy"] or 0.0) - (per_intent[worst]["accuracy"] or 0.0), 4)
    if gap >= bounds["imbalance_gap"]:
        # Where the intervals overlap, another handful of cases could turn it round.
        is_certain = per_intent[best]["interval_95"][0] > per_intent[worst]["interval_95"][1]
        found.append(_suggest("balance", _for_unbalanced(best, worst, gap, is_certain)))
    found += _for_curve(curve, accuracy, bounds)
    low, high = total["interval_95"]
    if high - low >= bounds["wide_interval"]:
        found.append(
            _suggest(
                "more_cases",
                say(
                    "Add test cases: with {cases} the true accuracy may lie anywhere between {low}"
                    " % and {high} %. About {wanted} cases would narrow that to ± 5 points.",
                    cases=total["cases"],
                    low=round(low * 100),
                    high=round(high * 100),
                    wanted=_cases_for_half_width(accuracy, 0.05),
                ),
            )
        )
    return found


def _for_unbalanced(best: str, worst: str, gap: float, is_certain: bool) -> Text:
    if is_certain:
        return say(
            "Write more sentences for {worst}: it is {gap} points behind {best}, so new examples"
            " pay most there.",
            worst=worst,
            best=best,
            gap=round(gap * 100),
        )
    return say(
        "Look at {worst} first: it is {gap} points behind {best}. With so few test cases that may"
        " be chance, so add some for it; if it stays behind, write more sentences for it.",
        worst=worst,
        best=best,
        gap=round(gap * 100),
    )


def _cases_for_half_width(accuracy: float, half: float) -> int:
    """Cases for a 95 % interval of ± `half`, at this accuracy (taken as at most 0.95, else a perfect score would ask for none)."""
    share = min(max(accuracy, 0.05), 0.95)
    return int(math.ceil(Z_95**2 * share * (1 - share) / half**2 / 10) * 10)


def _for_low(accuracy: float) -> list[dict[str, Any]]:
    percent = round(accuracy * 100)
    return [
        _suggest(
            "more_data",
            say(
                "Collect more sentences for every intent: {percent} % is low, and few examples are"
                " the usual cause.",
                percent=percent,
            ),
        ),
        _suggest(
            "review_labels",
            say(
                "Read the labels again: sentences that two people would label differently teach the"
                " model to guess."
            ),
        ),
    ]


def _for_curve(
    curve: Sequence[Mapping[str, Any]], accuracy: float, bounds: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Advice on hyper-parameters from the loss curve; none without one."""
    train = [row["train_loss"] for row in curve if row.get("train_loss") is not None]
    full = [row["full_valid_loss"] for row in curve if row.get("full_valid_loss") is not None]
    if len(full) > 1 and full[-1] > min(full) * bounds["overfitting"]:
        return [
            _suggest(
                "fewer_epochs",
                say(
                    "Try fewer epochs: the validation loss was lowest ({lowest}) at evaluation"
                    " {position} of {count} and has risen to {last} since: over-fitting.",
                    lowest=round(min(full), 3),
                    position=full.index(min(full)) + 1,
                    count=len(full),
                    last=round(full[-1], 3),
                ),
            )
        ]
    tenth = max(len(train) // 10, 1)
    if (
        len(train) > 1
        and accuracy < bounds["good_accuracy"]
        and sum(train[-tenth:]) / tenth > bounds["underfitting"] * sum(train[:tenth]) / tenth
    ):
        return [
            _suggest(
                "more_epochs",
                say(
                    "Try more epochs, or a higher FINE_TUNING_LR_MULT: the training loss was still"
                    " above half of where it began: under-fitting."
                ),
            )
        ]
    return []


def _suggest(kind: str, text: Text) -> dict[str, Any]:
    return {"kind": kind, "text": text}


def next_steps(
    project: Project, total: Answered, found: Sequence[Mapping[str, Any]], promising_low: float
) -> list[Text]:
    """What a person would do now, in order."""
    results, examples = (
        places.of_project(project.name, place) for place in (places.TEST_RESULTS, places.EXAMPLES)
    )
    steps = [
        say(
            "Read the wrong answers in {place}: each is a sentence the customers might write.",
            place=results,
        )
    ]
    if any(suggestion["kind"] != "more_cases" for suggestion in found):
        steps.append(
            say(
                "Follow the first suggestion, change {place}, and run `retry {project} --restart`:"
                " a new training, paid again, and the deployment made by the agent, if any, is"
                " deleted first.",
                place=examples,
                project=project.name,
            )
        )
    low, _ = total["interval_95"]
    if low >= promising_low:
        steps.append(
            say(
                "Try the model on real conversations: even the low end of the interval is {low} %.",
                low=round(low * 100),
            )
        )
    if project.facts.deployment_is_ours:
        steps.append(
            say(
                "Delete the deployment when you no longer need it: it may be billed by the hour"
                " even when idle (`cancel {project}`).",
                project=project.name,
            )
        )
    else:
        steps.append(
            say(
                "Delete the deployment in the portal when you no longer need it: it may be billed"
                " by the hour even when idle."
            )
        )
    return steps
