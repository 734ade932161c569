"""The rules for a whole example set: names, contradictions, repeats, sizes; what is dropped.

gather.py calls `check_set` once all rows are read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from states.intents.document import SHOWN
from states.intents.example_set import Choices, Dropped, ExampleSet, Group
from states.intents.findings import Finding
from states.intents.forms import NO_INTENT, close_form, form_number, name_form, same_form
from states.text import Text, say, with_suggestion

COMPARED = 1000  # names of intents that one may have been meant for


def check_set(found: ExampleSet, choices: Choices) -> None:
    """Does what the person chose, and adds what is wrong all the same to the findings."""
    if choices.merge_labels:
        _merge_labels(found)
    _check_names(found)
    _check_repeats(found, choices)
    _check_sizes(found)


def label_form(name: str) -> str:
    """Equal for names that differ in case, marks, spaces and separators alone."""
    return close_form(name).replace(" ", "") or name_form(name)


def _merge_labels(found: ExampleSet) -> None:
    """Of names that are alike the one with the most sentences stays."""
    alike: dict[str, list[str]] = {}
    for name in found.groups:
        alike.setdefault(label_form(name), []).append(name)
    for names in alike.values():
        kept = max(names, key=lambda name: len(found.groups[name].texts))
        for name in names:
            if name != kept:
                other = found.groups.pop(name)
                found.groups[kept].texts += other.texts
                found.groups[kept].places += other.places
                found.merged[name] = kept


def _check_names(found: ExampleSet) -> None:
    seen: dict[str, str] = {}
    for name in found.groups:
        other = seen.setdefault(name_form(name), name)
        if not name_form(name) or other != name:
            found.findings.append(_describe_name(found, name, other))
        if name == NO_INTENT:
            where = found.sentence(name, 0).where
            text = say("{where}: {problem}", where=where, problem=describe_reserved())
            found.findings.append(Finding(text, is_error=True, kind="name", rows=(where,), count=1))


def describe_reserved() -> Text:
    """Of an intent that is called as the results call an answer without one."""
    return say(
        "an intent is called {intent}, as the results call an answer that names none: give it"
        " another name",
        intent=NO_INTENT,
    )


def _describe_name(found: ExampleSet, name: str, other: str) -> Finding:
    where = found.sentence(name, 0).where
    if other == name:
        text = say("{where}: the name {intent} has no letter", where=where, intent=repr(name))
        return Finding(text, is_error=True, kind="name", rows=(where,), count=1)
    text = say(
        "the names {intent} ({where}) and {other} ({there}) cannot be told apart: rename one, or"
        " join them with `--merge-labels`",
        intent=repr(name),
        where=where,
        other=repr(other),
        there=found.sentence(other, 0).where,
    )
    command = say("`--merge-labels` makes them one")
    return Finding(
        text, is_error=True, kind="labels_alike", rows=(where,), count=1, command=command
    )


def _check_repeats(found: ExampleSet, choices: Choices) -> None:
    repeats = _Repeats(found, form_number)
    if choices.drop_conflicts:
        _drop(found, repeats.is_contradicted, "conflict")
        _drop(found, _Repeats(found, _close_form_of).is_contradicted, "close conflict")
    else:
        found.findings += _describe_conflicts(found, repeats.conflicts)
    if choices.drop_duplicates:
        seen: set[tuple[str, int]] = set()

        def is_repeated(intent: str, index: int) -> bool:
            key = (intent, repeats.form(intent, index))
            is_old = key in seen
            seen.add(key)
            return is_old

        _drop(found, is_repeated, "duplicate")


class _Repeats:
    """`conflicts`: form of a sentence -> (intent, index) of its first rows under each intent."""

    def __init__(self, found: ExampleSet, form_of: Callable[[str], int]) -> None:
        self._found, self._form_of = found, form_of
        self.conflicts: dict[int, list[tuple[str, int]]] = self._find_torn()
        for name, group in found.groups.items() if self.conflicts else ():
            for index, text in enumerate(group.texts):
                here = self.conflicts.get(form_of(text))
                if here is not None and (not here or here[-1][0] != name):
                    here.append((name, index))

    def _find_torn(self) -> dict[int, list[tuple[str, int]]]:
        """The forms that stand under two intents. Of each form only the intent is kept."""
        owner: dict[int, str] = {}
        torn: dict[int, list[tuple[str, int]]] = {}
        for name, group in self._found.groups.items():
            for form in self._forms_of(group):
                if owner.setdefault(form, name) is not name:
                    torn[form] = []
        return torn

    def _forms_of(self, group: Group) -> Iterator[int]:
        is_usual = self._form_of is form_number
        return group.texts.form_numbers() if is_usual else map(self._form_of, group.texts)

    def form(self, intent: str, index: int) -> int:
        return self._form_of(self._found.groups[intent].texts[index])

    def is_contradicted(self, intent: str, index: int) -> bool:
        return self.form(intent, index) in self.conflicts


def _close_form_of(text: str) -> int:
    """Without marks and punctuation: what a person who drops contradictions means as well.

    With a symbol in it the text stays as it is: 👍 and 👎 are no slip."""
    has_symbol = any(unicodedata.category(character)[0] == "S" for character in text)
    return hash((not has_symbol and close_form(text)) or same_form(text))


def _drop(found: ExampleSet, is_unwanted: Callable[[str, int], bool], reason: str) -> None:
    for intent, group in found.groups.items():
        kept = [not is_unwanted(intent, index) for index in range(len(group.texts))]
        if not all(kept):
            found.dropped += [
                Dropped(found.sentence(intent, index), reason)
                for index, is_kept in enumerate(kept)
                if not is_kept
            ]
            group.keep(kept)
    for intent in [name for name, group in found.groups.items() if not group.texts]:
        del found.groups[intent]


def _describe_conflicts(
    found: ExampleSet, conflicts: dict[int, list[tuple[str, int]]]
) -> list[Finding]:
    """One finding for all of them; it quotes the first few."""
    if not conflicts:
        return []
    shown = [
        [found.sentence(intent, index) for intent, index in rows]
        for rows in list(conflicts.values())[:SHOWN]
    ]
    told = [
        say(
            "{sentence} stands under {intent} ({where}) and under {other} ({there})",
            sentence=repr(one.text),
            intent=repr(one.intent),
            where=one.where,
            other=repr(other.intent),
            there=other.where,
        )
        for one, other, *_ in shown
    ]
    if len(conflicts) > SHOWN:
        told.append(say("and {count} more", count=len(conflicts) - SHOWN))
    text = say(
        "{count} sentence stands under two intents. Correct the file, or leave it out with"
        " `--drop-conflicts`.\n{sentences}",
        "{count} sentences stand under two intents. Correct the file, or leave them all out with"
        " `--drop-conflicts`.\n{sentences}",
        count=len(conflicts),
        sentences=tuple(told),
    )
    rows = tuple(sentence.where for pair in shown for sentence in pair)
    command = say("`--drop-conflicts` leaves them out")
    return [
        Finding(
            text, is_error=True, kind="conflict", rows=rows, count=len(conflicts), command=command
        )
    ]


def _check_sizes(found: ExampleSet) -> None:
    if len(found.groups) < 2 and not any(finding.is_error for finding in found.findings):
        text = say("one intent alone cannot be classified: there must be two or more")
        found.findings.append(Finding(text, is_error=True, kind="intents"))
    small = [name for name, group in found.groups.items() if _is_too_small(group)]
    few = set(small)
    large = [name for name in found.groups if name not in few][:COMPARED]
    for name in small[:SHOWN]:
        where = found.sentence(name, 0).where
        text = say(
            "{intent} ({where}) has fewer than 2 different sentences, so it cannot be split into"
            " training and validation: add some",
            intent=repr(name),
            where=where,
        )
        text = with_suggestion(text, name, large, is_inside=True)
        found.findings.append(
            Finding(text, is_error=True, kind="too_small", rows=(where,), count=len(small))
        )


def _is_too_small(group: Group) -> bool:
    if len(group.texts) > 50 and len(set(group.texts[:50])) > 1:
        return False  # need not compare the forms of a million
    return len({form_number(text) for text in group.texts}) < 2
