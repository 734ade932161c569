"""The other candidates: untuned models, with and without examples, and the generation before.

ask_cases.py has them asked the test cases once the tuned model has answered, and weigh_training.py
validation sentences before anything is trained. None of them may hold the project up: one that does
not answer is left out, and it is said why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from states.errors import AfinadorError, NotFound, Permanent, StoreError, Transient
from states.evaluation.answers import Answer, Rival, RivalKind
from states.evaluation.left_out import LeftOut
from states.evaluation.scores import find_intent
from states.facts import Facts
from states.intents.cases import Example, Questions
from states.intents.few_shot import choose_examples
from states.outcome import GoOn, Outcome, Wait
from states.patience import GLITCHES
from states.ports import Memory, Ports
from states.remote import Finish
from states.stages import RivalAsked
from states.steps.paid_answers import AnswersOfDeployment, AnswersOfModel, PaidAnswers
from states.steps.question_round import Asked, QuestionRound
from states.text import Text, say

PAUSE = 1.0  # seconds, after a fault that let others through; doubled with each that did not
LOOKS = 7  # in a row that brought no answer: one or two minutes, or more as the service says
LONGEST_WAIT = 600.0  # seconds in a row, by what the service says


@dataclass(frozen=True)
class Contender:
    """Who is asked, and how. `deployment`: None where it answers no more.

    `model`: whose answers these are, once for all; None for what a deployment happens to serve."""

    kind: RivalKind
    name: str
    deployment: str | None
    model: str | None = None
    examples: Sequence[Example] = ()
    unsupported: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By which the facts know it."""
        return f"{self.kind.value} {self.name}"

    def find_stand(self, rivals: Mapping[str, RivalAsked]) -> RivalAsked:
        """How far it is. A deployment that does not answer does so with examples no sooner."""
        plain = rivals.get(f"{RivalKind.BASE.value} {self.deployment}")
        if self.examples and plain is not None and plain.left_out is not None:
            return plain
        return rivals.get(self.key, RivalAsked(unsupported=self.unsupported))

    def find_paid(self, memory: Memory, facts: Facts) -> PaidAnswers:
        """Its answers that are paid for."""
        if self.model is not None:
            return AnswersOfModel(memory, self.model)
        tuned = facts.trained.model if facts.trained else ""
        return AnswersOfDeployment(memory, self.deployment or "", tuned)


def list_contenders(facts: Facts, ports: Ports, questions: Questions) -> list[Contender]:
    """Everybody that is asked, in this order."""
    names, examples = ports.preferences.base_deployments, questions.examples
    found = [Contender(RivalKind.BASE, name, name) for name in names]
    if examples:
        for name in names:
            told = f"{name}, {len(examples)}-shot"
            found.append(Contender(RivalKind.FEW_SHOT, told, name, examples=examples))
    if facts.parent is not None and facts.trained is not None:
        parent = facts.parent
        told = f"generation {parent.generation}"
        found.append(
            Contender(
                RivalKind.PARENT,
                told,
                parent.answers_at,
                parent.model,
                unsupported=parent.unsupported,
            )
        )
    return found


def choose_for_rivals(rows: Iterable[Example], ports: Ports) -> list[Example]:
    """The examples that go with a question; none where nobody is asked with them."""
    if not ports.preferences.base_deployments:
        return []
    return choose_examples(rows, ports.tokens.count)


def ask_rivals(facts: Facts, ports: Ports, questions: Questions) -> Outcome | None:
    """How far they are after one more batch of the first that has an open question.

    None once nobody has any."""
    stand = dict(facts.rivals or {})
    for contender in list_contenders(facts, ports, questions):
        now = contender.find_stand(stand)
        if now.is_over:
            continue
        asked = QuestionRound(
            ports,
            Asked(questions, contender.examples),
            contender.find_paid(ports.memory, facts),
            now.unsupported,
            now.looks,
        )
        if asked.is_over or contender.deployment is None:
            stand[contender.key] = replace(now, is_over=True)
            continue
        trouble = _refuse_another_model(ports, contender) or _hear(
            asked, contender.deployment, now.at_once
        )
        now, trouble = _judge(now, asked, trouble)
        after = replace(facts, rivals={**stand, contender.key: now})
        progress = _describe_progress(contender, asked)
        if trouble is None:
            return GoOn(progress, after)
        return Wait(_pause(trouble, now.looks), progress, after)
    return None


