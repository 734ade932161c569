"""What stands in the JSON files of results/, rendered from the store alone. results.py writes them.

Nothing is computed here that a step has computed: the same facts give the same JSON, in each
language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.views.language import Translate
from agent.views.times import foreign_time
from states.bases.table import find_entry
from states.facts import Facts, known
from states.model import Project
from states.places import Artifact, Result
from states.ports import Catalog, Memory
from states.stages import Deployed, Evaluated, Requested
from states.store_port import Store
from states.text import say

if TYPE_CHECKING:  # what a training that is followed does without
    from agent.views.deployment_guide import Target
    from states.evaluation.analysis import Analysis
    from states.evaluation.answers import Evaluation
    from states.intents.dataset import Row

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
            yield from self._render_evaluation(project, facts.evaluated)

    def _render_evaluation(
        self, project: Project, evaluated: Evaluated
    ) -> Iterator[tuple[Result, Json]]:
        from agent.views.result_evaluation import render_analysis, render_answers

        evaluation, head = self.read_evaluation(project, evaluated), self._render_head(project)
        answers = render_answers(project, evaluation, self._translate)
        yield Result.TEST_RESULTS, {**head, **answers}
        if project.facts.analyzed is not None:
            analysis = render_analysis(
                project,
                evaluation,
                self.read_analysis(project),
                self._render_money(project),
                self._is_stand_in(project.service),
                self._translate,
            )
            yield Result.ANALYSIS, {**head, **analysis}

    def read_evaluation(self, project: Project, evaluated: Evaluated) -> Evaluation:
        from states.evaluation.answers import Evaluation

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
            "before_training": self._render_weighing(facts, memory),
        }

    def _render_weighing(self, facts: Facts, memory: Memory) -> Json | None:
        """None where nothing was weighed."""
        if facts.weighed is None or facts.weighed.comparison is None:
            return None
        from agent.views.result_rivals import render_weighing
        from states.steps.weigh_training import recall_weighing

        return render_weighing(recall_weighing(facts, memory), self._translate)

    def _render_deployment(self, project: Project) -> Json:
        from agent.views.deployment_guide import Question, write_guide

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
        from states.intents.dataset import decode_each

        return next(decode_each(self._store.get_blob(project.facts.artifacts[artifact])))

    def read_analysis(self, project: Project) -> Analysis:
        """The stored analysis. Version 0.1 kept only the grade: then the rest is analyzed now."""
        from states.evaluation.analysis import Analysis
        from states.steps.analyze import analyze_project

        memory, analyzed = self._store.memory(project.name), known(project.facts.analyzed)
        if analyzed.analysis is not None:
            return Analysis.from_json(memory.recall(analyzed.analysis))
        analysis = analyze_project(project.name, project.facts, memory, self._catalog)
        return replace(analysis, grade=analyzed.grade)

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
