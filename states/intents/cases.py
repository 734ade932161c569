"""The test cases: a person's file, or else the validation rows.

check_data reads them before anything is paid, ask_cases before the first question.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from states.errors import Mistake
from states.intents.annotated_json import AnnotatedJson
from states.intents.dataset import Row
from states.intents.document import SHOWN
from states.intents.forms import same_form
from states.text import Text, say, with_suggestion

NOTHING_TO_GRADE = say(
    "no case expects an intent, so there is nothing to grade: add some that an intent fits"
)


@dataclass(frozen=True)
class Case:
    """One sentence and the intent that a right answer names; None: no intent fits it."""

    id: str
    kind: str  # a person's own grouping: typical, hard …
    text: str
    expected: str | None

    @property
    def label(self) -> str:
        """The intent, empty where none fits."""
        return self.expected or ""

    def as_json(self) -> dict[str, str | None]:
        return asdict(self)


Example = tuple[str, str]  # a training sentence and its intent


@dataclass(frozen=True)
class Questions:
    """What a project is graded on, as it was when the evaluation began."""

    system: str  # the instruction that the model was trained with
    intents: tuple[str, ...]
    cases: tuple[Case, ...]
    source: str  # place of the file, or "validation"
    examples: tuple[Example, ...] = ()  # for a model that was not trained on them
    validation: tuple[Case, ...] = ()  # asked as well where some case expects no intent

    def messages(self, case: Case, examples: Sequence[Example] = ()) -> list[dict[str, str]]:
        """What a deployment is asked, with `examples` before the sentence."""
        return [*self._begin(examples), {"role": "user", "content": case.text}]

    def _begin(self, examples: Sequence[Example]) -> list[dict[str, str]]:
        begun = [{"role": "system", "content": self.system}]
        for sentence, intent in examples:
            begun.append({"role": "user", "content": sentence})
            begun.append({"role": "assistant", "content": intent})
        return begun

    def digests(self, examples: Sequence[Example] = ()) -> list[str]:
        """Of each case, in order, the name of its paid answer: the `digest` of its messages.

        What all of them begin with, which may be long, is read once for all."""
        begun = hashlib.sha256(_spell(self._begin(examples))[:-1].encode())
        found = []
        for case in self.cases:
            whole = begun.copy()
            whole.update(f", {_spell({'role': 'user', 'content': case.text})}]".encode())
            found.append(whole.hexdigest())
        return found

    def as_json(self) -> dict[str, Any]:
        examples = [list(example) for example in self.examples]
        return {
            "system": self.system,
            "intents": list(self.intents),
            "cases": [case.as_json() for case in self.cases],
            "source": self.source,
            **({"examples": examples} if examples else {}),
            **(
                {"validation": [case.as_json() for case in self.validation]}
                if self.validation
                else {}
            ),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Questions:
        cases = tuple(Case(**case) for case in data["cases"])
        examples = tuple((sentence, intent) for sentence, intent in data.get("examples", ()))
        return Questions(
            data["system"],
            tuple(data["intents"]),
            cases,
            data["source"],
            examples,
            tuple(Case(**case) for case in data.get("validation", ())),
        )


def digest(messages: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 of a question: the same question has the same, wherever it stands in the list."""
    return hashlib.sha256(_spell(messages).encode()).hexdigest()


def _spell(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class CaseFile:
    """The cases of a person's file, and what is to be told of it."""

    cases: list[Case]
    lines: list[int]  # of each case
    warnings: list[Text]


def parse(content: bytes, place: str, intents: Sequence[str]) -> CaseFile:
    """The cases of `[{"text", "expected", "kind"?, "id"?}, ...]`; null expects no intent.

    Raises Mistake, with every mistake and its line, if they cannot be used.
    """
    document = AnnotatedJson(content, place)
    if not isinstance(document.data, list) or not document.data:
        raise Mistake(
            say(
                '{place}: expected a list of cases {{"text": …, "expected": …, "kind": …}}.',
                place=place,
            )
        )
    cases: list[tuple[int, Case]] = []
    for position, entry in enumerate(document.data):
        problem = _find_problem(position + 1, entry, intents)
        if problem is None:
            cases.append((position, _to_case(position + 1, entry)))
        else:
            document.add_mistake((position,), problem)
    if cases and all(case.expected is None for _, case in cases):
        document.add_mistake((cases[0][0],), NOTHING_TO_GRADE)
    _check_ids(document, cases)
    _check_contradictions(document, cases)
    document.refuse_mistakes()
    lines = [document.line((position,)) for position, _ in cases]
    return CaseFile([case for _, case in cases], lines, document.warnings())


def without_repeats(cases: Iterable[Case]) -> list[Case]:
    """The first case of each sentence. The others would say the same once more, and an interval or
    a test that counts them as further trials would be surer than it may be."""
    first: dict[str, Case] = {}
    for case in cases:
        first.setdefault(same_form(case.text), case)
    return list(first.values())


def _check_ids(document: AnnotatedJson, cases: Sequence[tuple[int, Case]]) -> None:
    seen: dict[str, int] = {}
    for position, case in cases:
        first = seen.setdefault(case.id, position)
        if first != position:
            line = document.line((first,))
            problem = say("the case in line {line} has the same id ({id})", line=line, id=case.id)
            document.add_mistake((position,), problem)


def _check_contradictions(document: AnnotatedJson, cases: Sequence[tuple[int, Case]]) -> None:
    """A sentence with two right answers: one of them would always count as wrong."""
    seen: dict[str, tuple[int, Case]] = {}
    for position, case in cases:
        first, other = seen.setdefault(same_form(case.text), (position, case))
        if other.expected != case.expected:
            problem = say(
                "the sentence {sentence} expects {expected}, and in line {line} it expects"
                " {other}: keep one",
                sentence=repr(case.text),
                expected=_quote(case.expected),
                line=document.line((first,)),
                other=_quote(other.expected),
            )
            document.add_mistake((position,), problem)


def _find_problem(number: int, entry: Any, intents: Sequence[str]) -> Text | None:
    """Why the entry is no case, if it is none."""
    given = entry if isinstance(entry, dict) else {}
    text, expected = given.get("text"), given.get("expected")
    if not isinstance(text, str) or not text:
        return say("case {number} has no text", number=number)
    if "expected" not in given:
        return say(
            'case {number} has no "expected": write the intent, or null where none fits',
            number=number,
        )
    if expected is not None and expected not in intents:
        return with_suggestion(
            say(
                "case {number} expects {expected}, which is not one of the intents ({intents})",
                number=number,
                expected=repr(expected),
                intents=_list_first(intents),
            ),
            str(expected),
            intents,
            is_inside=True,
        )
    return None


def _quote(expected: str | None) -> str:
    return "null" if expected is None else repr(expected)


def _list_first(intents: Sequence[str]) -> str:
    told = ", ".join(repr(intent) for intent in intents[:SHOWN])
    return told if len(intents) <= SHOWN else f"{told}, …"


def _to_case(number: int, entry: Mapping[str, Any]) -> Case:
    return Case(
        id=str(entry.get("id") or f"case-{number:02}"),
        kind=str(entry.get("kind") or "typical"),
        text=entry["text"],
        expected=entry["expected"],
    )


def from_rows(rows: Sequence[Row]) -> list[Case]:
    """Validation rows as cases: not trained on, though the service measures its loss with them."""
    return [
        Case(f"validation-{n:02}", "validation", row.sentence, row.intent)
        for n, row in enumerate(rows, start=1)
    ]
