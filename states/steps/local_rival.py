"""The free local classifier, asked the test cases once the others have answered.

ask_cases.py calls this. It costs seconds, and no money: what is interrupted begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from states.evaluation.answers import Evaluation, RivalKind
from states.evaluation.left_out import LeftOut
from states.evaluation.local_answers import to_rival
from states.intents.records import Source
from states.intents.row_lines import RowLines
from states.intents.sentences import Sentence
from states.places import Artifact
from states.ports import Ports
from states.text import Text

_MOST = 100_000  # training sentences; of more, as many drawn the same way each time
_SEED = 20_261
_LIBRARY = "scikit-learn"  # by which it is called while nobody knows what it goes by


def with_local(evaluation: Evaluation, ports: Ports) -> Evaluation:
    """With the local classifier among the rivals, the neighbours of each case, and the mark of
    those that nearly repeat a training sentence; as it was where nothing of this can be known."""
    rows = RowLines(ports.artifacts.recorded_pieces(Artifact.TRAINING))
    source = Source(ports.artifacts.place(Artifact.TRAINING))
    training = _draw(Sentence(text, shape.intent, source, line) for line, shape, text, _ in rows)
    local = ports.quality.answer(training, [one.case.text for one in evaluation.cases])
    if local is None:
        return evaluation
    if isinstance(local, Text):
        missing = LeftOut(RivalKind.LOCAL.value, _LIBRARY, local)
        return replace(evaluation, left_out=(*evaluation.left_out, missing))
    cases = tuple(
        # What is much like a trained sentence, and fits no intent, is the best test there is.
        replace(one, is_near=is_near and not one.is_trained and one.case.expected is not None)
        for one, is_near in zip(evaluation.cases, local.is_near, strict=True)
    )
    return replace(
        evaluation,
        cases=cases,
        rivals=(*evaluation.rivals, to_rival(local)),
        neighbours={
            one.case.id: near for one, near in zip(cases, local.neighbours, strict=True) if near
        },
    )


def _draw(sentences: Iterable[Sentence]) -> list[Sentence]:
    """All, or as many as are looked at, each with the same chance (Vitter 1985, algorithm R)."""
    random, kept = Random(_SEED), list[Sentence]()
    for number, sentence in enumerate(sentences):
        if number < _MOST:
            kept.append(sentence)
        elif (place := random.randrange(number + 1)) < _MOST:
            kept[place] = sentence
    return kept
