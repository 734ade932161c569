"""What is told of the cases that the model was trained on, or nearly: they are shown, not counted.

ask_cases tells how many there are, analysis.py what the figures would be with them.
"""

from __future__ import annotations

from states.evaluation.answers import Evaluation
from states.evaluation.finishes import describe_unanswered
from states.evaluation.scores import score
from states.text import Text, say


def describe_missing(unanswered: int, trained: int, near: int) -> Text | None:
    """Which cases do not count; None where all do."""
    exactly = say(
        "{count} test case was trained on: it does not count",
        "{count} test cases were trained on: they do not count",
        count=trained,
    )
    nearly = say(
        "{count} test case nearly repeats a training sentence: it does not count",
        "{count} test cases nearly repeat a training sentence: they do not count",
        count=near,
    )
    told: Text | None = None
    for count, one in (
        (unanswered, describe_unanswered(unanswered)),
        (trained, exactly),
        (near, nearly),
    ):
        if count:
            told = one if told is None else say("{score}; {missing}", score=told, missing=one)
    return told


def mention(reading: Text, evaluation: Evaluation) -> Text:
    """The reading, and what it would be with the cases that do not count."""
    trained, near = evaluation.trained, evaluation.near
    if not trained + near:
        return reading
    everything = score(evaluation.in_scope)
    figures = {"correct": everything.correct, "cases": everything.cases}
    aside = say(
        "{count} more case was trained on and does not count; with it {correct} of {cases} are"
        " right.",
        "{count} more cases were trained on and do not count; with them {correct} of {cases} are"
        " right.",
        count=trained,
        **figures,
    )
    if near:
        aside = say(
            "{count} more case does not count ({trained} trained on, {near} nearly); with it"
            " {correct} of {cases} are right.",
            "{count} more cases do not count ({trained} trained on, {near} nearly); with them"
            " {correct} of {cases} are right.",
            count=trained + near,
            trained=trained,
            near=near,
            **figures,
        )
    return say("{reading} {aside}", reading=reading, aside=aside)


def read_nothing(evaluation: Evaluation) -> Text:
    """What is said where no case counts."""
    count, trained, near = len(evaluation.cases), evaluation.trained, evaluation.near
    if trained == count:
        return say(
            "The test case was trained on, so it proves nothing: test the model with sentences"
            " that it has not seen.",
            "All {count} test cases were trained on, so they prove nothing: test the model with"
            " sentences that it has not seen.",
            count=count,
        )
    if near and trained + near == count:
        return say(
            "The test case nearly repeats a training sentence, so it proves nothing: test the model"
            " with sentences that it has not seen.",
            "All {count} test cases are training sentences, or nearly repeat one, so they prove"
            " nothing: test the model with sentences that it has not seen.",
            count=count,
        )
    if near:
        return say(
            "None of the {count} test cases counts ({trained} trained on, {near} nearly, the others"
            " without an answer): nothing can be said of this model.",
            count=count,
            trained=trained,
            near=near,
        )
    if trained:
        return say(
            "None of the {count} test cases counts ({trained} trained on, the others without an"
            " answer): nothing can be said of this model.",
            count=count,
            trained=trained,
        )
    return say(
        "The test case got no answer: nothing can be said of this model.",
        "None of the {count} test cases got an answer: nothing can be said of this model.",
        count=count,
    )


def advise(evaluation: Evaluation, place: str) -> list[Text]:
    """What to do about them. `place`: where the answers are."""
    told = []
    if evaluation.trained:
        told.append(
            say(
                "Put another in the place of the case that was trained on (`trained_on` in"
                " {place}): it shows what the model remembers, not what it has learnt.",
                "Put others in the place of the {count} cases that were trained on (`trained_on` in"
                " {place}): they show what the model remembers, not what it has learnt.",
                count=evaluation.trained,
                place=place,
            )
        )
    if evaluation.near:
        told.append(
            say(
                "Put another in the place of the case that nearly repeats a training sentence"
                " (`near_training` in {place}): in part it shows what the model remembers.",
                "Put others in the place of the {count} cases that nearly repeat a training"
                " sentence (`near_training` in {place}): in part they show what the model"
                " remembers.",
                count=evaluation.near,
                place=place,
            )
        )
    return told
