"""What is known about a project, one stage (stages.py) per state that adds to it.

A step adds its stage when it ends (ask_cases adds `questions` when it begins). Going back to a
state drops the stages that this state and the later ones add (`Facts.back_to`); which state adds
which is said once, in _ADDED_IN.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from states.bases.lifetime import Lifetime
from states.places import Artifact
from states.stages import (
    DELETED,
    Analyzed,
    Deployed,
    Evaluated,
    Failure,
    Job,
    Parent,
    Prepared,
    Refused,
    Renewed,
    Requested,
    RivalAsked,
    Trained,
    Uploaded,
    Weighed,
)
from states.state import State

SCHEMA = 2  # of the JSON form; the flat form without a number is that of version 0.1
OWN, BOTH = "own", "both"  # deployments of ours that a project gives up
T = TypeVar("T")


# Stage -> the state whose step adds it. `questions` outlives a new deployment of the same model:
# what a project is graded on does not change between two looks at it.
_ADDED_IN = {
    "prepared": State.SPLIT,
    "offered": State.VALIDATED,
    "weighed": State.VALIDATED,
    "reserved": State.VALIDATED,
    "uploaded": State.VALIDATED,
    "created": State.UPLOADED,
    "trained": State.TRAINING,
    "questions": State.TRAINING,
    "robustness": State.TRAINING,
    "requested": State.TRAINED,
    "deployed": State.AWAITING_DEPLOY,
    "rivals": State.DEPLOYED,
    "answered": State.DEPLOYED,
    "evaluated": State.DEPLOYED,
    "analyzed": State.EVALUATED,
}


@dataclass(frozen=True)
class Facts:
    """Everything known about a project. None: the project has not come that far."""

    artifacts: Mapping[Artifact, str] = field(default_factory=dict)  # -> sha-256 of the content
    prepared: Prepared | None = None
    offered: Lifetime | None = None  # what the service said of the base model before the upload
    weighed: Weighed | None = None
    reserved: float | None = None  # USD of a budget that are set aside for the training
    uploaded: Uploaded | None = None
    created: Job | None = None
    trained: Trained | None = None
    questions: str | None = None  # document: the test cases as they were when they were first read
    robustness: bool = False  # asked for with `evaluate --robustness`
    requested: Requested | None = None
    deployed: Deployed | None = None
    rivals: Mapping[str, RivalAsked] | None = None  # None: none of them was asked yet
    answered: str | None = None  # document: the evaluation, while changed sentences are asked
    evaluated: Evaluated | None = None
    analyzed: Analyzed | None = None
    failure: Failure | None = None
    edited: Artifact | None = None  # the file whose change caused the hold
    refused: Refused | None = None  # the files whose mistakes caused the hold
    home: str | None = None  # whose files these are, where several homes share a database
    deletes_files: bool = False  # asked for with `cancel --delete-files`
    asks: str | None = None  # what a hold asks a person to confirm, by its digest
    confirmed: str | None = None  # what a person has confirmed last
    parent: Parent | None = None  # what the present generation goes on from; no step adds it
    gives_up: str | None = None  # its deployments that are being deleted: OWN, or BOTH
    keeps_parent: bool = False  # asked for with `cancel --keep-parent`
    renewed: Renewed | None = None  # how often its Developer deployment was made anew
    rests: bool = False  # held until a person acts: it is due for its deployment's end alone
    cleans: str | None = None  # document: what a person has asked to be deleted at the service
    cleaned: bool = False  # that was done: its files or its model are not there any more

    def back_to(self, state: State) -> Facts:
        """What is still true after the project went back to `state`."""
        if state is State.DRAFT:
            return Facts(parent=self.parent)
        order = list(State)
        kept = {
            stage: getattr(self, stage)
            for stage, added in _ADDED_IN.items()
            if order.index(added) < order.index(state)
        }
        return Facts(
            artifacts=self.artifacts,
            deletes_files=self.deletes_files,
            confirmed=self.confirmed,
            parent=self.parent,
            renewed=self.renewed,
            **kept,
        )

    def as_parent(self, generation: int) -> Parent | None:
        """Whom a generation after `generation`, of which these are the facts, is compared with.

        Its own parent where it was never evaluated, and where that one is still deployed."""
        parent = self.parent
        is_deployed = parent is not None and parent.answers_at is not None
        # Ours would belong to nobody, if the generation that it should give way to is left.
        if parent is not None and is_deployed and (parent.is_ours or not parent.gives_way):
            return replace(parent, gives_way=False)
        if self.trained is None or self.evaluated is None:
            return self.parent
        return Parent(generation, self.trained.model, self.deployed, self.trained.unsupported)

    def without_our_deployment(self) -> Facts:
        """The deployment that this program made is deleted; one that a person made stays."""
        requested, deployed = self.requested, self.deployed
        if requested and requested.is_ours:
            requested = replace(requested, status=DELETED)
        if deployed and deployed.is_ours:
            deployed = replace(deployed, status=DELETED)
        return replace(self, requested=requested, deployed=deployed, gives_up=None)

    def after_parent(self) -> Facts:
        """The generation before has given way. Its deployment is deleted, if it was ours."""
        if self.parent is None:
            return self
        found = self.parent.deployment
        if found is not None and found.is_ours:
            found = replace(found, status=DELETED)
        return replace(self, parent=replace(self.parent, deployment=found, gives_way=True))

    def as_text(self) -> str:
        """The JSON that the store keeps and facts_json.py reads. Missing stages are left out."""
        known = {name: value for name, value in vars(self).items() if value not in (None, False)}
        return _encode({"schema": SCHEMA, **known})

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.as_text())
        return found


def _plain(stage: Any) -> dict[str, Any]:
    return dict(stage) if isinstance(stage, Mapping) else vars(stage)


# Every move comes by here: dataclasses.asdict would copy even what nobody can change.
_encode = json.JSONEncoder(default=_plain).encode


def known(stage: T | None) -> T:
    """The stage, which the state of the project guarantees. LookupError where it is missing.

    A step calls this instead of turning None into text that a paid service would receive.
    """
    if stage is None:
        raise LookupError("the project has not come that far")
    return stage


def deployment_of(facts: Facts) -> Deployed | Requested | None:
    """The deployment as far as it is known: the one that answered, else the one asked for."""
    return facts.deployed or facts.requested
