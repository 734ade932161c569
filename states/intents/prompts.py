"""One chat prompt for each different sentence, as build_prompts writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from states.intents.forms import form_number
from states.intents.row_lines import literal_of, shape_of, with_intent


def build_prompts(examples: Mapping[str, Sequence[str]], instruction: str) -> Iterator[bytes]:
    """The JSONL file line by line, in the order of the example set."""
    seen: set[int] = set()
    ours = shape_of(instruction, "")
    for intent, sentences in examples.items():
        shape = with_intent(ours, intent)
        head, tail = shape.head, shape.tail
        for sentence in sentences:
            form = form_number(sentence)
            if form not in seen:
                seen.add(form)
                yield b"%b%b%b" % (head, literal_of(sentence), tail)
