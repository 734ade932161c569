"""Store to results/: four JSON files that can always be written again from the database alone, and are never read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.views.deployment_guide import Question, Target, write_guide
from agent.views.language import Translate
from states import places
from states.errors import StoreError
from states.intents import verdict
from states.intents.dataset import Row, decoded, part
from states.model import Project, State
from states.ports import Catalog
from states.store_port import Store
from states.text import say

Document = dict[str, Any]


class Report:
    """`publish(project)`: every results file this project has facts for is on disk and up to date."""

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
        """The files are what the store says. StoreError, in the end, if one could not be written."""
        trouble = None
        documents = {
            places.of_project(project.name, name): document
            for name, document in self._documents(project)
        }
        for own in (places.of_project(project.name, name) for name in places.RESULTS):
            try:
                self._set_aside(own, project.generation)
                if own in documents:
                    self._keep(own, documents[own])
            except StoreError as error:
                trouble = error
        if trouble is not None:
            raise trouble

    def places_of(self, project: Project) -> list[str]:
        """Below the home: the files there are for the project as it stands now."""
        return [places.of_project(project.name, name) for name, _ in self._documents(project)]

    def _keep(self, own: str, document: Document) -> None:
        content = (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
        if not _holds(self._home / own, content):
            self._write(self._home / own, content)

    def _set_aside(self, own: str, generation: int) -> None:
        """What an earlier generation found stays, in a folder of its own: it is not what is true now."""
        path = self._home / own
        former = _generation_of(path)
        if former is not None and former < generation:
            try:
                self._write(path.parent / f"generation-{former}" / path.name, path.read_bytes())
                path.unlink()
            except OSError as error:
                raise StoreError(
                    say(
                        "{place} cannot be read: {problem}.",
                        place=own,
                        problem=error.strerror or str(error),
                    )
                ) from error

    def _documents(self, project: Project) -> Iterator[tuple[str, Document]]:
        facts = project.facts
        if facts.job_id is not None:
            yield places.TUNING_INFO, self._tuning(project)
        if facts.model is not None and project.state.has_reached(State.AWAITING_DEPLOY):
            yield places.DEPLOYMENT_INFO, self._deployment(project)
        if facts.evaluation is not None:
            evaluation = self._store.memory(project.name).recall(facts.evaluation)
            results = self._results(project, evaluation)
            yield places.TEST_RESULTS, results
            if facts.grade is not None:
                yield places.ANALYSIS, self._analysis(project, results)

    # The four files ---------------------------------------------------------------------------------------------------

    def _tuning(self, project: Project) -> Document:
        facts, plan = project.facts, project.facts.agreed_plan()
        record = (
            self._store.memory(project.name).recall(facts.training_record)
            if facts.training_record
            else {}
        )
        job = record.get("job", {})
        return {
            **self._head(project),
            "job_id": facts.job_id,
            "status": job.get("status") or facts.job_status,
            "base_model": job.get("base_model") or plan.base_model,
            "fine_tuned_model": facts.model,
            "training_file": facts.training_file,
            "validation_file": facts.validation_file,
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

    def _deployment(self, project: Project) -> Document:
        facts = project.facts
        name = facts.deployment or facts.deployment_requested or project.remote_name
        training, validation = (
            self._first_row(project, file) for file in (places.TRAINING, places.VALIDATION)
        )
        question = Question(part(training, "system"), part(validation, "user"))
        target = self._target()
        return {
            **self._head(project),
            "model": facts.model,
            "deployment": name,
            "status": facts.deployment_status or "awaiting_deployment",
            "created_by_agent": facts.deployment_is_ours,
            "endpoint": target.endpoint,
            "guide": write_guide(
                project.name, str(facts.model), name, target, question, self._translate
            ),
        }

    def _first_row(self, project: Project, file: str) -> Row:
        return decoded(
            self._store.get_blob(project.facts.artifacts[places.of_project(project.name, file)])
        )[0]

    def _results(self, project: Project, evaluation: Mapping[str, Any]) -> Document:
        cases, intents = evaluation["cases"], evaluation["intents"]
        return {
            **self._head(project),
            "model": project.facts.model,
            "deployment": project.facts.deployment,
            "cases_from": evaluation["source"],
            **verdict.score(cases),
            "per_intent": verdict.grouped(cases, "expected"),
            "per_kind": verdict.grouped(cases, "kind"),
            "confusion_matrix": verdict.confusion(cases, intents),
            "error_patterns": verdict.error_patterns(cases),
            "cases_answered": cases,
        }

    def _analysis(self, project: Project, results: Document) -> Document:
        facts, service = project.facts, self._catalog.service
        record = (
            self._store.memory(project.name).recall(facts.training_record)
            if facts.training_record
            else {}
        )
        per_intent = results["per_intent"]
        best, worst = verdict.extremes(per_intent)
        found = verdict.suggestions(
            results, per_intent, record.get("loss_curve", []), service["analysis"]
        )
        low, high = results["interval_95"]
        return {
            **self._head(project),
            "grade": facts.grade,
            "accuracy": results["accuracy"],
            "cases": results["cases"],
            "interval_95": [low, high],
            "reading": self._translate(
                say(
                    "{correct} of {cases} right. With {cases} cases the true accuracy lies, with 95"
                    " % confidence, between {low} % and {high} %: grades from {worst_grade} to"
                    " {best_grade}.",
                    correct=results["correct"],
                    cases=results["cases"],
                    low=round(low * 100),
                    high=round(high * 100),
                    worst_grade=verdict.grade(low, service["grades"]),
                    best_grade=verdict.grade(high, service["grades"]),
                )
            ),
            "best_intent": _with_ties(best, per_intent),
            "worst_intent": _with_ties(worst, per_intent),
            "variance": verdict.variance_of(per_intent),
            "failures": results["error_patterns"],
            "suggestions": [{"kind": s["kind"], "text": self._translate(s["text"])} for s in found],
            "next_steps": [
                self._translate(step)
                for step in verdict.next_steps(
                    project, results, found, service["analysis"]["promising_low"]
                )
            ],
        }

    def _head(self, project: Project) -> Document:
        head: Document = {
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


def _with_ties(intent: str, per_intent: Mapping[str, Any]) -> Document:
    """`tied_with`: others of the same accuracy, which are named second only by the alphabet."""
    own = per_intent[intent]
    ties = sorted(
        other
        for other in per_intent
        if other != intent and per_intent[other]["accuracy"] == own["accuracy"]
    )
    return {"intent": intent, "tied_with": ties, **own}


def _iso(seconds: float | None) -> str | None:
    return (
        None if not seconds else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    )


def _generation_of(path: Path) -> int | None:
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
