"""Who was asked the same cases, what each reached, and what lies between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.plot import Tick, round_steps
from agent.report.speech import NOTHING, Speech
from agent.views.candidates import KINDS
from agent.views.verdict import WORDS
from states.evaluation.comparison import Word, name_rival
from states.text import say

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Candidate:
    """`low`, `high`, `point`: percent of the width of the axis."""

    kind: str
    title: str
    name: str
    model: str
    counts: str
    accuracy: str
    interval: str
    low: float
    high: float
    point: float
    macro_f1: str
    weighted_f1: str
    latency: str
    latency_95: str
    tokens: str
    cost: str
    monthly: str
    is_tuned: bool


@dataclass(frozen=True)
class Comparison:
    rival: str
    name: str
    both_right: int
    only_tuned: int
    only_rival: int
    both_wrong: int
    difference: str
    interval: str
    p: str
    p_holm: str
    verdict: str
    word: str


@dataclass(frozen=True)
class Contest:
    """All candidates on one axis. `target`: its place on the axis in percent, None without one."""

    candidates: Sequence[Candidate]
    comparisons: Sequence[Comparison]
    ticks: Sequence[Tick]
    target: float | None
    has_costs: bool
    has_latency: bool
    volume: str  # of a month, for its cost; empty where it is unknown


def kind_of(kind: str, speech: Speech) -> str:
    known = KINDS.get(kind)
    return kind if known is None else speech.tell(known)


def _name_of(kind: str, one: Json, speech: Speech) -> str:
    called = name_rival(kind, str(one.get("name") or NOTHING))
    return called if isinstance(called, str) else speech.tell(called)


def hold_contest(answers: Json, target: float | None, speech: Speech) -> Contest:
    """Answers of an older version know the tuned model alone."""
    listed = answers.get("candidates") or [_the_tuned(answers)]
    axis = _axis(listed, target)
    rows = [_to_candidate(one, axis, speech) for one in listed]
    return Contest(
        rows,
        [_to_comparison(one, speech) for one in answers.get("comparisons") or ()],
        [Tick(_place(step, axis), speech.percent(step, 0)) for step in axis],
        None if target is None else _place(target, axis),
        has_costs=any(row.cost != NOTHING or row.monthly != NOTHING for row in rows),
        has_latency=any(row.latency != NOTHING for row in rows),
        volume=_describe_volume(answers, speech),
    )


def _describe_volume(answers: Json, speech: Speech) -> str:
    volume, hosting = answers.get("monthly_volume"), answers.get("hosting_usd_per_hour")
    if not volume:
        return ""
    asked = speech.tell(
        say("A month is {count} question.", "A month is {count} questions.", count=volume)
    )
    if not hosting:
        return asked
    hosted = say("Hosting a tuned model is {dollars} an hour.", dollars=speech.dollars(hosting))
    return f"{asked} {speech.tell(hosted)}"


def _the_tuned(answers: Json) -> Json:
    taken = ("cases", "correct", "accuracy", "interval_95", "model", "macro_f1", "weighted_f1")
    name = answers.get("deployment") or answers.get("model")
    return {"kind": "tuned", "name": name, **{key: answers.get(key) for key in taken}}


def _axis(listed: Sequence[Json], target: float | None) -> list[float]:
    """From a round share below everything that is shown up to 100 %."""
    shown = [bound for one in listed for bound in one.get("interval_95") or ()]
    lowest = min([*shown, 0.95 if target is None else target])
    return [step for step in round_steps(max(lowest - 0.02, 0.0), 1.0) if step <= 1.0]


def _place(share: float, axis: Sequence[float]) -> float:
    low, high = axis[0], axis[-1]
    return round(100 * min(max((share - low) / (high - low), 0.0), 1.0), 2)


def _to_candidate(one: Json, axis: Sequence[float], speech: Speech) -> Candidate:
    low, high = one.get("interval_95") or (axis[0], axis[-1])
    latency = one.get("latency_seconds") or {}
    accuracy = one.get("accuracy")
    return Candidate(
        kind=one["kind"],
        title=kind_of(one["kind"], speech),
        name=_name_of(one["kind"], one, speech),
        model=str(one.get("model") or NOTHING),
        counts=speech.tell(say("{correct} of {cases}", **_counts(one))),
        accuracy=speech.percent(accuracy),
        interval=speech.interval(one.get("interval_95")),
        low=_place(low, axis),
        high=_place(high, axis),
        point=_place(low if accuracy is None else accuracy, axis),
        macro_f1=speech.number(one.get("macro_f1"), 3),
        weighted_f1=speech.number(one.get("weighted_f1"), 3),
        latency=speech.seconds(latency.get("p50")),
        latency_95=speech.seconds(latency.get("p95")),
        tokens=_tokens(one.get("tokens"), speech),
        cost=speech.dollars(one.get("usd_per_1000")),
        monthly=speech.dollars(one.get("usd_per_month")),
        is_tuned=one["kind"] == "tuned",
    )


def _counts(one: Json) -> dict[str, int]:
    return {"correct": one.get("correct") or 0, "cases": one.get("cases") or 0}


def _tokens(tokens: Json | None, speech: Speech) -> str:
    if not tokens or tokens.get("prompt") is None:
        return NOTHING
    return speech.tell(
        say(
            "{prompt} + {completion}",
            prompt=speech.number(tokens["prompt"]),
            completion=speech.number(tokens.get("completion") or 0),
        )
    )


def _to_comparison(one: Json, speech: Speech) -> Comparison:
    word = one.get("verdict") or "no_evidence"
    return Comparison(
        kind_of(one["with"], speech),
        _name_of(one["with"], one, speech),
        one["both_right"],
        one["only_tuned_right"],
        one["only_rival_right"],
        one["both_wrong"],
        speech.points(one.get("difference")),
        speech.points_between(one.get("interval_95")),
        speech.p_value(one.get("p")),
        speech.p_value(one.get("p_holm")),
        speech.tell(WORDS[Word(word)]) if word in WORDS else word,
        word,
    )
