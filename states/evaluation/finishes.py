"""What a person should know of answers that did not end as answers do.

analysis.py advises on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from states.remote import Finish
from states.text import Text, say


def describe_unanswered(count: int) -> Text:
    return say(
        "{count} test case got no answer, however often it was asked: it does not count",
        "{count} test cases got no answer, however often they were asked: they do not count",
        count=count,
    )


def _advise_unanswered(count: int, place: str) -> Text:
    return say(
        "{missing}. Look at the deployment in the portal: a proxy, or a filter, may answer in its"
        " place. See `finish_reason` in {place}.",
        missing=describe_unanswered(count),
        place=place,
    )


def _advise_filtered(count: int, place: str) -> Text:
    return say(
        "The content filter of the deployment stopped {count} case, which counts as wrong: read it"
        " in {place}. If it is harmless, choose a milder filter in the portal.",
        "The content filter of the deployment stopped {count} cases, which count as wrong: read"
        " them in {place}. If they are harmless, choose a milder filter in the portal.",
        count=count,
        place=place,
    )


def _advise_refused(count: int, place: str) -> Text:
    return say(
        "The model refused to answer {count} case, which counts as wrong: its reason is in {place}."
        " Examples of that kind teach it to name the intent.",
        "The model refused to answer {count} cases, which count as wrong: its reasons are in"
        " {place}. Examples of that kind teach it to name the intent.",
        count=count,
        place=place,
    )


def _advise_cut_off(count: int, place: str) -> Text:
    return say(
        "{count} answer was cut off, being longer than any intent's name (see {place}): the model"
        " talks instead of classifying. More epochs, or a system prompt that asks for the name"
        " alone, may help.",
        "{count} answers were cut off, being longer than any intent's name (see {place}): the model"
        " talks instead of classifying. More epochs, or a system prompt that asks for the name"
        " alone, may help.",
        count=count,
        place=place,
    )


_ADVICE: Mapping[Finish, Callable[[int, str], Text]] = {
    Finish.UNANSWERED: _advise_unanswered,
    Finish.CONTENT_FILTER: _advise_filtered,
    Finish.REFUSAL: _advise_refused,
    Finish.LENGTH: _advise_cut_off,
}


def advise(finishes: Mapping[Finish, int], place: str) -> list[Text]:
    """One step for each way to end that is not the usual one. `place`: where the answers are."""
    return [say_it(finishes[how], place) for how, say_it in _ADVICE.items() if finishes.get(how)]
