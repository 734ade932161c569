"""What a person would do now, in order, from the suggestions. analysis.py puts it beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from states.evaluation.evidence import Suggestion
from states.text import Text, say

# The kind of a suggestion -> what it takes to follow it; every other kind is about the sentences.
_OF_CASES = ("more_cases", "intents_without_cases", "few_cases")
_OF_TRAINING = ("diverged", "fewer_epochs", "more_epochs")


def follow(suggestions: Sequence[Suggestion], project: str, examples_place: str) -> Iterator[Text]:
    """One step for each thing that can be changed, the one of the weightiest suggestion first."""
    for remedy in dict.fromkeys(_remedy(suggestion.kind) for suggestion in suggestions):
        if remedy == "cases":
            yield say(
                "For more test cases: `evaluate {project} --cases FILE`. Nothing is trained, and no"
                " answer is paid twice.",
                project=project,
            )
        elif remedy == "training":
            yield say(
                "For another training: `iterate {project}` with what the suggestions say"
                " (`--epochs`, say): paid again, and compared with this one, whose deployment stays"
                " until the new one is not worse.",
                project=project,
            )
        else:
            yield say(
                "For other sentences: change {place} as the suggestions say, the first of them"
                " first, and run `iterate {project}`: a new training, paid again, and compared with"
                " this one, whose deployment stays until the new one is not worse.",
                place=examples_place,
                project=project,
            )


def _remedy(kind: str) -> str:
    if kind in _OF_CASES:
        return "cases"
    return "training" if kind in _OF_TRAINING else "sentences"
