"""What a person would do now, in order, from the suggestions. analysis.py puts it beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from states.evaluation.comparison import Comparison, Word, describe_rival
from states.evaluation.evidence import Suggestion
from states.evaluation.sample_size import round_up
from states.evaluation.verdict import Ship, Verdict
from states.text import Text, say

# The kind of a suggestion -> what it takes to follow it; every other kind is about the sentences.
_OF_CASES = ("more_cases", "intents_without_cases", "few_cases")
_OF_TRAINING = ("diverged", "fewer_epochs", "more_epochs")


def begin(
    verdict: Verdict, comparisons: Sequence[Comparison], cases: int, project: str, guide: str
) -> Iterator[Text]:
    """What the verdict itself calls for. `cases`: those that count; `guide`: the place of the file
    that says how the deployment is called."""
    if verdict.ship is Ship.YES:
        yield say(
            "Put it to use: {place} says how its deployment is called. For production it must be a"
            " lasting one: a `developertier` deployment ends after 24 hours.",
            place=guide,
        )
    elif verdict.ship is Ship.NO:
        worse = [one for one in comparisons if one.word is Word.WORSE]
        if worse:
            best = max(worse, key=lambda one: (one.rival_right / one.cases, -one.p))
            yield say(
                "Use {rival} in its place: {other} of {cases} right against {correct}.",
                rival=describe_rival(best.kind, best.name),
                other=best.rival_right,
                cases=best.cases,
                correct=best.tuned_right,
            )
    elif verdict.cases_to_decide is not None:
        yield say(
            "Write about {count} more test case, and run `evaluate {project} --cases FILE`: that"
            " decides. Nothing is trained, and no answer is paid twice.",
            "Write about {count} more test cases, and run `evaluate {project} --cases FILE`: they"
            " decide. Nothing is trained, and no answer is paid twice.",
            count=max(1, round_up(verdict.cases_to_decide) - cases),
            project=project,
        )


def follow(
    suggestions: Sequence[Suggestion], project: str, examples_place: str, *, but_cases: bool = False
) -> Iterator[Text]:
    """One step for each thing that can be changed, the one of the weightiest suggestion first.

    `but_cases`: that more test cases are wanted has been said."""
    for remedy in dict.fromkeys(_remedy(suggestion.kind) for suggestion in suggestions):
        if remedy == "cases" and but_cases:
            continue
        if remedy == "cases":
            yield say(
                "For more test cases: `evaluate {project} --cases FILE`. Nothing is trained, and no"
                " answer is paid twice.",
                project=project,
            )
        elif remedy == "training":
            yield say(
                "For another training: `iterate {project}` with what the suggestions say"
                " (`--epochs`, say): paid again, and compared with this one, which stays deployed"
                " meanwhile.",
                project=project,
            )
        else:
            yield say(
                "For other sentences: change {place} as the suggestions say, the first of them"
                " first, and run `iterate {project}`: a new training, paid again, and compared with"
                " this one, which stays deployed meanwhile.",
                place=examples_place,
                project=project,
            )


def _remedy(kind: str) -> str:
    if kind in _OF_CASES:
        return "cases"
    return "training" if kind in _OF_TRAINING else "sentences"
