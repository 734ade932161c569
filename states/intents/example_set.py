"""The example set that a person's files make, each row with its place in them.

gather.py fills it, set_rules.py judges it, sources.py writes it down. A row costs its text and 16
bytes, so a million of them fit.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from states.errors import SettingsError
from states.intents.findings import Finding
from states.intents.records import Source
from states.intents.sentences import Sentence
from states.intents.texts import Texts
from states.text import say

ROWS = 1 << 40  # a place is `number of the source * ROWS + row`


@dataclass(frozen=True)
class Choices:
    """What a person decided for a whole file."""

    drop_conflicts: bool = False  # every sentence that stands under two intents, everywhere
    drop_duplicates: bool = False  # all but the first of the same sentence under one intent
    merge_labels: bool = False  # names that differ in case, marks, spaces, "_" or "-" alone


@dataclass(frozen=True)
class Dropped:
    """A row that was left out, as it stood in the file."""

    sentence: Sentence
    reason: str  # conflict, close conflict or duplicate


@dataclass
class Group:
    """The sentences of one intent, each with its place."""

    texts: Texts = field(default_factory=Texts)
    places: array[int] = field(default_factory=lambda: array("q"))

    def add(self, text: str, place: int) -> None:
        self.texts.append(text)
        self.places.append(place)

    def keep(self, wanted: Sequence[bool]) -> None:
        self.texts = Texts(text for text, kept in zip(self.texts, wanted, strict=True) if kept)
        self.places = array("q", (p for p, kept in zip(self.places, wanted, strict=True) if kept))


@dataclass
class ExampleSet:
    """One example set. `groups`: by intent, in the order of the files."""

    sources: list[Source] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # read, by source
    groups: dict[str, Group] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)  # name in the files -> name now
    findings: list[Finding] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(group.texts) for group in self.groups.values())

    def sentence(self, intent: str, index: int) -> Sentence:
        group = self.groups[intent]
        return Sentence(group.texts[index], intent, *self.locate(group.places[index]))

    def sentences(self) -> Iterator[Sentence]:
        for intent, group in self.groups.items():
            for text, place in zip(group.texts, group.places, strict=True):
                yield Sentence(text, intent, *self.locate(place))

    def locate(self, place: int) -> tuple[Source, int]:
        number, row = divmod(place, ROWS)
        return self.sources[number], row

    def refuse_mistakes(self) -> None:
        """SettingsError with every mistake and its row; nothing if there is none."""
        told = [finding.text for finding in self.findings if finding.is_error]
        if told:
            raise SettingsError(
                say(
                    "The sentences cannot be used, and nothing was written:\n{mistakes}",
                    mistakes=tuple(told),
                )
            )
