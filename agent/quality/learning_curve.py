"""Would more data help? The local classifier trained on a part of the sentences, and on all.

A part of local_model.py. The last doubling tells: where it gained, another one is likely to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from agent.quality.classifier import Trial, predict
from agent.quality.work import SEED
from states.evaluation.statistics import Z_95, wilson
from states.intents.findings import Assessment, Finding
from states.text import Rounded, Text, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARES = (0.125, 0.25, 0.5)  # of the sentences that a model may be trained on; all are in the trial
TESTED = 3  # parts that are asked: the whole curve costs as much as the trial
FEWEST_SIZES = 3  # points; fewer make no curve
_PER_INTENT = 2  # sentences of an intent on average, below which a point says nothing
_GAIN = 0.01  # accuracy by the last doubling, below which more of the same is not worth writing
_INTENT_GAIN, _INTENT_ASKED = 0.1, 5  # for one intent, whose numbers are small
_SHOWN = 5


@dataclass(frozen=True)
class Point:
    """`trained`: sentences; `is_right`: of each sentence asked, whether it was answered right."""

    trained: int
    is_right: NDArray[Any]

    @property
    def accuracy(self) -> float:
        return float(self.is_right.mean())

    def as_json(self) -> dict[str, Any]:
        low, high = wilson(int(self.is_right.sum()), len(self.is_right))
        return {
            "sentences": self.trained,
            "accuracy": round(self.accuracy, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }


def assess(trial: Trial, pause: Callable[[], None]) -> Assessment:
    import numpy as np

    asked = np.flatnonzero(trial.fold < TESTED)
    trainable = len(trial.labels) - len(asked) / min(TESTED, int(trial.fold.max()) + 1)
    shares = [s for s in SHARES if s * trainable >= _PER_INTENT * len(trial.intents)]
    if len(shares) + 1 < FEWEST_SIZES:
        return Assessment((), {"learning_curve": {"points": [], "too_few_to_say": True}})
    points = [_measure(trial, share, asked, pause) for share in shares]
    points.append(Point(round(trainable), trial.predicted[asked] == trial.labels[asked]))
    intents = _by_intent(trial, asked, points)
    figures = {"points": [point.as_json() for point in points], "per_intent": intents}
    return Assessment(_conclude(points, intents, trial, asked), {"learning_curve": figures})


def _measure(trial: Trial, share: float, asked: NDArray[Any], pause: Callable[[], None]) -> Point:
    """The classifier trained on a share of each other part, as often as parts are asked."""
    import numpy as np

    predicted = np.zeros(len(trial.labels), dtype=np.int64)
    trained = []
    for part in sorted(set(trial.fold[asked].tolist())):
        pause()
        rows = _share(trial.labels, np.flatnonzero(trial.fold != part), share)
        mine = np.flatnonzero(trial.fold == part)
        vectors = trial.features.rows
        found = predict(vectors[rows], trial.labels[rows], vectors[mine], len(trial.intents))
        predicted[mine] = found.argmax(axis=1)
        trained.append(len(rows))
    return Point(round(sum(trained) / len(trained)), predicted[asked] == trial.labels[asked])


def _share(labels: NDArray[Any], rows: NDArray[Any], share: float) -> NDArray[Any]:
    """Of each intent its share of the rows, at least one; a larger share holds the smaller."""
    import numpy as np

    by_label: defaultdict[int, list[int]] = defaultdict(list)
    order = rows.tolist()
    Random(SEED).shuffle(order)
    for at in order:
        by_label[int(labels[at])].append(at)
    kept = [
        at for members in by_label.values() for at in members[: -int(-share * len(members) // 1)]
    ]
    return np.array(sorted(kept))


def _by_intent(
    trial: Trial, asked: NDArray[Any], points: Sequence[Point]
) -> dict[str, list[float]]:
    """Intent -> the share of it that was recognized, at each point."""
    labels = trial.labels[asked]
    return {
        intent: [round(float(point.is_right[labels == at].mean()), 4) for point in points]
        for at, intent in enumerate(trial.intents)
        if (labels == at).any()
    }


def _conclude(
    points: Sequence[Point],
    intents: Mapping[str, Sequence[float]],
    trial: Trial,
    asked: NDArray[Any],
) -> list[Finding]:
    half, whole = points[-2], points[-1]
    values: dict[str, Any] = {
        "half": half.trained,
        "whole": whole.trained,
        "before": Rounded(100 * half.accuracy, 1),
        "after": Rounded(100 * whole.accuracy, 1),
    }
    is_certain = _is_certain(half, whole)
    has_room = is_certain or 1 - whole.accuracy >= _GAIN
    if whole.accuracy - half.accuracy < _GAIN or not has_room:
        text = say(
            "More of the same data would help little: from {half} to {whole} sentences, the local"
            " classifier went from {before} % to {after} % right.",
            **values,
        )
        return [Finding(text, kind="learning_curve")]
    if not is_certain:
        text = say(
            "Whether more data would help cannot be told: from {half} to {whole} sentences, the"
            " local classifier went from {before} % to {after} % right, which may be chance.",
            **values,
        )
        return [Finding(text, kind="learning_curve")]
    text = say(
        "More data would help: from {half} to {whole} sentences, the local classifier went from"
        " {before} % to {after} % right.",
        **values,
    )
    return [Finding(text, kind="learning_curve"), *_tell_intents(intents, trial, asked)]


def _is_certain(half: Point, whole: Point) -> bool:
    """The gain is more than chance: the same sentences were asked."""
    gained = int((whole.is_right & ~half.is_right).sum())
    lost = int((half.is_right & ~whole.is_right).sum())
    return bool(gained - lost > Z_95 * (gained + lost) ** 0.5)


def _tell_intents(
    intents: Mapping[str, Sequence[float]], trial: Trial, asked: NDArray[Any]
) -> list[Finding]:
    """Those that gained most by the last doubling."""
    labels = trial.labels[asked].tolist()
    gains = {
        intent: shares[-1] - shares[-2]
        for intent, shares in intents.items()
        if labels.count(trial.intents.index(intent)) >= _INTENT_ASKED
    }
    best = sorted((i for i in gains if gains[i] >= _INTENT_GAIN), key=lambda i: (-gains[i], i))
    if not best:
        return []
    text = say(
        "It would help these intents most:\n{intents}",
        intents=tuple(_describe(intent, intents[intent]) for intent in best[:_SHOWN]),
    )
    return [Finding(text, kind="learning_curve_intents", count=len(best))]


def _describe(intent: str, shares: Sequence[float]) -> Text:
    return say(
        "{intent}: from {before} % to {after} %",
        intent=repr(intent),
        before=Rounded(100 * shares[-2], 0),
        after=Rounded(100 * shares[-1], 0),
    )
