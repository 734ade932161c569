"""What `new` and `import` do once a person's files are understood: write, create, check.

Nothing here reaches the service: the states up to VALIDATED need none.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from agent.engine.ownership import new_uid
from agent.engine.tick import Ticker
from states.intents.document import Document
from states.intents.example_set import Dropped, ExampleSet
from states.intents.gather_cases import CaseSet, encode_cases
from states.intents.records import Record, Source, Table
from states.intents.sources import (
    Sources,
    encode_case_sources,
    encode_examples,
    encode_sources,
    parse,
)
from states.intents.spreadsheet import guard
from states.model import Project
from states.places import Artifact, place_of
from states.ports import Do, Read
from states.state import State
from states.store_port import Store

# Of a file that is to be written. What is large is made piece by piece, each time it is asked for.
Content = bytes | Callable[[], Iterable[bytes]]
LOCAL = (State.DRAFT, State.PROMPTED, State.SPLIT)


class _NoService:
    """Stands where the service would: a local state that reaches for it is a mistake of ours."""

    def __getattr__(self, name: str) -> Any:
        raise LookupError(f"a state before VALIDATED asks the service for {name!r}")


READ, DO = cast("Read", _NoService()), cast("Do", _NoService())


@dataclass(frozen=True)
class Preparation:
    """`ticker`: one whose ports hold READ and DO. `write`: atomic. `given`: what a person has put
    below the home for a project, as far as the store is to keep it (Artifacts.carried)."""

    home: Path
    store: Store
    ticker: Ticker
    write: Callable[[Path, Iterable[bytes]], None]
    given: Callable[[str], Mapping[Artifact, str]]

    def path(self, name: str, artifact: Artifact) -> Path:
        return self.home / place_of(artifact, name)

    def write_files(self, name: str, files: Mapping[Artifact, Content]) -> None:
        """Each is written whole; one that is the same already is left alone."""
        for artifact, content in files.items():
            if not self.holds(name, artifact, content):
                self.write(self.path(name, artifact), _pieces_of(content))

    def holds(self, name: str, artifact: Artifact, content: Content) -> bool:
        """The file is there and says the same."""
        path = self.path(name, artifact)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            same = all(file.read(len(piece)) == piece for piece in _pieces_of(content))
            return same and not file.read(1)

    def create(self, name: str, service: str, now: float, settings: Mapping[str, Any]) -> Project:
        """The project in DRAFT. If it was there already, it is returned as it is."""
        return self.store.create(name, new_uid(), service, now, settings, self.given(name))

    def check(self, name: str) -> Project:
        """The project, as far as it goes without the service: VALIDATED, or it says why not."""
        while True:
            project = self.store.load(name)
            if project is None or project.state not in LOCAL:
                break
            ticked = self.ticker.tick(name)
            if ticked.outcome not in ("moved", "superseded"):
                return ticked.after
        if project is None:
            raise LookupError(name)
        return project


def _pieces_of(content: Content) -> Iterable[bytes]:
    return (content,) if isinstance(content, bytes) else content()


def encode_set(found: ExampleSet) -> dict[Artifact, Content]:
    """The two files of an example set: the sentences, and where they come from."""
    known: list[str] = []  # the digest of the first, once it has been made

    def examples() -> Iterator[bytes]:
        digest = hashlib.sha256()
        for piece in encode_examples(found):
            digest.update(piece)
            yield piece
        known[:] = [digest.hexdigest()]

    def sources() -> Iterator[bytes]:
        if not known:
            for _ in examples():
                pass
        return encode_sources(found, known[0])

    return {Artifact.EXAMPLES: examples, Artifact.SOURCES: sources}


def encode_dropped(dropped: Sequence[Dropped], earlier: bytes = b"") -> bytes:
    """dropped.csv: the rows that were left out, with their places, for a spreadsheet.

    `earlier`: the file as it is, which keeps the rows that are still left out.
    """
    header = ["file", "sheet", "row", "reason", "intent", "text"]
    rows = [header, *csv.reader(io.StringIO(earlier.decode("utf-8-sig", "replace"), newline=""))]
    for one in dropped:
        source, sentence = one.sentence.source, one.sentence
        place = [guard(source.file), guard(source.sheet), str(sentence.row)]
        rows.append([*place, one.reason, guard(sentence.intent), guard(sentence.text)])
    file = io.StringIO()
    csv.writer(file).writerows(dict.fromkeys(map(tuple, rows)))  # each once
    return file.getvalue().encode("utf-8-sig")


def encode_case_file(found: CaseSet) -> dict[Artifact, Content]:
    """The two files of the test cases."""
    content = b"".join(encode_cases(found))
    sources = encode_case_sources(found.sentences, hashlib.sha256(content).hexdigest())
    return {Artifact.CASES: content, Artifact.CASE_SOURCES: sources}


def tables_of(document: Document, sources: bytes | None, sha256: str) -> list[Table]:
    """The set that a project has, as the tables it came from. `sha256`: of the set's file."""
    known = parse(sources, sha256)
    rows: dict[Source, list[Record]] = {}
    for intent, texts in document.data.items():
        for index, text in enumerate(texts):
            source, row = _locate(known, document, intent, index)
            rows.setdefault(source, []).append(Record(text, intent, row))
    return [Table(source, "JSON", records) for source, records in rows.items()]


def _locate(
    known: Sources | None, document: Document, intent: str, index: int
) -> tuple[Source, int]:
    if known is not None:
        return known.locate(intent, index)
    return Source(document.place), document.line((intent, index))


def count_rows(tables: Iterable[Table]) -> int:
    return sum(1 for table in tables for _ in table.records)
