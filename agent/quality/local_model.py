"""What a classifier trained here and now says of the sentences: it costs nothing but seconds.

The last stage of assessment.py: its accuracy, suspected labels, confused intents, learning curve.
"""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager
from typing import Any

from agent.quality import classifier, features, learning_curve, separability, suspects
from agent.quality.classifier import Trial
from agent.quality.work import Work
from states.evaluation.statistics import wilson
from states.intents.findings import Assessment, Finding
from states.text import say

FEWEST = 10  # sentences: of fewer, nothing can be said


def stage(work: Work) -> Assessment:
    chosen = classifier.select(work.sentences)
    if len(chosen) < FEWEST:
        return Assessment((), {"local_accuracy": None, "too_few_to_say": True})
    with one_thread():
        made = features.make([one.text for one in chosen], work.pause)
        trial = classifier.try_out(chosen, made, work.pause)
        parts = [
            Assessment(_tell_sample(work, trial), _figures(work, trial)),
            suspects.assess(trial),
            separability.assess(trial),
            learning_curve.assess(trial, work.pause),
        ]
    return Assessment(
        [finding for part in parts for finding in part.findings],
        {name: figure for part in parts for name, figure in part.figures.items()},
    )


def one_thread() -> AbstractContextManager[Any]:
    """The daemon has threads of its own, and a second one here takes more time than it saves.

    Only what is loaded by now is limited, and sklearn and scipy bring a BLAS each.
    """
    import scipy.linalg  # noqa: F401
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def _figures(work: Work, trial: Trial) -> dict[str, Any]:
    is_right = trial.predicted == trial.labels
    right, total = int(is_right.sum()), len(is_right)
    low, high = wilson(right, total)
    return {
        "local_accuracy": {
            "accuracy": round(right / total, 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "n": total,
            "features": trial.features.name,
            "of": len(work.sentences),
            "intents": len(trial.intents),
        },
        "per_intent": {
            intent: {
                "sentences": int((trial.labels == at).sum()),
                "recognized": round(float(is_right[trial.labels == at].mean()), 4),
            }
            for at, intent in enumerate(trial.intents)
        },
    }


def _tell_sample(work: Work, trial: Trial) -> list[Finding]:
    if len(trial.sentences) == len(work.sentences):
        return []
    text = say(
        "The local classifier looked at {count} of {total} sentences, of {intents} of {all}"
        " intents: it is kept to what takes a minute, and to intents of two sentences or more.",
        count=len(trial.sentences),
        total=len(work.sentences),
        intents=len(trial.intents),
        all=len(Counter(one.intent for one in work.sentences)),
    )
    return [Finding(text, kind="sampled")]
