"""Which test cases are missing. suggestions.py collects it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from states.evaluation.evidence import Evidence, Suggestion
from states.evaluation.statistics import cases_for_half_width
from states.intents.document import SHOWN
from states.text import say

FEW = 5  # cases of an intent, below which its figures say next to nothing


def suggest_for_cases(evidence: Evidence, bounds: Mapping[str, Any]) -> list[Suggestion]:
    low, high = evidence.total.interval
    is_wide = high - low >= bounds["wide_interval"]
    found = [_ask_more(evidence)] if is_wide else []
    return [*found, *_ask_of_each(evidence, tells_few=not is_wide)]


def _ask_more(evidence: Evidence) -> Suggestion:
    low, high = evidence.total.interval
    text = say(
        "Add test cases: with {cases} the true accuracy may lie anywhere between {low} % and"
        " {high} %. About {wanted} cases would narrow that to ± 5 points.",
        cases=evidence.total.cases,
        low=round(low * 100),
        high=round(high * 100),
        # At the middle of the interval: of few cases, all right, nobody knows that it is 100 %.
        wanted=cases_for_half_width((low + high) / 2, 0.05),
    )
    return Suggestion("more_cases", text, (high - low) / 2)


def _ask_of_each(evidence: Evidence, *, tells_few: bool) -> list[Suggestion]:
    """Intents that nobody asked about, and those with next to no cases."""
    intents = evidence.evaluation.intents
    counts = Counter(case.case.expected for case in evidence.graded)
    without = [intent for intent in intents if not counts[intent]]
    few = [intent for intent in intents if 0 < counts[intent] < FEW]
    found = []
    if without:
        text = say(
            "Add test cases for {intents}: {count} of {all} intents has none that counts, so"
            " nobody knows how well it is recognized.",
            "Add test cases for {intents}: {count} of {all} intents have none that counts, so"
            " nobody knows how well they are recognized.",
            intents=_list(without),
            count=len(without),
            all=len(intents),
        )
        found.append(Suggestion("intents_without_cases", text))
    if few and tells_few:
        text = say(
            "Add test cases for {intents}: {count} intent has fewer than {least}, so its own"
            " figures say next to nothing.",
            "Add test cases for {intents}: {count} intents have fewer than {least}, so their own"
            " figures say next to nothing.",
            intents=_list(few),
            count=len(few),
            least=FEW,
        )
        found.append(Suggestion("few_cases", text))
    return found


def _list(intents: list[str]) -> str:
    told = ", ".join(intents[:SHOWN])
    return told if len(intents) <= SHOWN else f"{told}, …"
