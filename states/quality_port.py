"""What a step may have a local classifier say of the sentences: `ports.quality`.

Implemented by agent/quality, in a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever hands these over has loaded them
    from states.evaluation.local_answers import LocalAnswers
    from states.intents.findings import Assessment
    from states.intents.sentences import Sentence
    from states.text import Text


class Quality(Protocol):
    """A look at the sentences by a local classifier; needs the libraries of the extra `data`."""

    def assess(
        self, sentences: Sequence[Sentence], cases: Sequence[Sentence], language: str
    ) -> Assessment:
        """What ruins a classifier silently. Says itself what it could not do, and why."""
        ...

    def answer(
        self, training: Sequence[Sentence], texts: Sequence[str]
    ) -> LocalAnswers | Text | None:
        """What a classifier trained on `training` says of the texts; free, but takes seconds.

        None where the libraries are missing, or there is too little to train on; a Text where it
        was begun and ended without an answer. NotYet where the process is asked to end."""
        ...


class NoQuality:
    """Looks at nothing."""

    def assess(
        self, sentences: Sequence[Sentence], cases: Sequence[Sentence], language: str
    ) -> Assessment:
        from states.intents.findings import Assessment

        return Assessment()

    def answer(
        self, training: Sequence[Sentence], texts: Sequence[str]
    ) -> LocalAnswers | Text | None:
        return None
