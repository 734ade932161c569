"""One step per living state, and the tidying up after a cancellation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from states import (
    awaiting_deploy,
    cancelled,
    deployed,
    draft,
    evaluated,
    prompted,
    split,
    trained,
    training,
    uploaded,
    validated,
)
from states.model import Project, State
from states.outcome import Outcome
from states.ports import Ports

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
