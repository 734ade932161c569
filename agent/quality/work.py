"""What every stage of the assessment gets: the sentences, the cases, and a way to be interrupted.

assessment.py makes it and calls the stages; each returns an Assessment of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from states.errors import NotYet
from states.intents.document import SHOWN
from states.intents.sentences import Sentence
from states.text import Text, say

SEED = 20_261  # the same data is always judged alike


def never() -> bool:
    return False


def no_pause() -> None:
    """For whoever can be ended by another."""


@dataclass(frozen=True)
class Work:
    """`cases` may be empty. `should_stop`: the process is asked to end."""

    sentences: Sequence[Sentence]
    cases: Sequence[Sentence] = ()
    should_stop: Callable[[], bool] = never

    def pause(self) -> None:
        """Raises NotYet where the process is asked to end: nothing half-done is recorded."""
        if self.should_stop():
            raise NotYet(say("The check of the data was interrupted; it begins anew."))


def sample(sentences: Sequence[Sentence], most: int) -> Sequence[Sentence]:
    """All, or `most` of them in their order, drawn the same way each time."""
    if len(sentences) <= most:
        return sentences
    return [sentences[at] for at in sorted(Random(SEED).sample(range(len(sentences)), most))]


def places(sentences: Sequence[Sentence]) -> tuple[Text, ...]:
    """Where the first few stand."""
    return tuple(one.where for one in sentences[:SHOWN])
