"""results/: four JSON files, rendered from the store alone.

The engine calls `publish` after every move, and `report` calls it again at any time. Nothing is
computed here: the same facts give the same bytes, in each language, for every generation. A file
on disk is read back only to see which generation it belongs to, so that nothing is overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.views.deployment_guide import Question, Target, write_guide
from agent.views.language import Translate
from states.errors import StoreError, problem_of
from states.facts import DELETED, Deployed, Evaluated, Requested, deployment_of, known
from states.intents import verdict
from states.intents.analysis import Analysis
from states.intents.answers import Evaluation
from states.intents.dataset import Row, decode
from states.intents.goal import Goal
from states.intents.verdict import Score
from states.model import Project
from states.places import Artifact, Result, place_of
from states.ports import Catalog
from states.steps.analyze import analyze_project
from states.store_port import Store
from states.text import Text, say

Json = dict[str, Any]


class Results:
    """Renders and writes the results files of one home."""

    def __init__(
        self,
        home: Path,
        store: Store,
        catalog: Catalog,
        target: Callable[[], Target],
        translate: Translate,
        write: Callable[[Path, bytes], None],
        is_stand_in: Callable[[str], bool],
    ) -> None:
        self._home, self._store, self._catalog, self._target = home, store, catalog, target
        self._translate, self._write, self._is_stand_in = translate, write, is_stand_in

    def publish(self, project: Project) -> None:
        """Writes every file that the project has facts for, and sets aside what is of the past.

        Raises StoreError at the end if one could not be written.
        """
        trouble = None
        rendered = dict(self._render(project))
        for result in Result:
            try:
                self._set_aside(project, result)
                if result in rendered:
                    self._keep(self._path(project, result), rendered[result])
                else:
                    self._withdraw(project, result)
            except StoreError as error:
                trouble = error
        if trouble is not None:
            raise trouble

    def publish_everything(self, project: Project) -> None:
        """As `publish`, and the files of every earlier generation again, in generation-N/."""
        self.publish(project)
        for generation in range(1, project.generation):
            former = self._find_former(project, generation)
            for result, content in self._render(former) if former else ():
                self._keep(self._path(project, result, generation), content)

    def places_of(self, project: Project) -> list[str]:
        """Below the home: the files that there are for the project as it stands now."""
        return [place_of(result, project.name) for result, _ in self._render(project)]

    def files_of(self, project: Project) -> list[Path]:
        """Every file, of data and results, that there is of the project as it stands now.

        What an earlier generation left behind is not among them."""
        data = [place_of(artifact, project.name) for artifact in Artifact]
        paths = [self._home / place for place in (*data, *self.places_of(project))]
        return [path for path in paths if path.is_file()]

    def with_counts(self, project: Project) -> Project:
        """The project with the counts of its evaluation, for an accuracy with its interval.

        Version 0.1 kept them in the document of the answers alone."""
        evaluated = project.facts.evaluated
        if evaluated is None or evaluated.cases:
            return project
        total = verdict.score(self._read_evaluation(project, evaluated).cases)
        counted = replace(evaluated, cases=total.cases, correct=total.correct)
        return replace(project, facts=replace(project.facts, evaluated=counted))

    # Files --------------------------------------------------------------------------------------

    def _path(self, project: Project, result: Result, generation: int | None = None) -> Path:
        path = self._home / place_of(result, project.name)
        return path if generation is None else path.parent / f"generation-{generation}" / path.name

    def _keep(self, path: Path, content: Json) -> None:
        encoded = (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
        if not _holds(path, encoded):
            self._write(path, encoded)

    def _set_aside(self, project: Project, result: Result) -> None:
        """Moves what an earlier generation found into its folder: it is not what is true now."""
        path = self._path(project, result)
        generation = _read_generation(path)
        if generation is None or generation >= project.generation:
            return
        former = self._find_former(project, generation)
        rendered = dict(self._render(former)) if former else {}
        aside = self._path(project, result, generation)
        try:
            if result in rendered:
                self._keep(aside, rendered[result])
            else:  # of a database that an older copy replaced, say: kept as it is
                self._write(aside, path.read_bytes())
            path.unlink()
        except OSError as error:
            raise _to_unreadable(project, result, error) from error

    def _withdraw(self, project: Project, result: Result) -> None:
        """Removes a file of this generation that is no longer true, because a stage was dropped.

        Only one that the history can explain: a file that this database never wrote stays.
        """
        path = self._path(project, result)
        if _read_generation(path) != project.generation:
            return
        past = self._store.past(project, project.generation)
        if any(result in dict(self._render(former)) for former in past):
            try:
                path.unlink()
            except OSError as error:
                raise _to_unreadable(project, result, error) from error

    def _find_former(self, project: Project, generation: int) -> Project | None:
        """The project as that generation ended: its deployment was deleted on the way out."""
        former = next(iter(self._store.past(project, generation)), None)
        return former and replace(former, facts=former.facts.without_our_deployment())

    # The four files -----------------------------------------------------------------------------

    def _render(self, project: Project) -> Iterator[tuple[Result, Json]]:
        facts = project.facts
        if facts.created is not None:
            yield Result.TUNING_INFO, self._render_tuning(project)
        if facts.requested is not None and facts.trained is not None:
            yield Result.DEPLOYMENT_INFO, self._render_deployment(project)
        if facts.evaluated is not None:
            evaluation = self._read_evaluation(project, facts.evaluated)
            yield Result.TEST_RESULTS, self._render_answers(project, evaluation)
            if facts.analyzed is not None:
                yield Result.ANALYSIS, self._render_analysis(project, evaluation)

    def _read_evaluation(self, project: Project, evaluated: Evaluated) -> Evaluation:
        memory = self._store.memory(project.name)
        return Evaluation.from_json(memory.recall(evaluated.evaluation))

    def _render_tuning(self, project: Project) -> Json:
        facts, created = project.facts, known(project.facts.created)
        plan, files = known(facts.prepared).plan, known(facts.uploaded)
        recorded = facts.trained and facts.trained.record
        record = self._store.memory(project.name).recall(recorded) if recorded else {}
        job = record.get("job", {})
        return {
            **self._render_head(project),
            "job_id": created.id,
            "status": job.get("status") or created.status,
            "base_model": job.get("base_model") or plan.base_model,
            "fine_tuned_model": facts.trained and facts.trained.model,
            "training_file": files.training_file,
            "validation_file": files.validation_file,
            "hyperparameters_asked": {
                "n_epochs": plan.epochs,
                "batch_size": plan.batch_size,
                "learning_rate_multiplier": plan.learning_rate_multiplier,
            },
            "hyperparameters_resolved": job.get("hyperparameters"),
            "seed": job.get("seed"),
            "trained_tokens": job.get("trained_tokens"),
            "created_at": _iso(job.get("created_at")),
            "finished_at": _iso(job.get("finished_at")),
            "result_files": job.get("result_files", []),
            "events": [{**event, "at": _iso(event["at"])} for event in record.get("events", [])],
            "loss_curve": record.get("loss_curve", []),
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
            "endpoint": target.endpoint,
            "guide": write_guide(
                project.name, model, deployment.name, target, question, self._translate
            ),
        }

    def _read_first_row(self, project: Project, artifact: Artifact) -> Row:
        return decode(self._store.get_blob(project.facts.artifacts[artifact]))[0]

    def _render_answers(self, project: Project, evaluation: Evaluation) -> Json:
        cases, deployed = evaluation.cases, project.facts.deployed
        patterns = verdict.find_error_patterns(cases)
        return {
            **self._render_head(project),
            "model": known(project.facts.trained).model,
            "deployment": deployed and deployed.name,
            "cases_from": evaluation.source,
            **verdict.score(cases).as_json(),
            "per_intent": _render_scores(verdict.score_per_intent(cases)),
            "per_kind": _render_scores(verdict.score_per_kind(cases)),
            "confusion_matrix": verdict.count_confusions(cases, evaluation.intents),
            "error_patterns": [pattern.as_json() for pattern in patterns],
            "cases_answered": [case.as_json() for case in cases],
        }

    def _render_analysis(self, project: Project, evaluation: Evaluation) -> Json:
        analysis = self.read_analysis(project)
        total = verdict.score(evaluation.cases)
        per_intent = verdict.score_per_intent(evaluation.cases)
        best, worst = verdict.find_extremes(per_intent)
        patterns = verdict.find_error_patterns(evaluation.cases)
        return {
            **self._render_head(project),
            "grade": analysis.grade,
            "accuracy": total.accuracy,
            "cases": total.cases,
            "interval_95": list(total.interval),
            "reading": self._translate(analysis.reading),
            **self._render_goal(analysis.goal),
            "best_intent": _render_extreme(best, per_intent),
            "worst_intent": _render_extreme(worst, per_intent),
            "variance": verdict.variance_of(per_intent),
            "failures": [pattern.as_json() for pattern in patterns],
            "suggestions": [
                {"kind": suggestion.kind, "text": self._translate(suggestion.text)}
                for suggestion in analysis.suggestions
            ],
            "next_steps": [
                self._translate(step) for step in (*analysis.next_steps, *self._advise(project))
            ],
        }

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
            head["notice"] = self._translate(
                say(
                    "Made on the local emulator, which stands in for the service's behaviour. Its"
                    " accuracies are those of a small local model, not of GPT."
                )
            )
        return head


def advise_on_deployment(project: Project, is_stand_in: bool) -> list[Text]:
    """What to do about the deployment, which may cost money; nothing once it is deleted."""
    deployment = deployment_of(project.facts)
    if deployment is None or deployment.status == DELETED or is_stand_in:
        return []
    if deployment.is_ours:
        return [
            say(
                "Delete the deployment when you no longer need it: it may be billed by the hour"
                " even when idle (`cancel {project}`).",
                project=project.name,
            )
        ]
    return [
        say(
            "Delete the deployment in the portal when you no longer need it: it may be billed by"
            " the hour even when idle."
        )
    ]


def _render_scores(scores: Mapping[str, Score]) -> Json:
    return {name: score.as_json() for name, score in scores.items()}


def _render_extreme(intent: str, per_intent: Mapping[str, Score]) -> Json:
    """`tied_with`: others of the same accuracy, which only the alphabet puts second."""
    ties = verdict.find_ties(intent, per_intent)
    return {"intent": intent, "tied_with": ties, **per_intent[intent].as_json()}


def _iso(seconds: float | None) -> str | None:
    """ISO 8601, UTC; None for no time."""
    return None if not seconds else datetime.fromtimestamp(seconds, UTC).isoformat("T", "seconds")


def _to_unreadable(project: Project, result: Result, error: OSError) -> StoreError:
    place = place_of(result, project.name)
    return StoreError(
        say("{place} cannot be read: {problem}.", place=place, problem=problem_of(error))
    )


def _read_generation(path: Path) -> int | None:
    """The generation that a results file says it is of; None where there is no such file."""
    try:
        found = json.loads(path.read_bytes())["generation"] if path.is_file() else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, int) else None


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content
    except OSError:
        return False
