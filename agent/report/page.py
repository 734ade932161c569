"""Everything that the templates show, made of the JSON of results/. render.py calls `make_page`.

A section is there where the results hold its figures: those of an older version hold fewer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.candidates import Contest, hold_contest
from agent.report.confidence import Confidence, draw_confidence
from agent.report.decision import Decision, Figure, decide, target_of
from agent.report.failures import Group, group_failures
from agent.report.intents import (
    HeatMap,
    IntentRow,
    Pair,
    draw_heat_map,
    list_intents,
    list_pairs,
)
from agent.report.money import Money, count_money
from agent.report.plot import Chart
from agent.report.speech import NOTHING, Speech, count_cases
from agent.report.training import Link, draw_loss, trace
from states.evaluation.perturbations import Perturbation
from states.evaluation.stability import CHANGES
from states.places import Result
from states.text import say

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Documents:
    """The JSON of results/, and the summary of the check of the data where there is one."""

    tuning: Json
    deployment: Json
    answers: Json
    analysis: Json
    preparation: Json

    @staticmethod
    def of(results: Mapping[Result, Json], preparation: Json | None) -> Documents:
        return Documents(
            results.get(Result.TUNING_INFO, {}),
            results.get(Result.DEPLOYMENT_INFO, {}),
            results[Result.TEST_RESULTS],
            results[Result.ANALYSIS],
            preparation or {},
        )


@dataclass(frozen=True)
class Page:
    project: str
    generation: int
    model: str
    service: str
    notice: str
    decision: Decision
    advice: Sequence[str]
    contest: Contest
    remarks: Sequence[str]  # on the contest: what the figures mean, and who was left out
    intents: Sequence[IntentRow]
    kinds: Sequence[tuple[str, str, str, str]]  # name, accuracy, interval, counts
    heat_map: HeatMap | None
    pairs: Sequence[Pair]
    confidence: Confidence | None
    loss: Chart | None
    scope: Sequence[Figure]
    robustness: Sequence[tuple[str, str, str, str]]
    failures: Sequence[Group]
    failed: int
    lineage: Sequence[Link]
    money: Money | None
    warnings: Sequence[str] | None  # None: the check left no summary

    @property
    def has_f1(self) -> bool:
        return any(row.f1.text != NOTHING for row in self.intents)


def make_page(documents: Documents, speech: Speech) -> Page:
    answers, analysis = documents.answers, documents.analysis
    failures = group_failures(answers, speech)
    return Page(
        project=answers["project"],
        generation=answers["generation"],
        model=str(answers["model"]),
        service=answers["service"],
        notice=answers.get("notice", ""),
        decision=decide(answers, analysis, speech),
        advice=[suggestion["text"] for suggestion in analysis.get("suggestions", ())],
        contest=hold_contest(answers, target_of(analysis), speech),
        remarks=_remark(documents, speech),
        intents=list_intents(answers, speech),
        kinds=_list_kinds(answers["per_kind"], speech),
        heat_map=draw_heat_map(answers, speech),
        pairs=list_pairs(answers, speech),
        confidence=draw_confidence(answers, speech),
        loss=draw_loss(documents.tuning, speech),
        scope=_judge_scope(answers.get("out_of_scope") or {}, speech),
        robustness=_list_perturbations(answers.get("robustness") or (), speech),
        failures=failures,
        failed=sum(len(group.failures) for group in failures),
        lineage=trace(documents.tuning, answers, speech),
        money=count_money(analysis, speech),
        warnings=documents.preparation.get("warnings"),
    )


def _remark(documents: Documents, speech: Speech) -> list[str]:
    before = documents.tuning.get("before_training") or {}
    left_out = documents.answers.get("candidates_left_out") or ()
    return [
        documents.analysis["reading"],
        *([before["text"]] if before.get("text") else []),
        *(
            speech.tell(say("Not asked: {name}. {reason}", name=one["name"], reason=one["reason"]))
            for one in left_out
        ),
    ]


def _list_kinds(per_kind: Json, speech: Speech) -> list[tuple[str, str, str, str]]:
    """Nothing where all cases are of one kind."""
    if len(per_kind) < 2:
        return []
    return [
        (
            kind,
            speech.percent(found["accuracy"]),
            speech.interval(found["interval_95"]),
            speech.tell(
                say("{correct} of {cases}", correct=found["correct"], cases=found["cases"])
            ),
        )
        for kind, found in per_kind.items()
    ]


def _judge_scope(found: Json, speech: Speech) -> list[Figure]:
    """Nothing where no case is out of scope."""
    if not found:
        return []
    return [
        Figure(
            speech.tell(say("Recognised as none of the intents")),
            speech.percent(found.get("recall")),
            speech.tell(
                say(
                    "{interval} (95 %), {correct} of {cases}",
                    interval=speech.interval(found.get("interval_95")),
                    correct=found["rejected"],
                    cases=count_cases(found["cases"]),
                )
            ),
        ),
        Figure(
            speech.tell(say("Accuracy of the others, with that threshold")),
            speech.percent(found.get("in_scope_accuracy")),
        ),
        Figure(speech.tell(say("Threshold")), speech.number(found.get("threshold"), 2)),
        Figure(speech.tell(say("AUROC")), speech.number(found.get("auroc"), 3)),
    ]


def _list_perturbations(found: Sequence[Json], speech: Speech) -> list[tuple[str, str, str, str]]:
    return [
        (
            _describe_change(one["perturbation"], speech),
            speech.tell(say("{correct} of {cases}", correct=one["same"], cases=one["cases"])),
            speech.percent(one["share"]),
            speech.interval(one["interval_95"]),
        )
        for one in found
    ]


def _describe_change(kind: str, speech: Speech) -> str:
    known = kind in list(Perturbation)
    return speech.tell(CHANGES[Perturbation(kind)]) if known else kind
