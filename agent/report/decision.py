"""The first screen: who reads no further knows whether to ship, why, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.candidates import kind_of
from agent.report.speech import Speech, count_cases
from states.text import Text, say

Json = Mapping[str, Any]

MOST_STEPS = 3  # on the first screen; the others stand below

HEADLINES: Mapping[str, Text] = {
    "yes": say("Ship it"),
    "no": say("Do not ship it"),
    "undecided": say("Not decided yet"),
}
SIGNS = {"yes": "✓", "no": "✕", "undecided": "?"}


@dataclass(frozen=True)
class Figure:
    """`note`: smaller, below it."""

    title: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Decision:
    """`ship`: yes, no, undecided; "unknown" in results that hold no verdict."""

    ship: str
    sign: str
    headline: str
    standings: Sequence[tuple[str, str]]  # against each rival: (better, worse or even; words)
    reason: str
    details: Sequence[str]
    figures: Sequence[Figure]
    steps: Sequence[str]
    more_steps: Sequence[str]


def decide(answers: Json, analysis: Json, speech: Speech) -> Decision:
    verdict = analysis.get("verdict") or {}
    ship = str(verdict.get("ship"))
    ship = ship if ship in HEADLINES else "unknown"
    steps = analysis.get("next_steps") or []
    return Decision(
        ship=ship,
        sign=SIGNS.get(ship, ""),
        headline=speech.tell(HEADLINES[ship]) if ship in HEADLINES else _grade(analysis, speech),
        standings=[_stand(one, speech) for one in answers.get("comparisons") or ()],
        reason=verdict.get("ship_text") or analysis["reading"],
        details=_details(verdict, analysis),
        figures=_figures(answers, analysis, verdict, speech),
        steps=steps[:MOST_STEPS],
        more_steps=steps[MOST_STEPS:],
    )


def target_of(analysis: Json) -> float | None:
    """The accuracy that the project wants, 0..1."""
    wanted = (analysis.get("verdict") or {}).get("target")
    if wanted is None:
        wanted = (analysis.get("target") or {}).get("accuracy")
    return None if wanted is None else float(wanted)


def _grade(analysis: Json, speech: Speech) -> str:
    return speech.tell(say("Grade {grade}", grade=analysis["grade"]))


def _stand(comparison: Json, speech: Speech) -> tuple[str, str]:
    rival = kind_of(comparison["with"], speech)
    match comparison.get("verdict"):
        case "better":
            return "better", speech.tell(say("Better than the {rival}", rival=rival))
        case "worse":
            return "worse", speech.tell(say("Worse than the {rival}", rival=rival))
        case _:
            return "even", speech.tell(say("Not shown to be better than the {rival}", rival=rival))


def _details(verdict: Json, analysis: Json) -> list[str]:
    """What the headline rests on; without a verdict the target alone."""
    if verdict:
        return [verdict["text"]]
    goal = analysis.get("target") or {}
    return [goal["text"]] if goal else []


def _figures(answers: Json, analysis: Json, verdict: Json, speech: Speech) -> list[Figure]:
    found = [
        Figure(
            speech.tell(say("Accuracy")),
            speech.percent(answers["accuracy"]),
            speech.tell(
                say(
                    "{interval} (95 %), {correct} of {cases}",
                    interval=speech.interval(answers["interval_95"]),
                    correct=answers["correct"],
                    cases=count_cases(answers["cases"]),
                )
            ),
        )
    ]
    target = target_of(analysis)
    if target is not None:
        found.append(
            Figure(
                speech.tell(say("Target")), speech.percent(target), _reach(answers, target, speech)
            )
        )
    if (against := verdict.get("against")) and verdict.get("difference") is not None:
        found.append(
            Figure(
                speech.tell(say("Against the {rival}", rival=kind_of(against["kind"], speech))),
                speech.tell(say("{points} points", points=speech.points(verdict["difference"]))),
                speech.tell(
                    say(
                        "{interval}, p = {p}",
                        interval=speech.points_between(verdict.get("interval_95")),
                        p=speech.p_value(verdict["p_holm"]),
                    )
                ).replace("= <", "<"),
            )
        )
    note = analysis.get("grade_text") or _macro(answers, speech)
    found.append(Figure(speech.tell(say("Grade")), analysis["grade"], note))
    return found


def _macro(answers: Json, speech: Speech) -> str:
    if answers.get("macro_f1") is None:
        return ""
    return speech.tell(say("macro-F1 {value}", value=speech.number(answers["macro_f1"], 3)))


def _reach(answers: Json, target: float, speech: Speech) -> str:
    low, high = answers["interval_95"]
    if low >= target:
        return speech.tell(say("reached, even at the low end of the interval"))
    if high < target:
        return speech.tell(say("missed, even at the high end of the interval"))
    return speech.tell(say("may be reached or not: it lies within the interval"))
