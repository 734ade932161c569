"""What a person may decide: advance, retry, cancel. Each is a checkpoint, made under the same guard as every other move."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import structlog

from agent.engine.tick import Ticked, Ticker
from agent.settings.services import Service
from states import places
from states.errors import AfinadorError, FileEdited, Missing, SettingsError, Superseded
from states.graph import destination, reopening
from states.model import Event, Facts, Project, State
from states.ports import Ports
from states.steps.generation import conclude_deployment, conclude_job, end_generation
from states.store_port import Move, Store
from states.text import Text, say, with_suggestion

log = structlog.get_logger()

HICCUP = 1.0  # seconds that a gateway may err for


@dataclass(frozen=True)
class Operator:
    """The decisions of a person, over the same store and ticker as the daemon's."""

    store: Store
    ticker: Ticker
    ports_for: Callable[[Project], Ports]
    wall: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep

    def find(self, name: str | None) -> Project:
        """The named project, or the only one there is."""
        everyone = self.store.all()
        if name is None and len(everyone) == 1:
            return everyone[0]
        found = next((p for p in everyone if p.name == name), None)
        if found is None:
            known = ", ".join(p.name for p in everyone)
            if name is None and known:
                raise SettingsError(say("Name one of the projects: {known}.", known=known))
            if name is None:
                raise SettingsError(say("There is no project yet. `run` creates one."))
            unknown = say(
                "There is no project {name} (there are: {known})", name=name, known=known or "—"
            )
            raise SettingsError(with_suggestion(unknown, name, [p.name for p in everyone]))
        return found

    def advance(self, name: str | None, deployment: str | None) -> Ticked:
        """One tick now. `deployment`: the name a person gave to the deployment of the model."""
        project = self.find(name)
        if deployment is not None and _is_deployed_as(project, deployment):
            return Ticked(project, project, "already")  # a daemon was quicker than the person
        if deployment is not None:
            self._again_if_superseded(lambda: self._named(self.find(name), deployment))
        while True:
            # A daemon may be in the middle of the same step: what it made of it counts as well.
            ticked = self.ticker.tick(project.name)
            if ticked.outcome != "superseded":
                return replace(ticked, before=project)

    def _named(self, project: Project, deployment: str) -> Project:
        if _is_deployed_as(project, deployment):
            return project  # a daemon found it since
        if project.state is not State.AWAITING_DEPLOY:
            raise SettingsError(
                say(
                    "{project} is in {state}: a deployment is only named in AWAITING_DEPLOY.",
                    project=project.name,
                    state=project.state.value,
                )
            )
        facts = replace(project.facts, deployment_named=deployment)
        return self._move(
            project, Event.DEPLOYMENT_NAMED, facts, note=say("deployment {name}", name=deployment)
        )

    def retry(self, name: str, *, restore: bool, restart: bool) -> Project:
        """The project goes on: from FAILED or CANCELLED, from a hold, or (restart) from the beginning."""
        return self._again_if_superseded(lambda: self._retried(self.find(name), restore, restart))

    def _retried(self, project: Project, restore: bool, restart: bool) -> Project:
        if restart:
            return self._restarted(project)
        if project.state is State.FAILED:
            mended = self._mended(project)
            if mended is not None:
                return self._move(project, Event.SPLIT_REOPENED, mended)
            event = reopening(State(project.facts.failed_at or State.DRAFT))
            if event is Event.SPLIT_REOPENED and self.newer_examples(project):
                event = (
                    Event.DATA_REOPENED
                )  # what the service did not like was mended in the sentences themselves
            generation = project.generation
            if project.facts.failed_remotely:
                generation = self._next_generation(project)
            return self._move(
                project, event, self._reopened_facts(project, event), generation=generation
            )
        if project.state is State.CANCELLED and project.due_at is None and project.hold is None:
            return self._move(
                project, Event.DATA_REOPENED, Facts(), generation=project.generation + 1
            )
        if project.hold is None:
            raise SettingsError(
                say(
                    "{project} is in {state} and nothing is wrong with it. To begin anew with the"
                    " data as it is now: `retry --restart`.",
                    project=project.name,
                    state=project.state.value,
                )
            )
        if project.facts.edited is None:
            return self._move(project, Event.RELEASED, project.facts)
        return self._restored(project) if restore else self._kept(project)

    def newer_examples(self, project: Project) -> str | None:
        """The file with the sentences, if it is another one than was used; else None."""
        place = places.of_project(project.name, places.EXAMPLES)
        try:
            if place in project.facts.artifacts:
                self.ports_for(project).artifacts.load(place, project.facts.artifacts[place])
        except FileEdited:
            return place
        return None

    def _mended(self, project: Project) -> Facts | None:
        """Facts with the training data as a person has edited it since it was refused; None if nobody did."""
        if project.facts.failed_at != State.SPLIT:
            return None
        artifacts, digests = self.ports_for(project).artifacts, dict(project.facts.artifacts)
        for name in (places.TRAINING, places.VALIDATION):
            place = places.of_project(project.name, name)
            content = artifacts.given(place)
            if content is not None:
                digests[place] = artifacts.save(place, content)
        return Facts(artifacts=digests) if digests != project.facts.artifacts else None

    def _restored(self, project: Project) -> Project:
        """The edited file is again what was checked."""
        place = str(project.facts.edited)
        self.ports_for(project).artifacts.restore(place, project.facts.artifacts[place])
        return self._move(project, Event.RELEASED, replace(project.facts, edited=None))

    def _kept(self, project: Project) -> Project:
        """The edited file counts from now on: everything that followed from the old one is done again."""
        place = str(project.facts.edited)
        artifacts = self.ports_for(project).artifacts
        content = artifacts.given(place)
        if content is None:  # deleted since: then the old one is wanted after all
            return self._restored(project)
        events = {places.EXAMPLES: Event.DATA_REOPENED, places.PROMPTS: Event.PROMPTS_REOPENED}
        event = {
            places.of_project(project.name, name): event for name, event in events.items()
        }.get(place, Event.SPLIT_REOPENED)
        digests = {**project.facts.artifacts, place: artifacts.save(place, content)}
        return self._move(
            project, event, Facts(artifacts=digests), generation=self._next_generation(project)
        )

    def _restarted(self, project: Project) -> Project:
        going_on = project.state is State.TRAINING
        tidying_up = project.state is State.CANCELLED and (
            project.due_at is not None or project.hold is not None
        )
        if (
            going_on
            or tidying_up
            or (project.state is State.UPLOADED and conclude_job(project, self.ports_for(project)))
        ):
            raise SettingsError(
                say(
                    "{project} has, or may have, a training going on: `cancel` it first, then"
                    " `retry`.",
                    project=project.name,
                )
            )
        return self._move(
            project, Event.DATA_REOPENED, Facts(), generation=self._next_generation(project)
        )

    def _next_generation(self, project: Project) -> int:
        """Only what is over for certain is replaced: else a job, or a deployment billed by the hour, would be left to nobody."""
        self._insisting(lambda: end_generation(project, self.ports_for(project)))
        return project.generation + 1

    @staticmethod
    def _reopened_facts(project: Project, event: Event) -> Facts:
        """What is still true after going back."""
        facts = replace(project.facts, failed_at=None, failed_remotely=False, edited=None)
        if event is Event.DATA_REOPENED:
            return Facts()
        if event is Event.SPLIT_REOPENED:
            return Facts(artifacts=facts.artifacts, repeated=facts.repeated)
        if event is Event.DEPLOYMENT_REOPENED:
            return replace(
                facts,
                deployment=None,
                deployment_status=None,
                deployment_requested=None,
                deployment_named=None,
                deployment_is_ours=False,
            )
        return facts

    def cancel(self, name: str, delete_files: bool) -> Project:
        """The project is CANCELLED; the ticks that follow tidy up at the service. ANALYZED stays: only our deployment goes."""
        return self._again_if_superseded(lambda: self._cancelled(self.find(name), delete_files))

    def _cancelled(self, project: Project, delete_files: bool) -> Project:
        if project.state is State.ANALYZED:
            return self._tidied(project, delete_files)
        facts = replace(project.facts, delete_files=delete_files or project.facts.delete_files)
        if project.state is not State.CANCELLED:
            return self._move(project, Event.CANCELLED, facts)
        if project.hold is not None or facts != project.facts:
            return self._move(project, Event.RELEASED, facts)
        return project

    def _tidied(self, project: Project, delete_files: bool) -> Project:
        """The project is done and stays so; what it still has at the service goes."""
        facts, effects = project.facts, self.ports_for(project).do
        files = effects.conclude_uploads() if delete_files else ()
        for file_id in files:
            self._insisting(partial(effects.delete_file, file_id))
        ours = (
            conclude_deployment(project, self.ports_for(project))
            if facts.deployment_status != "deleted"
            else None
        )
        if ours is not None:
            self._insisting(partial(effects.delete_deployment, ours))
            if ours.name == facts.deployment:
                facts = replace(facts, deployment_is_ours=False, deployment_status="deleted")
        elif not files:
            raise SettingsError(_nothing_to_tidy(project))
        note = say(
            "deleted: {count} file, deployment {name}",
            "deleted: {count} files, deployment {name}",
            count=len(files),
            name=ours.name if ours else "—",
        )
        return self._move(project, Event.CLEANED_UP, facts, due_at=None, note=note)

    # Details ----------------------------------------------------------------------------------------------------------

    def _insisting(self, act: Callable[[], object]) -> None:
        """A person waits for the answer: what is not found is asked for again soon, until that is believed."""
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
        due_at: float | None = -1,
    ) -> Project:
        now = self.wall()
        due = now if due_at == -1 else due_at
        to = destination(project.state, event)
        after = self.store.move(
            project, Move(event, to, facts, due, generation or project.generation, note=note), now
        )
        log.info(
            "moved",
            project=project.name,
            state=project.state.value,
            event_name=event.value,
            to=to.value,
            version=after.version,
        )
        return after

    @staticmethod
    def _again_if_superseded(decide: Callable[[], Project]) -> Project:
        """A daemon's tick in between changes the version, not the decision."""
        for _ in range(20):
            try:
                return decide()
            except Superseded as error:
                last: AfinadorError = error
        raise last


