"""The states of a project and the events that move it. Where an event leads is in graph.py."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a project stands: the way forward in order, then the two ways to give up."""

    DRAFT = "DRAFT"
    PROMPTED = "PROMPTED"
    SPLIT = "SPLIT"
    VALIDATED = "VALIDATED"
    UPLOADED = "UPLOADED"
    TRAINING = "TRAINING"
    TRAINED = "TRAINED"
    AWAITING_DEPLOY = "AWAITING_DEPLOY"
    DEPLOYED = "DEPLOYED"
    EVALUATED = "EVALUATED"
    ANALYZED = "ANALYZED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_terminal(self) -> bool:
        return self in (State.ANALYZED, State.FAILED, State.CANCELLED)

    def has_reached(self, other: State) -> bool:
        """True when `other` lies on the way here. FAILED and CANCELLED reach only themselves."""
        if self in (State.FAILED, State.CANCELLED) or other in (State.FAILED, State.CANCELLED):
            return self is other
        order = list(State)
        return order.index(self) >= order.index(other)


class Event(StrEnum):
    """What happened to a project."""

    PROMPTS_BUILT = "PROMPTS_BUILT"
    DATA_SPLIT = "DATA_SPLIT"
    DATA_ACCEPTED = "DATA_ACCEPTED"
    FILES_READY = "FILES_READY"
    JOB_CREATED = "JOB_CREATED"
    JOB_SUCCEEDED = "JOB_SUCCEEDED"
    DEPLOYMENT_REQUESTED = "DEPLOYMENT_REQUESTED"
    MODEL_ANSWERED = "MODEL_ANSWERED"
    CASES_ANSWERED = "CASES_ANSWERED"
    ANALYSIS_MADE = "ANALYSIS_MADE"
    GAVE_UP = "GAVE_UP"
    CANCELLED = "CANCELLED"
    # The state stays the same, but the event belongs to the history:
    HELD = "HELD"
    RELEASED = "RELEASED"
    TRAINING_CONFIRMED = "TRAINING_CONFIRMED"
    BUDGET_SET = "BUDGET_SET"
    DEPLOYMENT_NAMED = "DEPLOYMENT_NAMED"
    TEARDOWN_ASKED = "TEARDOWN_ASKED"
    PAUSE_ASKED = "PAUSE_ASKED"
    RESUME_ASKED = "RESUME_ASKED"
    JOB_PAUSED = "JOB_PAUSED"
    JOB_RESUMED = "JOB_RESUMED"
    CLEANED_UP = "CLEANED_UP"
    CLEANUP_ASKED = "CLEANUP_ASKED"
    CLEANUP_DONE = "CLEANUP_DONE"
    # A person sends the project back:
    DATA_REOPENED = "DATA_REOPENED"
    PROMPTS_REOPENED = "PROMPTS_REOPENED"
    SPLIT_REOPENED = "SPLIT_REOPENED"
    DEPLOYMENT_REOPENED = "DEPLOYMENT_REOPENED"
    EVALUATION_REOPENED = "EVALUATION_REOPENED"
