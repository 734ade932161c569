"""What a person would do now, in order, from the suggestions. analysis.py puts it beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from states.evaluation.evidence import Suggestion
from states.text import Text, say

# The kind of a suggestion -> what it takes to follow it; every other kind is about the sentences.
_OF_CASES = ("more_cases", "intents_without_cases", "few_cases")
_OF_TRAINING = ("diverged", "fewer_epochs", "more_epochs")


def follow(suggestions: Sequence[Suggestion], project: str, examples_place: str) -> Iterator[Text]:
    """One step for each thing that can be changed, led by the weightiest suggestion about it."""
    led: dict[str, int] = {}
    for number, suggestion in enumerate(suggestions, start=1):
        led.setdefault(_remedy(suggestion.kind), number)
    for remedy, number in led.items():
        if remedy == "cases":
            yield say(
                "Add test cases, as suggestion {number} says: `evaluate {project} --cases FILE`."
                " Nothing is trained, and no answer is paid twice.",
                number=number,
                project=project,
            )
        elif remedy == "training":
            yield say(
                "Train otherwise, as suggestion {number} says, with `retry {project} --restart`: a"
                " new training, paid again, and the deployment made by the agent, if any, is"
                " deleted first.",
                number=number,
                project=project,
            )
        else:
            yield say(
                "Change {place}, as suggestion {number} says, and run `retry {project} --restart`:"
                " a new training, paid again, and the deployment made by the agent, if any, is"
                " deleted first.",
                place=examples_place,
                number=number,
                project=project,
            )


def _remedy(kind: str) -> str:
    if kind in _OF_CASES:
        return "cases"
    return "training" if kind in _OF_TRAINING else "sentences"
