"""What stands in the JSON files of results/, rendered from the store alone. results.py writes them.

Nothing is computed here that a step has computed: the same facts give the same JSON, in each
language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from agent.views.deployment_advice import advise_on_deployment
from agent.views.deployment_guide import Question, Target, write_guide
from agent.views.language import Translate
from agent.views.result_figures import (
    render_cases,
    render_figures,
    render_suggestions,
    render_uncounted,
)
from agent.views.result_rivals import render_left_out, render_weighing
from agent.views.result_sources import render_lineage
from agent.views.times import foreign_time
from agent.views.verdict import render_comparisons, render_judgement
from states.bases.table import find_entry
from states.evaluation import scores
from states.evaluation.analysis import Analysis
from states.evaluation.answers import Evaluation
from states.evaluation.goal import Goal
from states.evaluation.scores import Score
from states.facts import Facts, known
from states.intents.dataset import Row, decode_each
from states.model import Project
from states.places import Artifact, Result
from states.ports import Catalog
from states.stages import Deployed, Evaluated, Requested
from states.steps.analyze import analyze_project
from states.steps.weigh_training import recall_weighing
from states.store_port import Store
from states.text import Text, say

Json = dict[str, Any]


class ResultContent:
    """Renders the results files. `target`: where the model is deployed, for the guide;
    `render_money`: what was spent (result_money.py)."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        target: Callable[[], Target],
        translate: Translate,
        is_stand_in: Callable[[str], bool],
        render_money: Callable[[Project], Json | None] = lambda _project: None,
    ) -> None:
        self._store, self._catalog, self._target = store, catalog, target
        self._translate, self._is_stand_in = translate, is_stand_in
        self._render_money = render_money

    def render(self, project: Project) -> Iterator[tuple[Result, Json]]:
        """Every file that the project has facts for, as JSON."""
        facts = project.facts
        if facts.created is not None:
            yield Result.TUNING_INFO, self._render_tuning(project)
        if facts.requested is not None and facts.trained is not None:
            yield Result.DEPLOYMENT_INFO, self._render_deployment(project)
        if facts.evaluated is not None:
            evaluation = self.read_evaluation(project, facts.evaluated)
            yield Result.TEST_RESULTS, self._render_answers(project, evaluation)
            if facts.analyzed is not None:
                yield Result.ANALYSIS, self._render_analysis(project, evaluation)

    def read_evaluation(self, project: Project, evaluated: Evaluated) -> Evaluation:
        memory = self._store.memory(project.name)
        return Evaluation.from_json(memory.recall(evaluated.evaluation))

    def _render_tuning(self, project: Project) -> Json:
        facts, created = project.facts, known(project.facts.created)
        plan, files = known(facts.prepared).plan, facts.uploaded
        recorded = facts.trained.record if facts.trained else created.record
        memory = self._store.memory(project.name)
        record = memory.recall(recorded) if recorded else {}
        job = record.get("job", {})
        return {
            **self._render_head(project),
            "job_id": created.id,
            "status": job.get("status") or created.status,
            "base_model": job.get("base_model") or plan.base_model,
            "fine_tuned_model": facts.trained and facts.trained.model,
            **_render_checkpoint(facts),
            "training_file": files.training_file if files else job.get("training_file"),
            "validation_file": files.validation_file if files else job.get("validation_file"),
            "hyperparameters_asked": {
                "n_epochs": plan.epochs,
                "batch_size": plan.batch_size,
                "learning_rate_multiplier": plan.learning_rate_multiplier,
            },
            "hyperparameters_resolved": job.get("hyperparameters"),
            "seed": job.get("seed"),
            "trained_tokens": job.get("trained_tokens"),
            "created_at": foreign_time(job.get("created_at")),
            "finished_at": foreign_time(job.get("finished_at")),
            "result_files": job.get("result_files", []),
            "events": [
                {**event, "at": foreign_time(event["at"])} for event in record.get("events", [])
            ],
            "loss_curve": record.get("loss_curve", []),
            "diverged_at": record.get("diverged_at"),
            "before_training": render_weighing(recall_weighing(facts, memory), self._translate),
        }

    def _render_deployment(self, project: Project) -> Json:
        facts, target = project.facts, self._target()
        deployment: Deployed | Requested = facts.deployed or known(facts.requested)
        model = known(facts.trained).model
        training, validation = (
            self._read_first_row(project, artifact)
            for artifact in (Artifact.TRAINING, Artifact.VALIDATION)
        )
        question = Question(training.instruction, validation.sentence)
        return {
            **self._render_head(project),
            "model": model,
            "deployment": deployment.name,
            "status": deployment.status or "awaiting_deployment",
            "created_by_agent": deployment.is_ours,
            "verified": facts.deployed and facts.deployed.is_verified,
            "endpoint": target.endpoint,
            "guide": write_guide(
                project.name,
                model,
                deployment.name,
                target,
                question,
                self._translate,
                find_entry(self._catalog.service, model),
            ),
        }

    def _read_first_row(self, project: Project, artifact: Artifact) -> Row:
        return next(decode_each(self._store.get_blob(project.facts.artifacts[artifact])))

    def _render_answers(self, project: Project, evaluation: Evaluation) -> Json:
        cases, deployed = evaluation.graded, project.facts.deployed
        model, patterns = known(project.facts.trained).model, scores.find_error_patterns(cases)
        return {
            **self._render_head(project),
            "model": model,
            "deployment": deployed and deployed.name,
            "cases_from": evaluation.source,
            **scores.score(cases).as_json(),
            **render_uncounted(evaluation),
            **render_figures(evaluation, (deployed and deployed.name) or "", model),
            "candidates_left_out": render_left_out(evaluation.left_out, self._translate),
            "confusion_matrix": scores.count_confusions(cases, evaluation.intents),
            "error_patterns": [pattern.as_json() for pattern in patterns],
            "comparisons": render_comparisons(evaluation),
            "finish_reasons": dict(evaluation.finishes),
            "lineage": render_lineage(project.facts),
            "cases_answered": render_cases(evaluation),
        }

    def _render_analysis(self, project: Project, evaluation: Evaluation) -> Json:
        analysis = self.read_analysis(project)
        total = scores.score(evaluation.graded)
        per_intent = scores.score_per_intent(evaluation.graded)
        best, worst = scores.find_extremes(per_intent) if per_intent else (None, None)
        patterns = scores.find_error_patterns(evaluation.graded)
        return {
            **self._render_head(project),
            **render_judgement(analysis, self._translate),
            "accuracy": total.accuracy,
            "cases": total.cases,
            "interval_95": list(total.interval),
            **render_uncounted(evaluation),
            "reading": self._translate(analysis.reading),
            **self._render_goal(analysis.goal),
            "best_intent": _render_extreme(best, per_intent),
            "worst_intent": _render_extreme(worst, per_intent),
            "variance": scores.variance_of(per_intent),
            "failures": [pattern.as_json() for pattern in patterns],
            "suggestions": render_suggestions(analysis.suggestions, self._translate),
            "next_steps": [
                self._translate(step) for step in (*analysis.next_steps, *self._advise(project))
            ],
            "spending": self._render_spending(project),
        }

    def _render_spending(self, project: Project) -> Json | None:
        found = self._render_money(project)
        return found and {"charges_money": not self._is_stand_in(project.service), **found}

    def _render_goal(self, goal: Goal | None) -> Json:
        """Nothing for a project without a target."""
        if goal is None:
            return {}
        text = self._translate(goal.text)
        return {"target": {"accuracy": goal.accuracy, "reached": goal.is_reached, "text": text}}

    def read_analysis(self, project: Project) -> Analysis:
        """The stored analysis. Version 0.1 kept only the grade: then the rest is analyzed now."""
        memory, analyzed = self._store.memory(project.name), known(project.facts.analyzed)
        if analyzed.analysis is not None:
            return Analysis.from_json(memory.recall(analyzed.analysis))
        analysis = analyze_project(project.name, project.facts, memory, self._catalog)
        return replace(analysis, grade=analyzed.grade)

    def _advise(self, project: Project) -> list[Text]:
        return advise_on_deployment(project, self._is_stand_in(project.service))

    def _render_head(self, project: Project) -> Json:
        head: Json = {
            "project": project.name,
            "generation": project.generation,
            "service": project.service,
        }
        if self._is_stand_in(project.service):
            head["service"] = project.service.partition("/")[0]  # which one is this home's business
            head["notice"] = self._translate(
                say(
                    "Made on the local emulator, which stands in for the service's behaviour. Its"
                    " accuracies are those of a small local model, not of GPT."
                )
            )
        return head


def _render_checkpoint(facts: Facts) -> Json:
    """Nothing for the final model."""
    chosen = facts.trained and facts.trained.checkpoint
    if not chosen:
        return {}
    return {"checkpoint": {"id": chosen.id, "step": chosen.step, "final_model": chosen.final}}


def _render_extreme(intent: str | None, per_intent: Mapping[str, Score]) -> Json | None:
    """`tied_with`: others of the same accuracy, which only the alphabet puts second."""
    if intent is None:
        return None
    ties = scores.find_ties(intent, per_intent)
    return {"intent": intent, "tied_with": ties, **per_intent[intent].as_json()}
