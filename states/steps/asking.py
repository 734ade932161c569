"""One question to the deployed model, in the dialect that its refusals have taught.

probe.py calls `ask` and `learn`; ask_cases.py, of which many are asked at once, `know`s what they
have taught.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from states.facts import Facts, known
from states.model import Project
from states.ports import Ports
from states.remote import Reply


def ask(
    project: Project, ports: Ports, deployment: str, messages: Sequence[dict[str, str]]
) -> Reply:
    """The reply, which is paid for. StoreError where it could not be written down: unasked then."""
    ports.memory.expect_answers(1)
    unsupported = known(project.facts.trained).unsupported
    return ports.read.chat(deployment, messages, unsupported)


def learn(facts: Facts, reply: Reply) -> Facts:
    """The facts with what the reply has taught, so that no question is refused for it again."""
    return know(facts, reply.unsupported)


def know(facts: Facts, unsupported: Iterable[str]) -> Facts:
    """The facts with what the tuned model does not support, beside what is known of it."""
    trained = known(facts.trained)
    both = tuple(dict.fromkeys((*trained.unsupported, *unsupported)))
    return replace(facts, trained=replace(trained, unsupported=both))
