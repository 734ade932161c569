"""The verdict, rendered: for results/, for one line of `status`, and in a word.

result_content.py, score.py and the command line call this; nothing is decided here."""

from __future__ import annotations

from typing import Any

from agent.views.language import Translate
from states.evaluation.analysis import Analysis
from states.evaluation.answers import Evaluation
from states.evaluation.comparison import Word, compare_rivals
from states.evaluation.verdict import Ship, Verdict
from states.stages import Analyzed
from states.text import Text, say

WORDS = {
    Word.BETTER: say("better"),
    Word.WORSE: say("worse"),
    Word.NO_EVIDENCE: say("no evidence either way"),
    Word.NOTHING: say("nothing to compare with"),
}
_SHIP = {
    Ship.YES: say("ship: yes"),
    Ship.NO: say("ship: no"),
    Ship.UNDECIDED: say("ship: undecided"),
}


def verdict_line(analyzed: Analyzed) -> Text | None:
    """better, ship: yes. None where an older version has analyzed."""
    if analyzed.verdict is None or analyzed.ship is None:
        return None
    word, ship = WORDS[Word(analyzed.verdict)], _SHIP[Ship(analyzed.ship)]
    return say("{word}, {ship}", word=word, ship=ship)


def render_comparisons(evaluation: Evaluation) -> list[dict[str, Any]]:
    """With each rival, for test_results.json."""
    return [comparison.as_json() for comparison in compare_rivals(evaluation)]


def render_judgement(analysis: Analysis, translate: Translate) -> dict[str, Any]:
    """The grade, of the estimate and of the lower bound, and the verdict, for
    improvement_analysis.json. None where an older version has analyzed."""
    standing, verdict = analysis.standing, analysis.verdict
    return {
        "grade": analysis.grade,
        "grade_at_least": analysis.grade_low,
        "grade_text": None if standing is None else translate(standing),
        "verdict": None if verdict is None else _render(verdict, translate),
    }


def _render(verdict: Verdict, translate: Translate) -> dict[str, Any]:
    one = verdict.against
    return {
        "word": verdict.word.value,
        "text": translate(verdict.text),
        "ship": verdict.ship.value,
        "ship_text": translate(verdict.ship_text),
        "against": one and {"kind": one.kind.value, "name": one.name},
        "p": one and one.as_json()["p"],
        "p_holm": one and one.as_json()["p_holm"],
        "difference": one and one.difference,
        "interval_95": one and list(one.interval),
        "target": verdict.target,
        "cases_to_decide": verdict.cases_to_decide,
        "for_intents": list(verdict.for_intents),
    }
