"""What a person says of each intent is edited, when the instruction of every row is made of it."""

from __future__ import annotations

import json

from states.places import Artifact
from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service


def test_a_description_edited_before_the_training_holds_it_too(
    agent: Agent, service: Service
) -> None:
    """The instruction of every row is made of it."""
    path = agent.home / Artifact.INTENTS
    agent.run("DRAFT")
    [intent, *_] = json.loads((agent.home / Artifact.EXAMPLES).read_text())
    path.write_text(json.dumps({intent: "quiere algo"}), "utf-8")
    agent.run("UPLOADED")
    path.write_text(json.dumps({intent: "quiere llevarse algo"}), "utf-8")
    assert Artifact.INTENTS in agent.run_to_hold()
    assert service.spent("create_job") == 0
    agent.retry()
    agent.run("TRAINED")
    assert service.spent("create_job") == 1
    assert "quiere llevarse algo" in (agent.home / Artifact.PROMPTS).read_text()
