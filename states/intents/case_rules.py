"""The rules for test cases beside the data that is trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from states.intents.data_file import DataFile
from states.intents.document import SHOWN
from states.intents.findings import Finding, join
from states.intents.forms import form_number, same_form
from states.intents.sentences import Sentence
from states.text import say


def find_trained(sentences: Iterable[str], trained: Iterable[str]) -> set[str]:
    """The forms of those `sentences` that are among the `trained` ones."""
    asked = {same_form(sentence) for sentence in sentences}
    return asked.intersection(map(same_form, trained))


def find_leaks(training: DataFile, asked: Sequence[Sentence]) -> list[Finding]:
    """Cases that the model has seen: they prove nothing."""
    trained = training.forms
    rows = [one.where for one in asked if form_number(one.text) in trained]
    if not rows:
        return []
    text = say(
        "{count} test case is also a training sentence and proves nothing ({rows}).",
        "{count} test cases are also training sentences and prove nothing ({rows}).",
        count=len(rows),
        rows=join(rows, len(rows)),
    )
    return [Finding(text, kind="leaked_cases", rows=tuple(rows[:SHOWN]), count=len(rows))]


def find_repeats(asked: Sequence[Sentence]) -> list[Finding]:
    """Cases whose sentence stood there before: they are asked and counted once."""
    seen: set[int] = set()
    rows = []
    for one in asked:
        form = form_number(one.text)
        if form in seen:
            rows.append(one.where)
        seen.add(form)
    if not rows:
        return []
    text = say(
        "{count} test case repeats another one, and is neither asked nor counted again ({rows}).",
        "{count} test cases repeat another one, and are neither asked nor counted again ({rows}).",
        count=len(rows),
        rows=join(rows, len(rows)),
    )
    return [Finding(text, kind="repeated_cases", rows=tuple(rows[:SHOWN]), count=len(rows))]
