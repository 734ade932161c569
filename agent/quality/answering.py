"""The local classifier as a rival: trained on the training rows, and asked the test cases.

apart.py runs this in a process of its own, by the port `Quality`. Nothing is learnt from a case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.quality import classifier
from agent.quality.assessment import is_installed
from agent.quality.features import Vectors
from agent.quality.leakage import find_leaks
from agent.quality.local_model import FEWEST, one_thread
from states.evaluation.answers import Neighbour
from states.evaluation.local_answers import LocalAnswers
from states.intents.records import Source
from states.intents.sentences import Sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIBRARIES = ("numpy", "rapidfuzz", "scipy", "sklearn", "threadpoolctl")
LIKELIEST = 5  # intents told of each text
NEAREST = 3  # training sentences told of each text
_BLOCK = 500  # texts at a time: 40 MB of similarities with 20,000 sentences

Pause = Callable[[], None]


def can_answer(is_installed: Callable[[str], bool] = is_installed) -> bool:
    return all(is_installed(library) for library in LIBRARIES)


def answer(training: Sequence[Sentence], texts: Sequence[str], pause: Pause) -> LocalAnswers | None:
    """None where there is too little to train on. What is trained on is what takes seconds
    (classifier.select); all of `training` is searched for what a text nearly repeats.

    `pause` is called every few seconds, and may raise."""
    chosen = classifier.select(training, fewest=1)
    if len(chosen) < FEWEST:
        return None
    repeated = _find_repeated(training, texts, pause)
    with one_thread():
        model = _Model(chosen, list(repeated.values()), pause)
        told = [
            each
            for start in range(0, len(texts), _BLOCK)
            for each in model.ask(texts[start : start + _BLOCK])
        ]
    return LocalAnswers(
        features=model.features,
        predicted=tuple(one.predicted for one in told),
        chances=tuple(one.chances for one in told),
        neighbours=tuple(one.neighbours for one in told),
        is_near=tuple(at in repeated for at in range(len(texts))),
        seconds=round(model.seconds / max(len(texts), 1), 6),
    )


def _find_repeated(
    training: Sequence[Sentence], texts: Sequence[str], pause: Pause
) -> dict[int, Sentence]:
    """Number of a text -> the training sentence that it is, or nearly is."""
    nowhere = Source("")
    asked = [Sentence(text, "", nowhere, number) for number, text in enumerate(texts)]
    return {leak.asked.row: leak.trained for leak in find_leaks(training, asked, pause)}


@dataclass(frozen=True)
class _Told:
    """What is said of one text."""

    predicted: str
    chances: Mapping[str, float]
    neighbours: tuple[Neighbour, ...]


class _Model:
    """Trained on `chosen`. As neighbours it names them, and the `repeated` ones: beyond what can be
    trained on in seconds these are the nearest there are. `seconds`: what the answers took."""

    def __init__(
        self, chosen: Sequence[Sentence], repeated: Sequence[Sentence], pause: Pause
    ) -> None:
        import numpy as np

        self._pause = pause
        self._intents = sorted({one.intent for one in chosen})
        number = {name: at for at, name in enumerate(self._intents)}
        self._vectors = Vectors([one.text for one in chosen], pause)
        labels = np.array([number[one.intent] for one in chosen])
        self._model = classifier.train(self._vectors.rows, labels)
        self._pool, self._rows = list(chosen), self._vectors.rows
        texts = {one.text for one in chosen}
        if more := [one for one in repeated if one.text not in texts]:
            self._pool += more
            self._rows = np.concatenate(
                [self._rows, self._vectors.of([m.text for m in more], pause)]
            )
        self._rows = _to_unit(self._rows)
        self.features, self.seconds = self._vectors.name, 0.0

    def ask(self, texts: Sequence[str]) -> list[_Told]:
        began = time.perf_counter()
        rows = self._vectors.of(texts, self._pause)
        chances = self._model.predict_proba(rows)
        self.seconds += time.perf_counter() - began
        likeliest = (-chances).argsort(axis=1, kind="stable")[:, :LIKELIEST].tolist()
        similar = _to_unit(rows) @ self._rows.T
        return [
            _Told(
                self._intents[best[0]],
                {self._intents[at]: round(float(chances[row, at]), 4) for at in best},
                self._describe(similar[row]),
            )
            for row, best in enumerate(likeliest)
        ]

    def _describe(self, similar: NDArray[Any]) -> tuple[Neighbour, ...]:
        """The nearest ones; of equal ones, those that stand first."""
        import numpy as np

        least = np.partition(similar, -NEAREST)[-NEAREST]
        near = np.flatnonzero(similar >= least)
        order = near[np.argsort(-similar[near], kind="stable")][:NEAREST]
        return tuple(
            Neighbour(
                self._pool[at].text,
                self._pool[at].intent,
                round(min(1.0, float(similar[at])), 4),
            )
            for at in order.tolist()
            if similar[at] > 0
        )


def _to_unit(rows: NDArray[Any]) -> NDArray[Any]:
    """Each of length 1, or 0 where there is nothing in it."""
    from sklearn.preprocessing import normalize

    unit: NDArray[Any] = normalize(rows)
    return unit
