"""Where imported sentences and cases come from: a file beside the one that was made of them.

Written by the import, read by check_data. It counts only for exactly the set it was written with: a
person who edits that set is shown its own lines.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring as quote

from states.intents.example_set import ROWS, ExampleSet
from states.intents.records import Source
from states.intents.sentences import Sentence


@dataclass(frozen=True)
class Sources:
    """`of`: sha-256 of the set. `rows`: intent -> number of the file and row, in turn."""

    of: str
    files: Sequence[Source]
    rows: Mapping[str, Sequence[int]]

    def locate(self, intent: str, index: int) -> tuple[Source, int]:
        file, row = self.rows[intent][2 * index : 2 * index + 2]
        return self.files[file], row


def parse(content: bytes | None, sha256: str) -> Sources | None:
    """None where there is no file, it is of another set, or nobody can read it."""
    try:
        data = json.loads(content or b"null")
        if data is None or data["of"] != sha256:
            return None
        # A list of numbers takes five times as much.
        rows = {intent: array("q", data["rows"][intent]) for intent in data["rows"]}
        return Sources(data["of"], [Source.from_json(one) for one in data["files"]], rows)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None


def encode_sources(found: ExampleSet, sha256: str) -> Iterator[bytes]:
    """The file, piece by piece."""
    files = [source.as_json() for source in found.sources]
    yield f'{{"of": "{sha256}",\n"files": {json.dumps(files, ensure_ascii=False)},\n'.encode()
    yield b'"rows": {'
    numbers = [files.index(file) for file in files]
    for number, (intent, group) in enumerate(found.groups.items()):
        yield b",\n" if number else b"\n"
        yield json.dumps(intent, ensure_ascii=False).encode() + b": ["
        rows = (f"{numbers[place // ROWS]}, {place % ROWS}" for place in group.places)
        yield ", ".join(rows).encode() + b"]"
    yield b"\n}}\n"


def encode_case_sources(sentences: Sequence[Sentence], sha256: str) -> bytes:
    """The same for test cases, in their order, under an empty name."""
    files = list(dict.fromkeys(one.source for one in sentences))
    rows = [number for one in sentences for number in (files.index(one.source), one.row)]
    data = {"of": sha256, "files": [file.as_json() for file in files], "rows": {"": rows}}
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"


def encode_examples(found: ExampleSet) -> Iterator[bytes]:
    """intent_examples.json as `json.dumps(…, indent=2)` writes it: one sentence a line."""
    yield b"{"
    for number, (intent, group) in enumerate(found.groups.items()):
        name = json.dumps(intent, ensure_ascii=False)
        yield f"{',' if number else ''}\n  {name}: [".encode()
        said = iter(group.texts)
        between = "\n    "
        while some := list(islice(said, 1000)):
            yield (between + ",\n    ".join(map(quote, some))).encode()
            between = ",\n    "
        yield b"\n  ]"
    yield b"\n}\n"