def _is_deployed_as(project: Project, name: str) -> bool:
    """The project has found the deployment of this name, and goes on with it or has done so."""
    return project.state.has_reached(State.DEPLOYED) and project.facts.deployment == name


def _nothing_to_tidy(project: Project) -> Text:
    if project.facts.deployment_status == "deleted":
        return say(
            "{project} is ANALYZED, and its deployment is deleted already.", project=project.name
        )
    return say(
        "{project} is ANALYZED: there is nothing to cancel, and its deployment was made by hand, so"
        " it is deleted by hand.",
        project=project.name,
    )


def adopt_service(store: Store, project: Project, ours: Service, now: float) -> Project:
    """The project, moved to the service `ours`, where it begins anew.

    From a service that charges money it never moves, unless nothing of it is there (the endpoint
    was mistyped, say)."""
    service = ours.name
    if (
        project.service == service or project.version < 0
    ):  # one that cannot be read is left as it is
        return project
    paid = Service.named(project.service).charges_money
    if paid and (not ours.charges_money or store.is_known_there(project)):
        raise SettingsError(
            say(
                "Project {project} lives at {theirs}, and the settings say {ours}. Its files and"
                " training are there: put the settings back, or use another AGENT_HOME.",
                project=project.name,
                theirs=project.service,
                ours=service,
            )
        )
    log.warning("service_changed", project=project.name, was=project.service, now=service)
    if project.state is State.CANCELLED:  # it goes on only when a person says so
        note = say("moved from {theirs} to {ours}", theirs=project.service, ours=service)
        gone = Move(
            Event.RELEASED,
            project.state,
            Facts(),
            None,
            project.generation,
            note=note,
            service=service,
        )
        return store.move(project, gone, now)
    note = say(
        "moved from {theirs} to {ours}, where it begins anew", theirs=project.service, ours=service
    )
    move = Move(
        Event.DATA_REOPENED,
        State.DRAFT,
        Facts(),
        now,
        project.generation + 1,
        note=note,
        service=service,
    )
    return store.move(project, move, now)


def new_uid() -> str:
    """8 hex digits that tell this project from others of the same name."""
    return secrets.token_hex(4)
