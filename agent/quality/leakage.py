"""Test cases that are trained on, or nearly: what they prove is memory.

A stage of assessment.py; `find_leaks` also compares any two lists, such as the training and the
validation file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.quality.near import pairs_between
from agent.quality.quoting import quote
from agent.quality.work import Work, places
from states.intents.findings import Assessment, Finding
from states.intents.forms import same_form
from states.intents.sentences import Sentence
from states.text import Text, say

ALIKE = 88.0  # of 100; measured by tests/bench/labels.py, docs/quality.md
_PAIRS_SHOWN = 5


@dataclass(frozen=True)
class Leak:
    """A sentence that is asked, and the one most like it among those that are trained."""

    asked: Sentence
    trained: Sentence
    is_exact: bool


def stage(work: Work) -> Assessment:
    if not work.cases:
        return Assessment()
    leaks = find_leaks(work.sentences, work.cases, work.pause)
    exact = [leak for leak in leaks if leak.is_exact]
    # A sentence that no intent fits, though it is much like one that is trained, is the best test.
    near = [leak for leak in leaks if not leak.is_exact and leak.asked.intent]
    figures = {"leakage": {"cases": len(work.cases), "exact": len(exact), "near": len(near)}}
    return Assessment([*_tell_exact(exact), *_tell_near(near, len(work.cases))], figures)


def find_leaks(
    trained: Sequence[Sentence],
    asked: Sequence[Sentence],
    pause: Callable[[], None] = lambda: None,
) -> list[Leak]:
    """Each sentence of `asked` that is, or nearly is, one of `trained`; the exact ones first.

    `pause` is called every second or two, and may raise.
    """
    forms = [same_form(one.text) for one in asked]
    first: dict[str, Sentence | None] = dict.fromkeys(forms)  # not of a million others
    for one in trained:
        form = same_form(one.text)
        if form in first and first[form] is None:
            first[form] = one
    exact = {at: first[form] for at, form in enumerate(forms)}
    leaks = [Leak(asked[at], one, True) for at, one in exact.items() if one]
    best: dict[int, Sentence] = {}
    for pair in pairs_between(
        [one.text for one in trained], [one.text for one in asked], ALIKE, pause
    ):
        if exact[pair.other] is None:
            best.setdefault(pair.other, trained[pair.one])
    return leaks + [Leak(asked[at], one, False) for at, one in best.items()]


def _tell_exact(leaks: Sequence[Leak]) -> list[Finding]:
    if not leaks:
        return []
    text = say(
        "{count} test case is also among the sentences and proves nothing. Take it out of one of"
        " the two:\n{pairs}",
        "{count} test cases are also among the sentences and prove nothing. Take each out of one of"
        " the two:\n{pairs}",
        count=len(leaks),
        pairs=_shown(leaks),
    )
    rows = places([leak.asked for leak in leaks])
    return [Finding(text, kind="leakage", rows=rows, count=len(leaks))]


def _tell_near(leaks: Sequence[Leak], cases: int) -> list[Finding]:
    if not leaks:
        return []
    text = say(
        "{count} of {cases} nearly repeats one of the sentences, so it will be answered better"
        " than a customer's own words:\n{pairs}",
        "{count} of {cases} nearly repeat one of the sentences, so they will be answered better"
        " than a customer's own words:\n{pairs}",
        count=len(leaks),
        cases=say("{count} test case", "{count} test cases", count=cases),
        pairs=_shown(leaks),
    )
    rows = places([leak.asked for leak in leaks])
    return [Finding(text, kind="near_leakage", rows=rows, count=len(leaks))]


def _shown(leaks: Sequence[Leak]) -> tuple[Text, ...]:
    return tuple(
        say("{one}, and {other}", one=quote(leak.asked), other=quote(leak.trained))
        for leak in leaks[:_PAIRS_SHOWN]
    )