def _hear(asked: QuestionRound, deployment: str, at_once: int | None) -> AfinadorError | None:
    """What stood in the way after one more batch. Raises what is no trouble of the deployment."""
    asked.ask(deployment, at_once)
    trouble = asked.trouble or asked.silence
    if isinstance(trouble, StoreError) or not isinstance(trouble, AfinadorError | None):
        raise trouble
    return trouble


def _judge(
    now: RivalAsked, asked: QuestionRound, trouble: AfinadorError | None
) -> tuple[RivalAsked, AfinadorError | None]:
    """How far it is now, and what is to be waited for, if anything is."""
    looks = now.looks + 1 if trouble is not None and not asked.answered else 0
    now = replace(now, looks=looks, unsupported=asked.unsupported)
    now = replace(now, at_once=asked.at_once or now.at_once)
    if trouble is None:
        return now, None
    if trouble is asked.silence and looks > GLITCHES:
        asked.believe_silence()
        return replace(now, looks=0), None
    if _is_hopeless(trouble, looks):
        return replace(now, is_over=True, left_out=trouble.text.as_json()), None
    return now, trouble


def _describe_progress(contender: Contender, asked: QuestionRound) -> Text:
    return say(
        "{name}, for comparison ({done} of {total} answered)",
        name=contender.name,
        done=asked.count_answered(),
        total=len(asked.answers),
    )


def _is_hopeless(trouble: AfinadorError, looks: int) -> bool:
    """Nobody waits any longer for its answers. `looks`: in a row that brought none."""
    if isinstance(trouble, NotFound):
        return looks > GLITCHES
    if not isinstance(trouble, Transient):
        return True
    return looks >= LOOKS or max(looks, 1) * (trouble.retry_after or 0.0) > LONGEST_WAIT


def _pause(trouble: AfinadorError, looks: int) -> float:
    said = trouble.retry_after if isinstance(trouble, Transient) else None
    return PAUSE * 2 ** max(looks - 1, 0) if said is None else said


def _refuse_another_model(ports: Ports, contender: Contender) -> AfinadorError | None:
    """What speaks against asking one whose model is known; None where nothing is known of it."""
    if contender.model is None or contender.deployment is None:
        return None
    try:
        found = ports.read.deployment(contender.deployment)
    except NotFound:
        return None  # cannot be listed here, so nobody knows
    except AfinadorError as trouble:
        return trouble
    if found is None or found.model in ("", contender.model):  # an answer may name none
        return None
    return Permanent(
        say(
            "{name} serves {model} now, another model",
            name=contender.deployment,
            model=found.model,
        )
    )


# What came of it ------------------------------------------------------------------------------


def gather_rivals(
    facts: Facts, ports: Ports, questions: Questions
) -> tuple[list[Rival], list[LeftOut]]:
    """Those that were asked, with their answers, and those that are left out."""
    rivals, left_out = [], []
    for contender in list_contenders(facts, ports, questions):
        reason = Text.from_json(contender.find_stand(facts.rivals or {}).left_out)
        paid = contender.find_paid(ports.memory, facts)
        answers = [_read(paid.known.get(d)) for d in questions.digests(contender.examples)]
        if reason is None and not any(answers):
            reason = _describe_silence(contender)
        if reason is not None:
            left_out.append(LeftOut(contender.kind.value, contender.name, reason))
            continue
        rivals.append(_to_rival(contender, paid.model or contender.name, answers, questions))
    return rivals, left_out


def _describe_silence(contender: Contender) -> Text:
    if contender.deployment is None:
        return say("its deployment is gone, and none of its answers was kept")
    return say("it gave no answer")


def _read(kept: Mapping[str, object] | None) -> Answer | None:
    """None also where nobody stated anything: that says nothing of the model."""
    answer = None if kept is None else Answer.from_json(kept)
    return None if answer is None or answer.finish is Finish.UNANSWERED else answer


def _to_rival(
    contender: Contender, model: str, answers: Sequence[Answer | None], questions: Questions
) -> Rival:
    predicted = tuple(
        None if answer is None else find_intent(answer.statement, questions.intents)
        for answer in answers
    )
    return Rival(contender.kind, contender.name, model, tuple(answers), predicted)


def describe_left_out(left_out: Sequence[LeftOut]) -> Text | None:
    """Of the first of them, why it is missing in the comparison."""
    if not left_out:
        return None
    return say(
        "{name} is left out of the comparison: {reason}",
        name=left_out[0].name,
        reason=left_out[0].reason,
    )
