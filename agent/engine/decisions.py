"""What a person may decide: advance, evaluate, iterate, retry, cancel.

A decision is a checkpoint, guarded by the version like every other move; `advance` alone is one
tick. Where `retry` goes back to: retry_plan.py, and by state states/graph.py; what `evaluate`
needs: evaluation.py; with what `iterate` goes on: iteration.py. The command line calls this; a
daemon on the same database sees the decision at its next tick.

Longer than other files, so that all decisions stand in one place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from agent.engine.budgets import plan_budget
from agent.engine.cancellation import describe_nothing_to_clean_up
from agent.engine.evaluation import EvaluationPlan, is_deployed_as, plan_as_it_stands
from agent.engine.finding import find_project
from agent.engine.iteration import (
    outlives,
    plan_acceptance,
    plan_iteration,
    refuse_iteration,
    refuse_model,
    refuse_to_keep,
)
from agent.engine.retry_plan import begin_anew, find_newer_examples, is_over, plan_retry
from agent.engine.tick import Ticked, Ticker
from states.errors import AfinadorError, Missing, SettingsError, Superseded
from states.facts import Facts, known
from states.graph import destination
from states.model import Project
from states.ports import Ports
from states.stages import DELETED
from states.state import Event, State
from states.steps.generation import (
    conclude_deployment,
    conclude_job,
    describe_clean_up,
    end_generation,
)
from states.steps.succession import end_parent
from states.store_port import Move, Pause, Store
from states.text import Text, say

log = structlog.get_logger()

HICCUP = 1.0  # seconds that a gateway may err for


@dataclass(frozen=True)
class Decisions:
    """The decisions of a person, over the same store and ticker as the daemon's."""

    store: Store
    ticker: Ticker
    ports_for: Callable[[Project], Ports]
    wall: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep

    def find(self, name: str | None) -> Project:
        """As find_project says."""
        return find_project(self.store, name)

    # Advance ------------------------------------------------------------------------------------

    def advance(
        self, name: str | None, deployment: str | None, budget: float | str | None = None
    ) -> Ticked:
        """One tick now; what a hold asks to be confirmed is confirmed by that.

        `deployment`: the name that a person gave to the deployment. `budget`: as the project's row
        keeps it; what is held for want of one goes on."""
        project = self.find(name)
        if budget is not None:
            self.make(name, lambda found: plan_budget(found, budget, self.wall()))
        if deployment is not None and is_deployed_as(project, deployment):
            return Ticked(project, project, "already")  # a daemon was quicker than the person
        if deployment is not None:
            self._decide(lambda: self._name_deployment(self.find(name), deployment))
        self._decide(lambda: self._confirm(self.find(name)))
        self._decide(lambda: self._wake(self.find(name)))
        self._decide(
            lambda: self.ticker.take_mended(self.find(name), lambda p: self.ports_for(p).artifacts)
        )
        while True:
            # A daemon may be in the middle of the same step: what it made of it counts as well.
            ticked = self.ticker.tick(project.name)
            if ticked.outcome != "superseded":
                return replace(ticked, before=project)

    def _confirm(self, project: Project) -> Project:
        subject = project.facts.asks
        if project.hold is None or subject is None:
            return project
        facts = replace(project.facts, asks=None, confirmed=subject)
        return self._move(project, Event.TRAINING_CONFIRMED, facts)

    def _wake(self, project: Project) -> Project:
        """A held project that is due for its deployment's end alone: its step is tried now."""
        if project.hold is None or not project.facts.rests:
            return project
        facts = replace(project.facts, rests=False)
        error = project.last_error
        pause = Pause(self.wall(), project.waiting_for, project.attempts, error, facts)
        return self.store.pause(project, pause)

    def _name_deployment(self, project: Project, deployment: str) -> Project:
        if is_deployed_as(project, deployment):
            return project  # a daemon found it since
        if project.state is not State.AWAITING_DEPLOY:
            raise SettingsError(
                say(
                    "{project} is in {state}: a deployment is only named in AWAITING_DEPLOY.",
                    project=project.name,
                    state=project.state.value,
                )
            )
        requested = replace(known(project.facts.requested), named=deployment)
        facts = replace(project.facts, requested=requested)
        note = say("deployment {name}", name=deployment)
        return self._move(project, Event.DEPLOYMENT_NAMED, facts, note=note)

    # Evaluate -----------------------------------------------------------------------------------

    def evaluate(self, name: str | None, *, deploys: bool, robustness: bool = False) -> Project:
        """The test cases as they are now are asked. `deploys`: by a new deployment if need be;
        `robustness`: also written in other ways."""
        return self.reopen(
            name, lambda one, ports: plan_as_it_stands(one, ports, deploys, robustness)
        )

    def reopen(
        self, name: str | None, plan: Callable[[Project, Ports], EvaluationPlan | None]
    ) -> Project:
        """The project goes on as `plan` has it for what it is then; without a plan it stays so."""

        def decide() -> Project:
            project = self.find(name)
            found = plan(project, self.ports_for(project))
            return project if found is None else self._follow(project, found)

        return self._decide(decide)

    def _follow(self, project: Project, plan: EvaluationPlan) -> Project:
        generation = project.generation
        if plan.begins_generation:
            generation = self._next_generation(project)
        return self._move(project, plan.event, plan.facts, generation=generation, note=plan.note)

    # Iterate ------------------------------------------------------------------------------------

    def iterate(
        self, name: str, settings: Mapping[str, Any] | None = None, *, replaces: bool = False
    ) -> Project:
        """A new generation of an evaluated project, with these settings of its own.

        `replaces`: our deployments are deleted now; else the one that serves stays until the new
        generation is judged."""
        return self._decide(lambda: self._iterate(self.find(name), settings, replaces))

    def _iterate(
        self, project: Project, settings: Mapping[str, Any] | None, replaces: bool
    ) -> Project:
        refuse_iteration(project)
        ports = self.ports_for(project)
        refuse_model(settings, ports)
        if replaces:
            self._insist(lambda: end_parent(project, ports))
        if replaces or not outlives(project):
            self._insist(lambda: end_generation(project, ports))
        facts = plan_iteration(project, ports.artifacts, replaces=replaces)
        note = say("goes on from generation {generation}", generation=project.generation)
        generation = project.generation + 1
        return self._move(
            project,
            Event.DATA_REOPENED,
            facts,
            generation=generation,
            note=note,
            settings=settings,
        )

    def accept(self, name: str) -> Project:
        """The present generation takes its parent's place, though nobody found it better."""
        return self.reopen(name, lambda found, ports: plan_acceptance(found, ports.artifacts))

    # Retry --------------------------------------------------------------------------------------

    def retry(self, name: str, *, restore: bool, restart: bool) -> Project:
        """The project goes on: after FAILED, CANCELLED or a hold, or (restart) from DRAFT."""
        return self._decide(lambda: self._retry(self.find(name), restore, restart))

    def _retry(self, project: Project, restore: bool, restart: bool) -> Project:
        if restart:
            return self._restart(project)
        plan = plan_retry(project, self.ports_for(project).artifacts, restore)
        generation = project.generation
        if plan.begins_generation:
            generation = self._next_generation(project)
        elif plan.follows_a_cancelled_generation:
            generation += 1
        return self._move(project, plan.event, plan.facts, generation=generation)

    def newer_examples(self, project: Project) -> str | None:
        """The place of the sentences, if they changed since they were used; else None."""
        return find_newer_examples(project, self.ports_for(project).artifacts)

    def _restart(self, project: Project) -> Project:
        is_cleaning_up = project.state is State.CANCELLED and not is_over(project)
        if project.state is State.TRAINING or is_cleaning_up or self._may_have_a_job(project):
            raise SettingsError(
                say(
                    "{project} has, or may have, a training going on: `cancel` it first, then"
                    " `retry`.",
                    project=project.name,
                )
            )
        generation = self._next_generation(project)
        facts = begin_anew(project, self.ports_for(project).artifacts.carried())
        return self._move(project, Event.DATA_REOPENED, facts, generation=generation)

    def _may_have_a_job(self, project: Project) -> bool:
        is_uploaded = project.state is State.UPLOADED
        return is_uploaded and conclude_job(project, self.ports_for(project)) is not None

    def _next_generation(self, project: Project) -> int:
        """Ends the present generation first: nobody would end its job or deployment later."""
        self._insist(lambda: end_generation(project, self.ports_for(project)))
        return project.generation + 1

    # Cancel -------------------------------------------------------------------------------------

    def cancel(self, name: str, delete_files: bool, keeps_parent: bool = False) -> Project:
        """The project is CANCELLED, and the ticks that follow clean up at the service.

        ANALYZED stays: only the deployments made by this program go. `keeps_parent`: not that of
        the generation before.
        """
        return self._decide(lambda: self._cancel(self.find(name), delete_files, keeps_parent))

    def _cancel(self, project: Project, delete_files: bool, keeps_parent: bool) -> Project:
        if keeps_parent:
            refuse_to_keep(project)
        if project.state is State.ANALYZED:
            return self._clean_up(project, delete_files, keeps_parent)
        deletes = delete_files or project.facts.deletes_files
        facts = replace(project.facts, deletes_files=deletes, keeps_parent=keeps_parent)
        if project.state is not State.CANCELLED:
            return self._move(project, Event.CANCELLED, facts)
        if project.hold is not None or facts != project.facts:
            return self._move(project, Event.RELEASED, facts)
        return project

    def _clean_up(self, project: Project, delete_files: bool, keeps_parent: bool) -> Project:
        """The project is done and stays so; what it still has at the service goes."""
        facts, ports = project.facts, self.ports_for(project)
        files = ports.do.conclude_uploads() if delete_files else ()
        for file_id in files:
            self._insist(partial(ports.do.delete_file, file_id))
        is_deleted = facts.deployed is not None and facts.deployed.status == DELETED
        ended = [None if is_deleted else conclude_deployment(project, ports)]
        if ended[0] is not None:
            self._insist(partial(ports.do.delete_deployment, ended[0]))
            facts = facts.without_our_deployment()
        if not keeps_parent:
            self._insist(lambda: ended.append(end_parent(project, ports)))
            facts = facts.after_parent()
        deleted = [one for one in ended if one is not None]
        if not deleted and not files:
            raise SettingsError(describe_nothing_to_clean_up(project, is_deleted))
        if files:
            facts = replace(facts, uploaded=None)
        note = describe_clean_up(project, len(files), deleted)
        return self._move(project, Event.CLEANED_UP, facts, rests=True, note=note)

    def make(self, name: str | None, plan: Callable[[Project], Move | None]) -> Project:
        """The move that `plan` finds for the project as it is then; without one it stays so."""

        def decide() -> Project:
            project = self.find(name)
            move = plan(project)
            return project if move is None else self._make(project, move)

        return self._decide(decide)

    # Details ------------------------------------------------------------------------------------

    def _insist(self, act: Callable[[], object]) -> None:
        """Repeats what is not found until that is believed: a person waits for the answer."""
        while True:
            try:
                act()
            except Missing:
                self.sleep(HICCUP)
                continue
            return

    def _move(
        self,
        project: Project,
        event: Event,
        facts: Facts,
        *,
        generation: int | None = None,
        note: Text | None = None,
        rests: bool = False,
        settings: Mapping[str, Any] | None = None,
    ) -> Project:
        to = destination(project.state, event)
        due_at = None if rests else self.wall()
        generation = generation or project.generation
        move = Move(event, to, facts, due_at, generation, note=note, settings=settings)
        return self._make(project, move)

    def _make(self, project: Project, move: Move) -> Project:
        after = self.store.move(project, move, self.wall())
        log.info(
            "moved",
            project=project.name,
            state=project.state.value,
            event_name=move.event.value,
            to=move.to_state.value,
            version=after.version,
        )
        self.ticker.publish(after)
        return after

    @staticmethod
    def _decide(decide: Callable[[], Project]) -> Project:
        """Repeats a decision that a daemon's tick superseded: it changed only the version."""
        for _ in range(20):
            try:
                return decide()
            except Superseded as error:
                last: AfinadorError = error
        raise last
