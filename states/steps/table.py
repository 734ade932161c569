"""Which step belongs to which state. Start reading here: each step is one file beside this one.

The engine (agent/engine/tick.py) takes the step of a project's state from STEPS and acts on its
outcome; graph.py knows where the outcome's event leads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from states.model import Project
from states.outcome import Outcome
from states.ports import Ports
from states.state import State
from states.steps import (
    analyze,
    ask_cases,
    build_prompts,
    check_data,
    clean_away,
    clean_up,
    create_job,
    find_deployment,
    follow_job,
    request_deployment,
    split_data,
    tear_down,
    upload_files,
)

Step = Callable[[Project, Ports], Outcome]

STEPS: Mapping[State, Step] = {
    State.DRAFT: build_prompts.step,
    State.PROMPTED: split_data.step,
    State.SPLIT: check_data.step,
    State.VALIDATED: upload_files.step,
    State.UPLOADED: create_job.step,
    State.TRAINING: follow_job.step,
    State.TRAINED: request_deployment.step,
    State.AWAITING_DEPLOY: find_deployment.step,
    State.DEPLOYED: ask_cases.step,
    State.EVALUATED: analyze.step,
    State.ANALYZED: tear_down.step,  # where a deployment is to be deleted
    State.FAILED: clean_away.clean_away,  # where a person has asked for that
    State.CANCELLED: clean_up.step,  # then it is over
}
