"""Everybody who was asked the same cases, as a table for a terminal. cli/run.py calls this."""

from __future__ import annotations

from collections.abc import Mapping

from agent.views.language import Translate
from agent.views.layout import print_table, print_wrapped
from agent.views.screen import Screen, Styled
from agent.views.verdict import WORDS
from states.evaluation.answers import Evaluation
from states.evaluation.candidates import TUNED, Candidate, list_candidates
from states.evaluation.comparison import Comparison, compare_rivals, name_rival, readable
from states.text import Rounded, Text, say

LEAST_P = 0.001  # below which nobody cares for the digits
KINDS: Mapping[str, Text] = {
    TUNED: say("tuned model"),
    "base": say("untuned model"),
    "few_shot": say("untuned model with examples"),
    "parent": say("model of the generation before"),
    "local": say("free local model"),
}


def render_candidates(screen: Screen, evaluation: Evaluation, translate: Translate) -> None:
    """Nothing where the tuned model alone was asked: its score is told elsewhere."""
    if not evaluation.rivals:
        return
    verdicts = {(one.kind.value, one.name): one for one in compare_rivals(evaluation)}
    titles = [
        translate(title)
        for title in (
            say("candidate"),
            say("right"),
            say("accuracy (95 % interval)"),
            say("the tuned one is"),
        )
    ]
    rows = [
        [
            Styled(translate(KINDS[one.kind]), style="bold" if one.kind == TUNED else ""),
            Styled(translate(_count(one))),
            Styled(translate(_score(one))),
            Styled("" if one.kind == TUNED else translate(_judge(one, verdicts))),
        ]
        for one in list_candidates(evaluation, "", "")
    ]
    if not print_table(screen, titles, rows):
        for row in rows:
            told = "   ".join(cell.plain for cell in row if cell.plain)
            print_wrapped(screen, Styled(told))


def _count(one: Candidate) -> Text:
    return say("{correct} of {cases}", correct=one.outcome.correct, cases=one.outcome.cases)


def _score(one: Candidate) -> Text:
    accuracy, (low, high) = one.outcome.accuracy, one.outcome.interval
    if accuracy is None:
        return Text("—")
    return say(
        "{percent} % ({low}–{high})",
        percent=Rounded(100 * accuracy, 1),
        low=Rounded(100 * low),
        high=Rounded(100 * high),
    )


def _judge(one: Candidate, verdicts: Mapping[tuple[str, str], Comparison]) -> Text:
    """`p` corrected for how many rivals there are."""
    found = verdicts.get((one.kind, one.name))
    if found is None:
        return Text("—")
    name = name_rival(found.kind, found.name)
    told: dict[str, Text | str] = {"word": WORDS[found.word], "name": name}
    if found.p_holm < LEAST_P:
        return say("{word} (p < {p}) · {name}", p=Rounded(LEAST_P, 3), **told)
    return say("{word} (p = {p}) · {name}", p=readable(found.p_holm), **told)
