"""One chat prompt for each different sentence, as build_prompts writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from states.intents.forms import form_number
from states.intents.row_lines import literal_of, shape_of, with_intent
from states.intents.sentences import Examples


def build_prompts(
    examples: Examples, instruction: str, repeated: Collection[str]
) -> Iterator[bytes]:
    """The JSONL file line by line, in the order of the example set.

    `repeated`: the intents under which a sentence stands twice; none stands under two.
    """
    ours = shape_of(instruction, "")
    for intent, sentences in examples.items():
        shape = with_intent(ours, intent)
        head, tail = shape.head, shape.tail
        for sentence in _differing(sentences) if intent in repeated else sentences:
            yield b"%b%b%b" % (head, literal_of(sentence), tail)


def _differing(sentences: Iterable[str]) -> Iterator[str]:
    """The first of each that are the same."""
    seen: set[int] = set()
    for sentence in sentences:
        form = form_number(sentence)
        if form not in seen:
            seen.add(form)
            yield sentence
