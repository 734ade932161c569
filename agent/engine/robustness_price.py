"""What `evaluate --robustness` will ask beside the cases, and what that costs.

The command tells it before anything is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.engine.evaluation import read_given_cases
from states.evaluation.answers import Evaluation
from states.evaluation.robustness import change_cases
from states.facts import Facts, known
from states.intents.cases import Case, Questions
from states.intents.dataset import decode_each
from states.model import Project
from states.places import Artifact
from states.ports import Ports
from states.steps.pricing import price_candidates
from states.text import Text, dollars, say


@dataclass(frozen=True)
class Estimate:
    """`calls`: at most; a case that turns out not to count is not changed. `usd`: None: unknown."""

    calls: int
    usd: float | None
    is_paid: bool

    def describe(self) -> Text:
        asked = say(
            "For the robustness {count} more sentence is asked",
            "For the robustness up to {count} more sentences are asked",
            count=self.calls,
        )
        if not self.calls or not self.is_paid:
            return say("{asked}, which costs nothing.", asked=asked)
        if self.usd is None:
            return say("{asked}; what this costs is not known.", asked=asked)
        return say("{asked}, for about {usd} USD.", asked=asked, usd=dollars(self.usd))


def estimate_robustness(project: Project, ports: Ports) -> Estimate:
    """Of the cases as they are now, without what is answered and paid for already."""
    facts = project.facts
    system = next(decode_each(ports.artifacts.recorded(Artifact.TRAINING))).instruction
    cases = _leave_out_uncounted(read_given_cases(project, ports.artifacts), facts, ports)
    changed = [case for _, case in change_cases(cases)]
    questions = Questions(system, (), tuple(changed), "")
    paid = ports.memory.answers(known(facts.trained).model)
    by_digest = dict(zip(questions.digests(), changed, strict=True))
    asked = [case for digest, case in by_digest.items() if digest not in paid]
    return Estimate(len(asked), price_questions(system, asked, facts, ports), ports.charges_money)


def _leave_out_uncounted(cases: Sequence[Case], facts: Facts, ports: Ports) -> list[Case]:
    """Those that no intent fits, and those that did not count the last time."""
    uncounted: set[str] = set()
    if facts.evaluated is not None:
        former = Evaluation.from_json(ports.memory.recall(facts.evaluated.evaluation))
        uncounted = {one.case.text for one in former.cases if not one.counts}
    return [case for case in cases if case.expected is not None and case.text not in uncounted]


def price_questions(system: str, asked: Sequence[Case], facts: Facts, ports: Ports) -> float | None:
    """USD; None where the price of the model is not known. A right answer is the intent alone."""
    framing, count = ports.catalog.service["tokens"], ports.tokens.count
    price = price_candidates(facts, (), ports).prices.get(known(facts.trained).model)
    if price is None:
        return None
    around = count(system) + 2 * framing["per_message"] + framing["per_example"]
    prompt = sum(around + count(case.text) for case in asked)
    completion = sum(count(case.label) + 1 for case in asked)
    usd: float = (prompt * price.input_usd + completion * price.output_usd) / 1_000_000
    return usd
