"""One step per living state, and the tidying up after a cancellation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from states.model import Project, State
from states.outcome import Outcome
from states.ports import Ports
from states.steps import analyze as evaluated
from states.steps import ask_cases as deployed
from states.steps import build_prompts as draft
from states.steps import check_data as split
from states.steps import clean_up as cancelled
from states.steps import create_job as uploaded
from states.steps import find_deployment as awaiting_deploy
from states.steps import follow_job as training
from states.steps import request_deployment as trained
from states.steps import split_data as prompted
from states.steps import upload_files as validated

Step = Callable[[Project, Ports], Outcome]

STEPS: Mapping[State, Step] = {
    State.DRAFT: draft.step,
    State.PROMPTED: prompted.step,
    State.SPLIT: split.step,
    State.VALIDATED: validated.step,
    State.UPLOADED: uploaded.step,
    State.TRAINING: training.step,
    State.TRAINED: trained.step,
    State.AWAITING_DEPLOY: awaiting_deploy.step,
    State.DEPLOYED: deployed.step,
    State.EVALUATED: evaluated.step,
    State.CANCELLED: cancelled.step,  # tidying up; then it is over
}
