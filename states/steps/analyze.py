"""EVALUATED: analyze the answers, once, with the grades and bounds of this moment.

The analysis is kept as texts with values, so that every view and language renders the same one.
Where the generation before is still deployed, one of the two gives way then.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from states.errors import NeedsOperator, Permanent
from states.evaluation.analysis import Analysis, Subject, analyze
from states.evaluation.answers import Evaluation, RivalKind
from states.evaluation.comparison import Comparison, Word, compare_rivals
from states.evaluation.loss_curve import LossCurve
from states.evaluation.sample_size import ALPHA
from states.facts import OWN, Facts, known
from states.model import Project
from states.money.ends import next_end
from states.outcome import Done, GoOn, Outcome
from states.places import Artifact, Result, place_of
from states.ports import Catalog, Memory, Ports
from states.stages import AFTER_ANALYSIS, DELETED, Analyzed
from states.state import Event
from states.steps.renewal import may_be_renewed
from states.steps.succession import Standing, succeed
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    if project.facts.analyzed is not None:
        return _decide_succession(project, ports)
    analysis = analyze_project(
        project.name,
        project.facts,
        ports.memory,
        ports.catalog,
        ports.preferences.target,
        _recall_suspects(project.facts, ports),
    )
    verdict = analysis.verdict
    analyzed = Analyzed(
        analysis.grade,
        ports.memory.keep(analysis.as_json()),
        None if verdict is None else verdict.word.value,
        None if verdict is None else verdict.ship.value,
    )
    facts, parent = replace(project.facts, analyzed=analyzed), project.facts.parent
    if parent is None or parent.answers_at is None:
        return _finish(facts, ports)
    if _compare_with_parent(project, ports) is Standing.NOT_WORSE:
        facts = replace(facts, parent=replace(parent, gives_way=True))
    # Written down before anything is deleted: the deletion may take a while or be refused, and
    # nobody can ask any more to keep what is perhaps deleted already.
    return GoOn(say("one of the two deployments to be given up"), facts)


def _decide_succession(project: Project, ports: Ports) -> Done:
    """Which of two deployments stays. What the service refuses is no failure of the project."""
    try:
        facts, note = succeed(project, ports, _compare_with_parent(project, ports))
    except Permanent as refusal:
        raise NeedsOperator(refusal.text, heals=True) from refusal
    return _finish(facts, ports, note)


def _finish(facts: Facts, ports: Ports, note: Text | None = None) -> Done:
    """That our deployment is not to stay is written down; tear_down.py goes on from there."""
    deployed = facts.deployed
    is_ours = deployed is not None and deployed.is_ours and deployed.status != DELETED
    if is_ours and ports.preferences.teardown == AFTER_ANALYSIS:
        facts = replace(facts, gives_up=OWN)
    goes_on = (is_ours and facts.gives_up is not None) or _has_an_end(facts, ports)
    return Done(Event.ANALYSIS_MADE, facts, note, goes_on=goes_on)


def _has_an_end(facts: Facts, ports: Ports) -> bool:
    """Something is left to be done about a deployment, at its time."""
    return next_end(facts) is not None or may_be_renewed(facts, ports)


def _compare_with_parent(project: Project, ports: Ports) -> Standing:
    """WORSE as the verdict has it. UNKNOWN where the parent answered none of the cases that count,
    or where only the correction for other rivals, whom nobody will delete, keeps it from WORSE."""
    kept = ports.memory.recall(known(project.facts.evaluated).evaluation)
    for compared in compare_rivals(Evaluation.from_json(kept)):
        if compared.kind is RivalKind.PARENT:
            return _stand_beside(compared)
    return Standing.UNKNOWN


def _stand_beside(parent: Comparison) -> Standing:
    if parent.word is Word.WORSE:
        return Standing.WORSE
    fewer = parent.only_tuned_right < parent.only_rival_right
    return Standing.UNKNOWN if fewer and parent.p <= ALPHA else Standing.NOT_WORSE


def _recall_curve(memory: Memory, record: str | None) -> LossCurve:
    kept = memory.recall(record) if record else {}
    return LossCurve(kept.get("loss_curve", ()), kept.get("diverged_at"))


def _recall_suspects(facts: Facts, ports: Ports) -> list[tuple[str, str]]:
    """(label, the likelier one) of the training sentences that the check of the data suspects."""
    if Artifact.PREPARATION not in facts.artifacts:
        return []
    summary = json.loads(ports.artifacts.recorded(Artifact.PREPARATION))
    figures = summary.get("local_classifier", {}).get("label_errors", {})
    return [(one["given"], one["suggested"]) for one in figures.get("suspects", ())]


def analyze_project(
    name: str,
    facts: Facts,
    memory: Memory,
    catalog: Catalog,
    target: float | None = None,
    suspects: Sequence[tuple[str, str]] = (),
) -> Analysis:
    """The analysis of what `facts` name. Results of version 0.1, which kept none, use it too."""
    record = facts.trained.record if facts.trained else None
    chosen = None if facts.trained is None else facts.trained.checkpoint
    subject = Subject(
        evaluation=Evaluation.from_json(memory.recall(known(facts.evaluated).evaluation)),
        curve=_recall_curve(memory, record),
        project=name,
        results_place=place_of(Result.TEST_RESULTS, name),
        guide_place=place_of(Result.DEPLOYMENT_INFO, name),
        report_place=place_of(Result.REPORT_HTML, name),
        examples_place=place_of(Artifact.EXAMPLES, name),
        target=target,
        epochs=facts.prepared.plan.epochs if facts.prepared else None,
        suspects=suspects,
        step=None if chosen is None else chosen.step,
    )
    return analyze(subject, catalog.service)
