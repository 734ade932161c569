"""Which step belongs to which state. Start reading here: each step is one file beside this one.

The engine (agent/engine/tick.py) takes the step of a project's state from here and acts on its
outcome; graph.py knows where the outcome's event leads. A step is loaded when a project first needs
it: a training is followed by one of them, and each brings what it needs.
"""

from __future__ import annotations

from collections.abc import Callable

from states.model import Project
from states.outcome import Outcome
from states.ports import Ports
from states.state import State

Step = Callable[[Project, Ports], Outcome]


def step_of(state: State) -> Step:  # noqa: PLR0912  one a state
    match state:
        case State.DRAFT:
            from states.steps.build_prompts import step
        case State.PROMPTED:
            from states.steps.split_data import step
        case State.SPLIT:
            from states.steps.check_data import step
        case State.VALIDATED:
            from states.steps.upload_files import step
        case State.UPLOADED:
            from states.steps.create_job import step
        case State.TRAINING:
            from states.steps.follow_job import step
        case State.TRAINED:
            from states.steps.request_deployment import step
        case State.AWAITING_DEPLOY:
            from states.steps.find_deployment import step
        case State.DEPLOYED:
            from states.steps.ask_cases import step
        case State.EVALUATED:
            from states.steps.analyze import step
        case State.ANALYZED:  # where a deployment is to be deleted
            from states.steps.tear_down import step
        case State.FAILED:  # where a person has asked for that
            from states.steps.clean_away import clean_away as step
        case State.CANCELLED:  # then it is over
            from states.steps.clean_up import step
    return step


def load_steps() -> None:
    """All of them: what is loaded already, an upgrade below this process cannot mix."""
    for state in State:
        step_of(state)
