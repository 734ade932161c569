"""AWAITING_DEPLOY: each deployment that may be the one is asked, and an echo is not believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from states.errors import AfinadorError, NeedsOperator, NoAnswer, NotFound, Transient, Unclear
from states.facts import known
from states.model import Project
from states.remote import Reply
from states.state import State
from tests.unit.desk import Desk

Serve = Callable[[str], str | Exception | None]  # deployment -> the model that says it answers


@pytest.fixture
def served(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[Serve], list[str]]:
    """`served(serve)`: who answers as what from now on. Returns the deployments that are asked."""

    def arrange(serve: Serve) -> list[str]:
        asked: list[str] = []

        def chat(name: str, _messages: Any, _unsupported: Sequence[str] = ()) -> Reply:
            asked.append(name)
            model = serve(name)
            if isinstance(model, Exception):
                raise model
            return Reply("Hola", model, 0.1)

        monkeypatch.setattr(desk.cloud, "chat", chat)
        return asked

    return arrange


def wait_by_hand(desk: Desk) -> Project:
    desk.wish(deploy_automatically=False)
    return desk.go(State.AWAITING_DEPLOY)


def look(desk: Desk) -> Project:
    due = desk.project().due_at
    desk.clock.spend(max((due or 0.0) - desk.clock.wall(), 0.0))
    return desk.tick().after


@pytest.mark.parametrize(
    "trouble",
    [
        NotFound("not there"),
        Unclear("no answer in time"),
        Transient("a moment"),
        NoAnswer("nothing"),
        NeedsOperator("not allowed", heals=True),
    ],
)
@pytest.mark.parametrize("ghost", ["a-ghost", "z-ghost", None])
def test_of_several_deployments_the_one_that_answers_is_taken(
    ghost: str | None, trouble: AfinadorError, desk: Desk, served: Callable[[Serve], list[str]]
) -> None:
    """Whatever is the matter with another one, also with the one of the suggested name."""
    project = wait_by_hand(desk)
    model = known(project.facts.trained).model
    ghost = ghost or known(project.facts.requested).name
    for name in (ghost, "m-works"):
        desk.cloud.deploy_by_hand(name, model)
    served(lambda name: trouble if name == ghost else model)
    project = look(desk)
    assert project.state is State.DEPLOYED
    assert known(project.facts.deployed).name == "m-works"


def test_a_ghost_alone_is_watched_as_before(
    desk: Desk, served: Callable[[Serve], list[str]]
) -> None:
    """Of two, the first is named."""
    project = wait_by_hand(desk)
    for name in ("a", "b"):
        desk.cloud.deploy_by_hand(name, known(project.facts.trained).model)
    asked = served(lambda _name: NotFound("not there"))
    assert "the deployment a to answer" in str(look(desk).waiting_for)
    assert asked == ["a", "b"]


def test_while_ours_is_being_made_no_other_is_taken(
    desk: Desk, served: Callable[[Serve], list[str]]
) -> None:
    project = desk.go(State.AWAITING_DEPLOY)
    model = known(project.facts.trained).model
    desk.cloud.deployments[known(project.facts.requested).name].status = "creating"
    desk.cloud.deploy_by_hand("hers", model)
    assert served(lambda _name: model) == []
    assert look(desk).state is State.AWAITING_DEPLOY


# Echoes ---------------------------------------------------------------------------------------


@pytest.fixture
def unlisted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose person deploys, at a service that lists no deployments."""

    def refuse(_name: str) -> None:
        raise NotFound("cannot be listed")

    monkeypatch.setattr(desk.cloud, "deployment", refuse)
    monkeypatch.setattr(desk.cloud, "deployments_of", refuse)
    return wait_by_hand(desk)


ECHOES = ["gpt-4o-mini", "GPT-4o-mini", "tienda-ft", "", None]


@pytest.mark.parametrize("echo", ECHOES)
def test_an_echo_that_proves_nothing_is_told_with_what_settles_it(
    echo: str | None, desk: Desk, unlisted: Project, served: Callable[[Serve], list[str]]
) -> None:
    """The base model's name, the deployment's own, or none: not another model."""
    name = known(unlisted.facts.requested).name
    served(lambda _name: name if echo == "tienda-ft" else echo)
    waiting = str(look(desk).waiting_for)
    assert "verified" in waiting
    assert "another model" not in waiting
    for way in ("AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", f"`advance --deployment {name}`"):
        assert way in waiting


@pytest.mark.parametrize("echo", ECHOES)
def test_a_persons_word_is_taken_and_recorded(
    echo: str | None, desk: Desk, unlisted: Project, served: Callable[[Serve], list[str]]
) -> None:
    assert unlisted.state is State.AWAITING_DEPLOY
    served(lambda _name: echo)
    ticked = desk.decisions.advance("tienda", "tienda-ft")
    assert ticked.after.state is State.DEPLOYED
    assert "at your word" in str(ticked.text)
    assert known(ticked.after.facts.deployed).is_verified is False
    assert "at your word" in str(desk.store.history("tienda")[-1].note)


@pytest.mark.parametrize("echo", ["gpt-4o", "gpt-4o-mini.ft-other.suffix", "gpt-4o-mini-x"])
def test_no_word_makes_another_model_ours(
    echo: str, desk: Desk, unlisted: Project, served: Callable[[Serve], list[str]]
) -> None:
    assert unlisted.state is State.AWAITING_DEPLOY
    served(lambda _name: echo)
    ticked = desk.decisions.advance("tienda", "tienda-ft")
    assert ticked.after.state is State.AWAITING_DEPLOY
    assert f"serves {echo}, another model" in str(ticked.text)


def test_our_model_is_known_by_its_echo(
    desk: Desk, unlisted: Project, served: Callable[[Serve], list[str]]
) -> None:
    model = known(unlisted.facts.trained).model
    served(lambda _name: model.upper())
    project = look(desk)
    assert project.state is State.DEPLOYED
    assert known(project.facts.deployed).is_verified


@pytest.mark.parametrize("echo", ["gpt-4o-mini", "gpt-4o"])
def test_what_is_paid_for_in_vain_is_asked_ever_more_seldom(
    echo: str, desk: Desk, unlisted: Project, served: Callable[[Serve], list[str]]
) -> None:
    """At most once an hour in the end; a person's `advance` asks at once."""
    assert unlisted.state is State.AWAITING_DEPLOY
    asked, began = served(lambda _name: echo), desk.clock.wall()
    while desk.clock.wall() - began < 24 * 3600:
        look(desk)
    assert 24 < len(asked) < 24 + 15
    before = len(asked)
    desk.decisions.advance("tienda", None)
    assert len(asked) == before + 1
