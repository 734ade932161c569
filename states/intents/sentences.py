"""Sentences, each with the place where a person finds it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

from states.intents.forms import form_number
from states.intents.records import Source
from states.text import Text

Examples = Mapping[str, Sequence[str]]  # intent -> its sentences


@dataclass(frozen=True)
class Sentence:
    """One sentence, and where a person finds it."""

    text: str
    intent: str
    source: Source
    row: int

    @property
    def where(self) -> Text:
        return self.source.where(self.row)


class Sentences(Sequence[Sentence]):
    """Those of an example set in its order, each made when it is asked for: none takes memory.

    `locate` says of the intent and the number in it in which file and row a person finds it.
    """

    def __init__(self, data: Examples, locate: Callable[[str, int], tuple[Source, int]]) -> None:
        self._data, self._locate, self._intents = data, locate, list(data)
        self._ends = list(accumulate(len(texts) for texts in data.values()))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """(text, intent) of each; much faster than one by one."""
        for intent, texts in self._data.items():
            for text in texts:
                yield text, intent

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sentence]: ...
    def __getitem__(self, index: int | slice) -> Sentence | list[Sentence]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        number = bisect_right(self._ends, place)
        intent = self._intents[number]
        return self._make(intent, place - (self._ends[number - 1] if number else 0))

    def __iter__(self) -> Iterator[Sentence]:
        for intent, texts in self._data.items():
            for index, text in enumerate(texts):
                yield Sentence(text, intent, *self._locate(intent, index))

    def _make(self, intent: str, index: int) -> Sentence:
        return Sentence(self._data[intent][index], intent, *self._locate(intent, index))


def pairs_of(sentences: Sequence[Sentence]) -> Iterator[tuple[str, str]]:
    """(text, intent) of each."""
    if isinstance(sentences, Sentences):
        return sentences.pairs()
    return ((one.text, one.intent) for one in sentences)


def find_forms(
    sentences: Sequence[Sentence],
    forms: Collection[int],
    form_of: Callable[[str], int | None] = form_number,
) -> dict[int, Sentence]:
    """Form -> the first sentence of it, of these forms. One pass, and none without forms."""
    at: dict[int, int] = {}
    for place, (text, _) in enumerate(pairs_of(sentences) if forms else ()):
        form = form_of(text)
        if form is not None and form in forms:
            at.setdefault(form, place)
    return {form: sentences[place] for form, place in at.items()}
