"""The terminal says once how many test cases are wanted, and then what else there is to do."""

from __future__ import annotations

import pytest

from agent.cli.run import _first_suggestion
from states.evaluation.analysis import Analysis
from states.evaluation.comparison import Word
from states.evaluation.evidence import Suggestion
from states.evaluation.verdict import Ship, Verdict
from states.text import say


@pytest.mark.parametrize(("wanted", "told"), [(220, "read labels"), (None, "add cases")])
def test_more_cases_are_asked_for_once(wanted: int | None, told: str) -> None:
    suggestions = (
        Suggestion("more_cases", say("add cases")),
        Suggestion("labels", say("read labels")),
    )
    verdict = Verdict(Word.NO_EVIDENCE, Ship.UNDECIDED, say("x"), say("y"), cases_to_decide=wanted)
    analysis = Analysis("B", say("z"), suggestions, (), verdict=verdict)
    assert [str(text) for text in _first_suggestion(analysis)] == [told]
