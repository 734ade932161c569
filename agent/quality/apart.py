"""The port `Quality` in earnest: its heavy work is done in a process of its own (other_process.py).

bootstrap makes it. The libraries take hundreds of megabytes, which a daemon would keep for weeks,
and a process can be ended at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.quality import other_process, spelling
from agent.quality.answering import can_answer
from agent.quality.assessment import STAGES, run_stages, tell_missing
from agent.quality.other_process import Ended, Job
from agent.quality.work import Work, never, sample
from states.errors import NotYet
from states.evaluation.local_answers import LocalAnswers
from states.intents import label_rules
from states.intents.findings import Assessment, Finding
from states.intents.sentences import Sentence
from states.text import Text, say

MOST = 100_000  # sentences that the heavy work looks at; of more, as many drawn at random


class ApartQuality:
    """As LocalQuality; of more than MOST sentences the heavy work looks at a sample."""

    def __init__(self, should_stop: Callable[[], bool] = never) -> None:
        self._should_stop = should_stop

    def assess(
        self, sentences: Sequence[Sentence], cases: Sequence[Sentence], language: str
    ) -> Assessment:
        work = Work(sentences, cases, self._should_stop)
        light = run_stages(work, [stage for stage in STAGES if stage.is_light])
        looked_at = sample(sentences, MOST)
        heavy = _assess_apart(work, looked_at)
        findings = [
            *label_rules.check(sentences, cases),
            *light.findings,
            *heavy.findings,
            *_tell_sample(len(looked_at), len(sentences)),
            *tell_missing(),
        ]
        return Assessment(findings, {**light.figures, **heavy.figures})

    def answer(
        self, training: Sequence[Sentence], texts: Sequence[str]
    ) -> LocalAnswers | Text | None:
        """A Text where its process ended on the way: it is free, and nothing depends on it."""
        if not can_answer():
            return None
        given = [spelling.of_sentences(sample(training, MOST)), list(texts)]
        try:
            return spelling.read_answers(other_process.run(Job.ANSWER, given, self._pause))
        except Ended as end:
            return say(
                "its process ended with {code}. Is there too little memory?",
                code=end.code,
            )

    def _pause(self) -> None:
        if self._should_stop():
            raise NotYet(say("The local classifier was interrupted; it begins anew."))


def _assess_apart(work: Work, looked_at: Sequence[Sentence]) -> Assessment:
    given = [spelling.of_sentences(looked_at), spelling.of_sentences(work.cases)]
    try:
        return spelling.read_assessment(other_process.run(Job.ASSESS, given, work.pause))
    except Ended as end:
        return Assessment([_describe_end(end.code)])


def _tell_sample(count: int, of: int) -> list[Finding]:
    if count == of:
        return []
    text = say(
        "All but personal data was looked for among {count} sentences drawn from {of}.",
        count=count,
        of=of,
    )
    return [Finding(text, kind="sampled")]


def _describe_end(code: int) -> Finding:
    text = say(
        "A part of the check was left out: its process ended with {code}. Is there too little"
        " memory?",
        code=code,
    )
    return Finding(text, kind="incomplete")
