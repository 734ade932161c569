"""What a finished project means and what to do next, for a terminal. cli/run.py calls this."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text as Styled

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from states.evaluation.analysis import Analysis
from states.text import Text, say


def render_reading(
    console: Console,
    project: str,
    analysis: Analysis,
    next_steps: Sequence[Text],
    translate: Translate,
) -> None:
    """Whether to ship it, why, the reading of the score, and the steps as a numbered list."""
    headline, *others = _paragraphs(analysis)
    told = say("{project}: {reading}", project=project, reading=headline)
    print_wrapped(console, Styled(translate(told), style="bold"))
    for paragraph in others:
        print_wrapped(console, Styled(translate(paragraph)))
    if next_steps:
        console.print(translate(say("What to do next:")))
    for number, step in enumerate(next_steps, 1):
        print_wrapped(console, Styled(f"  {number}. {translate(step)}"), "     ")


def _paragraphs(analysis: Analysis) -> list[Text]:
    """The most important first. An older version has analyzed without a verdict."""
    reading, verdict = analysis.reading, analysis.verdict
    if analysis.goal is not None:
        reading = say("{reading} {goal}", reading=reading, goal=analysis.goal.text)
    if analysis.standing is not None:
        reading = say("{reading} {aside}", reading=analysis.standing, aside=reading)
    return [reading] if verdict is None else [verdict.ship_text, verdict.text, reading]
