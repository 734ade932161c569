"""The settings that may differ by project. config.py reads them, and makes preferences of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from states.stages import Plan

NONE, OUR_MODEL = "none", "AZURE_OPENAI_MODEL"  # in place of the name of a deployment


@dataclass(frozen=True)
class ProjectSettings:
    """What may differ by project: the environment says it for all, a project's row for itself."""

    base_model: str
    epochs: int
    batch_size: int
    learning_rate_multiplier: float
    training_type: str | None
    train_split: float
    validation_split: float
    data_check: str  # full | rules
    seed: int
    deploy: str  # manual | auto
    deployment_name: str | None
    base_deployment: str = NONE  # names with commas between them, or a word for none or for ours
    confirm: str | None = None  # before_training: a person is asked before that is paid
    budget: float | None = None  # USD; infinite: none, whatever the home has
    system_prompt: str | None = None  # the instruction in place of the one made of the intents
    target: float | None = None  # the wanted accuracy, 0 to 1
    data_language: str | None = None  # of the instruction, es or en; None: that of the sentences

    @property
    def deploy_automatically(self) -> bool:
        return self.deploy == "auto"

    @property
    def base_deployments(self) -> tuple[str, ...]:
        """The deployments of models that are not fine-tuned, to be asked as well."""
        if self.base_deployment.lower() == NONE:
            return ()
        family = re.sub(r"-\d{4}-\d{2}-\d{2}$", "", self.base_model)
        names = self.base_deployment.split(",")
        return tuple(dict.fromkeys(family if name == OUR_MODEL else name for name in names))

    @property
    def plan(self) -> Plan:
        return Plan(
            base_model=self.base_model,
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate_multiplier=self.learning_rate_multiplier,
            seed=self.seed,
            training_type=self.training_type,
        )
