"""What a finished project means and what to do next, for a terminal. cli/run.py calls this."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text as Styled

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from states.text import Text, say


def render_reading(
    console: Console,
    project: str,
    reading: Text,
    next_steps: Sequence[Text],
    translate: Translate,
) -> None:
    """The reading of the score, with its interval, and the steps as a numbered list."""
    headline = say("{project}: {reading}", project=project, reading=reading)
    print_wrapped(console, Styled(translate(headline), style="bold"))
    if next_steps:
        console.print(translate(say("What to do next:")))
    for number, step in enumerate(next_steps, 1):
        print_wrapped(console, Styled(f"  {number}. {translate(step)}"), "     ")
