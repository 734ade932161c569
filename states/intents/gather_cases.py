"""Gathers the rows of a person's files into test cases, each with its row in its id.

`new`, `import` and `check` call it before anything is written; cases.py reads what is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import PurePath

from states.errors import SettingsError
from states.intents.cases import NOTHING_TO_GRADE, Case
from states.intents.document import SHOWN
from states.intents.example_set import Choices, ExampleSet
from states.intents.findings import Finding, Tally, join
from states.intents.forms import same_form, tidy
from states.intents.no_intent import WORDS, means_no_intent
from states.intents.records import Record, Source, Table
from states.intents.sentences import Sentence
from states.intents.set_rules import label_form
from states.text import Text, say, with_suggestion

NOTHING = "nothing_to_grade"  # the kind of the finding that no case expects an intent


@dataclass
class CaseSet:
    """`sentences[i]` is `cases[i]` with its place in a person's file."""

    cases: list[Case] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # read, by file
    dropped: int = 0  # contradicting ones that were left out
    findings: list[Finding] = field(default_factory=list)

    def refuse_mistakes(self) -> None:
        """SettingsError with every mistake and its row; nothing if there is none."""
        told = [finding.text for finding in self.findings if finding.is_error]
        if told:
            raise SettingsError(
                say(
                    "The test cases cannot be used, and nothing was written:\n{mistakes}",
                    mistakes=tuple(told),
                )
            )


def gather_cases(tables: Iterable[Table], examples: ExampleSet, choices: Choices) -> CaseSet:
    """The cases of all tables for the intents of these examples, whose names were merged."""
    found, mistakes, ids = CaseSet(), Tally(), dict[str, str]()
    names = {label_form(name): name for name in examples.groups} if choices.merge_labels else {}
    complain = lru_cache(1000)(partial(_unknown, intents=tuple(examples.groups)))
    means_nothing = lru_cache(1000)(partial(means_no_intent, intents=tuple(examples.groups)))
    several = list(tables)
    for table in several:
        count = 0
        for record in table.records:
            count += 1
            case = _to_case(record, examples, table.source, len(several) > 1)
            if record.is_null or means_nothing(case.label):
                case = replace(case, expected=None)
            case = _distinguish(_with_known_intent(case, examples.groups, names), record, ids)
            problem = _find_problem(case, examples.groups, ids, complain)
            if problem is not None:
                mistakes.add(problem, table.source.where(record.row))
                continue
            ids[case.id] = case.text
            found.cases.append(case)
            found.sentences.append(Sentence(case.text, case.label, table.source, record.row))
        found.rows.append(count)
    found.findings += mistakes.findings()
    _check_contradictions(found, choices)
    if found.cases and all(case.expected is None for case in found.cases):
        found.findings.append(Finding(NOTHING_TO_GRADE, is_error=True, kind=NOTHING))
    return found


def _to_case(record: Record, examples: ExampleSet, source: Source, is_one_of_many: bool) -> Case:
    expected = tidy(record.intent).strip()
    prefix = f"{PurePath(source.file).stem}-" if is_one_of_many else f"{source.unit}-"
    return Case(
        id=tidy(record.id).strip() or f"{prefix}{record.row}",
        kind=tidy(record.kind).strip() or "typical",
        text=tidy(record.text).strip(),
        expected=examples.merged.get(expected, expected),
    )


def _with_known_intent(case: Case, intents: Collection[str], names: Mapping[str, str]) -> Case:
    """`names`: the intents by their form, where the person joins those that are alike."""
    if case.expected is None or case.expected in intents or not names:
        return case
    return replace(case, expected=names.get(label_form(case.expected), case.expected))


def _distinguish(case: Case, record: Record, ids: Mapping[str, str]) -> Case:
    """With an id of its own, unless the person gave it one, or it is the same row once more.

    Two files of the same name in two folders have the same rows. `ids`: those so far, and what is
    asked under each.
    """
    number, key = 1, case.id
    while not record.id.strip() and ids.get(key, case.text) != case.text:
        number += 1
        key = f"{case.id}-{number}"
    return replace(case, id=key)


def _unknown(intent: str, intents: Collection[str]) -> Text:
    unknown = say("there is no intent {intent}", intent=repr(intent))
    return with_suggestion(unknown, intent, intents, is_inside=True)


def _find_problem(
    case: Case, intents: Collection[str], ids: Collection[str], complain: Callable[[str], Text]
) -> Text | None:
    if not case.text:
        return say("there is no sentence")
    if case.expected == "":
        return say("there is no intent: write it, or {word} where none fits", word=WORDS[0])
    if case.expected is not None and case.expected not in intents:
        return complain(case.expected)
    if case.id in ids:
        return say("another case has the id {id}", id=repr(case.id))
    return None


def _check_contradictions(found: CaseSet, choices: Choices) -> None:
    """A sentence with two right answers: one of them would always count as wrong."""
    expected: dict[str, set[str | None]] = {}
    for case in found.cases:
        expected.setdefault(same_form(case.text), set()).add(case.expected)
    bad = {form for form, intents in expected.items() if len(intents) > 1}
    if not bad:
        return
    is_good = [same_form(case.text) not in bad for case in found.cases]
    if choices.drop_conflicts:
        found.dropped = is_good.count(False)
        found.cases = [case for case, good in zip(found.cases, is_good, strict=True) if good]
        pairs = zip(found.sentences, is_good, strict=True)
        found.sentences = [one for one, good in pairs if good]
        return
    rows = [one.where for one, good in zip(found.sentences, is_good, strict=True) if not good]
    text = say(
        "{count} case expects one intent here and another there ({rows}). Correct the file, or"
        " leave them all out with `--drop-conflicts`",
        "{count} cases expect one intent here and another there ({rows}). Correct the file, or"
        " leave them all out with `--drop-conflicts`",
        count=len(rows),
        rows=join(rows, len(rows)),
    )
    found.findings.append(
        Finding(text, is_error=True, kind="conflict", rows=tuple(rows[:SHOWN]), count=len(rows))
    )


def encode_cases(found: CaseSet) -> Iterator[bytes]:
    """test_cases.json, piece by piece."""
    for number, case in enumerate(found.cases):
        one = {"text": case.text, "expected": case.expected, "kind": case.kind, "id": case.id}
        quoted = json.dumps(one, ensure_ascii=False)
        yield f"{',' if number else '['}\n  {quoted}".encode()
    yield b"\n]\n" if found.cases else b"[]\n"
