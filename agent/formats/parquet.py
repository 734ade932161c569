"""Parquet, where pyarrow is installed: the columns that are taken, a few thousand rows at a time.

reading.py calls `read`. Rows are counted from 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from agent.formats.cells import check_record
from agent.formats.encoding import LONGEST_LINE
from agent.formats.extras import missing
from agent.formats.files import Document
from agent.formats.refusal import refusal, refusal_of_file
from agent.formats.roles import Chosen, choose
from agent.formats.values import as_text
from states.errors import SettingsError
from states.intents.records import Columns, Record, Source, Table
from states.text import say

_BATCH = 4_096  # rows
_MIB = 1 << 20
_TEXTS = ("string", "large_string")
_LARGEST_GROUP = 512 * _MIB  # the library unfolds what is taken of it whole


def read(document: Document, columns: Columns) -> Table:
    source = Source(document.name, unit="row")
    with _open(document, source) as file:
        names = tuple(file.schema_arrow.names)
        # It names its columns always, however a person says which they mean.
        chosen = replace(choose(names, columns, source), has_header=True)
        _check_sizes(file.metadata, source)
        if not file.metadata.num_rows:
            raise refusal_of_file(source, say("no row has a sentence: fill it"))
        texts = [field.name for field in file.schema_arrow if str(field.type) in _TEXTS]
        labels = _labels(file.schema_arrow.metadata)
        records = _Records(document, source, chosen, texts, labels)
    return Table(source, "Parquet", records, chosen.columns(), chosen.ignored())


def _taken(chosen: Chosen) -> Sequence[int | None]:
    return (chosen.text, chosen.intent, chosen.kind, chosen.id)


@contextmanager
def _open(document: Document, source: Source, texts: Sequence[str] = ()) -> Iterator[Any]:
    """The file. `texts`: columns whose repeated values are kept once, however often they come.

    Whatever goes wrong in the library means that the file is damaged."""
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise missing("pyarrow", source) from error
    try:
        with document.open() as file, ParquetFile(file, read_dictionary=list(texts)) as opened:
            yield opened
    except (SettingsError, MemoryError):
        raise
    except Exception as error:
        problem = say("the file is damaged: make it anew, or save the data as CSV")
        raise refusal_of_file(source, problem) from error


def _check_sizes(metadata: Any, source: Source) -> None:
    """Not of each column: asked for those of a damaged file, the library ends the process."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    if any(group.total_byte_size > _LARGEST_GROUP for group in groups):
        problem = say(
            "a row group of more than {limit} MiB: write it with smaller ones, or save the data as"
            " CSV",
            limit=_LARGEST_GROUP // _MIB,
        )
        raise refusal_of_file(source, problem)


def _labels(metadata: Mapping[bytes, bytes] | None) -> Mapping[str, Sequence[str]]:
    """Column -> the names of its numbers, as the hub of public data sets writes them."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        return {
            name: [str(label) for label in feature["names"]]
            for name, feature in features.items()
            if feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}


@dataclass(frozen=True)
class _Records:
    document: Document
    source: Source
    chosen: Chosen
    texts: Sequence[str]
    labels: Mapping[str, Sequence[str]]

    def __iter__(self) -> Iterator[Record]:
        names = [None if at is None else self.chosen.names[at] for at in _taken(self.chosen)]
        wanted = list(dict.fromkeys(name for name in names if name is not None))
        row = 0
        with _open(self.document, self.source, self.texts) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
                parts = [None if name is None else batch.column(name) for name in names]
                for at in range(batch.num_rows):
                    row += 1
                    text, intent, kind, key = (
                        "" if name is None or part is None else self._cell(part[at], name, row)
                        for name, part in zip(names, parts, strict=True)
                    )
                    if text.strip() or intent.strip():
                        yield check_record(Record(text, intent, row, kind, key), self.source)

    def _cell(self, scalar: Any, name: str, row: int) -> str:
        value = scalar.as_py()
        labels = self.labels.get(name, ())
        if isinstance(value, int) and 0 <= value < len(labels):
            return labels[value]
        text = as_text(value)
        if text is None or len(text) > LONGEST_LINE:
            problem = say("a sentence or an intent is not text, or without end: put text there")
            raise refusal(self.source, row, problem)
        return text
