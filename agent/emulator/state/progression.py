"""How the status of a file, a deployment or a job progresses: one list of transitions for all.

The rows in resources/ build a ManagedStatus from their columns. A status progresses

* by the clock: the transition has the moment when it is due; with a delay of 0 s, at once;
* by work: a worker thread brings the transition about, at that moment at the earliest;
* as a test orders: behaviour.py keeps scripts of statuses that are reported before the true one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Transition:
    """One change of status, and the Unix time from which it may happen."""

    source: str
    target: str
    due_at: float = 0.0
    by_work: bool = False


class TransitionRefusedError(Exception):
    """No transition leads from the present status to the wanted one."""


@dataclass(frozen=True)
class ManagedStatus:
    """The stored status of one resource, and the transitions that may follow."""

    stored: str
    transitions: tuple[Transition, ...]

    def at(self, now: float) -> str:
        """The status at this moment: every transition of the clock that is due has happened."""
        status = self.stored
        for transition in self.transitions:
            if not transition.by_work and transition.source == status and transition.due_at <= now:
                status = transition.target
        return status

    def may_become(self, target: str, now: float) -> bool:
        """Whether a transition to this status is due."""
        status = self.at(now)
        return any(
            (transition.source, transition.target) == (status, target) and transition.due_at <= now
            for transition in self.transitions
        )

    def is_final(self, now: float) -> bool:
        """Whether no transition leaves the present status."""
        status = self.at(now)
        return all(transition.source != status for transition in self.transitions)

    def move(self, target: str, now: float) -> str:
        """The work behind a resource has come to this status. Raises TransitionRefusedError."""
        if not self.may_become(target, now):
            raise TransitionRefusedError(f"{self.at(now)} does not become {target}")
        return target


def take_scripted(script: Sequence[str], true_status: str) -> tuple[str, tuple[str, ...]]:
    """The status to report and what is left of the script; the true status once it is empty."""
    if not script:
        return true_status, ()
    return script[0], tuple(script[1:])
