"""The local classifier: logistic regression, always judged on sentences it was not trained on.

local_model.py makes one `Trial` and hands it to suspects.py, learning_curve.py, separability.py.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from agent.quality.features import Features
from agent.quality.work import SEED
from states.intents.sentences import Sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 20_000  # sentences
MOST_NUMBERS = 1_000_000  # sentences times intents, which is what the training costs
MOST_INTENTS = 300
FEWEST = 2  # sentences of an intent: one to train on, one to ask
FOLDS = 5
# Tried on banking77: C of 3 and 30 find fewer flipped labels; a finer tolerance no more.
_C, _TOLERANCE, _ITERATIONS = 10.0, 3e-4, 1_000


@dataclass(frozen=True)
class Trial:
    """Every sentence, and what was predicted of it by a model that had not seen it.

    `labels` and `predicted` are indices into `intents`, `fold` says which part a sentence is in.
    """

    sentences: Sequence[Sentence]
    intents: Sequence[str]
    features: Features
    labels: NDArray[Any]
    fold: NDArray[Any]
    probabilities: NDArray[Any]  # one row per sentence, one column per intent

    @property
    def predicted(self) -> NDArray[Any]:
        best: NDArray[Any] = self.probabilities.argmax(axis=1)
        return best


def select(sentences: Sequence[Sentence], fewest: int = FEWEST) -> list[Sentence]:
    """What is small enough to be trained on in seconds, of every intent its share.

    Intents of less than `fewest` sentences are left out, and beyond MOST_INTENTS the smallest.
    """
    counts = Counter(one.intent for one in sentences)
    intents = [name for name, count in counts.most_common(MOST_INTENTS) if count >= fewest]
    if len(intents) < 2:
        return []
    total = sum(counts[name] for name in intents)
    share = min(1.0, min(MOST, MOST_NUMBERS // len(intents)) / total)
    random = Random(SEED)
    by_intent: dict[str, list[int]] = {name: [] for name in intents}
    for at, one in enumerate(sentences):
        if one.intent in by_intent:
            by_intent[one.intent].append(at)
    kept: list[int] = []
    for members in by_intent.values():
        kept += random.sample(members, max(fewest, round(share * len(members))))
    return [sentences[at] for at in sorted(kept)]


def try_out(sentences: Sequence[Sentence], features: Features, pause: Callable[[], None]) -> Trial:
    """Each part of the sentences is predicted by a model of the other parts."""
    import numpy as np

    intents = sorted({one.intent for one in sentences})
    number = {name: at for at, name in enumerate(intents)}
    labels = np.array([number[one.intent] for one in sentences])
    fold = assign_folds(labels.tolist())
    probabilities = np.zeros((len(labels), len(intents)))
    for part in range(int(fold.max()) + 1):
        pause()
        asked = fold == part
        probabilities[asked] = predict(
            features.rows[~asked], labels[~asked], features.rows[asked], len(intents)
        )
    return Trial(sentences, intents, features, labels, fold, probabilities)


def assign_folds(labels: Sequence[int]) -> NDArray[Any]:
    """The part of each sentence; every intent is spread over the parts as evenly as can be."""
    import numpy as np

    counts = Counter(labels)
    folds = max(2, min(FOLDS, max(counts.values())))
    order = list(range(len(labels)))
    Random(SEED).shuffle(order)
    met: Counter[int] = Counter()
    fold = np.zeros(len(labels), dtype=np.int64)
    for at in order:
        # The first part differs by intent, else small intents would all be asked at once.
        fold[at] = (met[labels[at]] + labels[at]) % folds
        met[labels[at]] += 1
    return fold


def predict(
    rows: NDArray[Any], labels: NDArray[Any], asked: NDArray[Any], intents: int
) -> NDArray[Any]:
    """The probability of each intent for each asked row; 0 for an intent not trained on."""
    import numpy as np

    found = np.zeros((len(asked), intents))
    known = np.unique(labels)
    if len(known) == 1:
        found[:, known[0]] = 1.0
    elif len(asked):
        model = train(rows, labels)
        found[:, model.classes_] = model.predict_proba(asked)
    return found


def train(rows: NDArray[Any], labels: NDArray[Any]) -> Any:
    """The model of scikit-learn, of two labels or more."""
    from sklearn.linear_model import LogisticRegression

    # Of few sentences for each intent, which a person is told in our words.
    warnings.filterwarnings("ignore", category=UserWarning, module="sklearn")
    return LogisticRegression(C=_C, tol=_TOLERANCE, max_iter=_ITERATIONS).fit(rows, labels)
