"""What a finished project means and what to do next, for a terminal. cli/run.py calls this."""

from __future__ import annotations

from collections.abc import Sequence

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from agent.views.screen import Screen, Styled
from states.evaluation.analysis import Analysis
from states.text import Text, say


def render_reading(
    screen: Screen,
    project: str,
    analysis: Analysis,
    next_steps: Sequence[Text],
    translate: Translate,
) -> None:
    """Whether to ship it, why, the reading of the score, and the steps as a numbered list."""
    headline, *others = _paragraphs(analysis)
    told = say("{project}: {reading}", project=project, reading=headline)
    print_wrapped(screen, Styled(translate(told), style="bold"))
    for paragraph in others:
        print_wrapped(screen, Styled(translate(paragraph)))
    if next_steps:
        screen.print(translate(say("What to do next:")))
    for number, step in enumerate(next_steps, 1):
        print_wrapped(screen, Styled(f"  {number}. {translate(step)}"), "     ")


def _paragraphs(analysis: Analysis) -> list[Text]:
    """The most important first. An older version has analyzed without a verdict."""
    reading, verdict = analysis.reading, analysis.verdict
    if analysis.goal is not None:
        reading = say("{reading} {goal}", reading=reading, goal=analysis.goal.text)
    if analysis.standing is not None:
        reading = say("{reading} {aside}", reading=analysis.standing, aside=reading)
    return [reading] if verdict is None else [verdict.ship_text, verdict.text, reading]
