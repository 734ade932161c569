"""Settings of one project: its row over the environment, checked by the same declarations."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.settings.config import Settings, load
from states.errors import NeedsOperator
from states.model import Project
from states.places import Artifact, place_of
from states.ports import Ports
from states.state import State
from tests.unit.desk import Desk
from tests.unit.stored import NOW, TIENDA

ENVIRONMENT = {"AGENT_ENV_FILE": os.devnull, "FINE_TUNING_EPOCHS": "2", "AGENT_SEED": "11"}
OWN = {
    "base_model": "gpt-4.1-nano",
    "epochs": 7,
    "batch_size": 4,
    "learning_rate_multiplier": 0.5,
    "training_type": "standard",
    "train_split": 0.6,
    "seed": 99,
    "deploy": "auto",
    "deployment_name": "propia",
    "system_prompt": "Responde con una sola palabra.",
    "target": 0.9,
}


class OwnDesk(Desk):
    """A desk whose preferences come from the settings and the row, as bootstrap makes them."""

    settings: Settings

    def ports_for(self, project: Project) -> Ports:
        preferences = self.settings.preferences_for(project)
        return replace(super().ports_for(project), preferences=preferences)


@pytest.fixture
def own_desk(desk: Desk) -> OwnDesk:
    own = OwnDesk(desk.home, desk.store)
    own.settings = load(ENVIRONMENT)
    return own


def of(**row: Any) -> Project:
    return replace(TIENDA, settings=row)


def mistakes(**row: Any) -> str:
    with pytest.raises(NeedsOperator) as raised:
        load(ENVIRONMENT).for_project(of(**row))
    assert raised.value.heals
    return str(raised.value)


def test_where_the_row_says_nothing_the_environment_decides() -> None:
    """As it always was."""
    settings = load(ENVIRONMENT)
    assert settings.for_project(of()) == settings.project
    assert settings.for_project(of(epochs=None)) == settings.project
    assert settings.preferences_for(of(epochs=9)).plan == replace(settings.project.plan, epochs=9)


def test_a_row_may_say_all_of_it() -> None:
    """Each value in the form that the service takes."""
    own = load(ENVIRONMENT).preferences_for(of(**OWN))
    assert own.plan.base_model == "gpt-4.1-nano"
    assert (own.plan.epochs, own.plan.batch_size, own.plan.learning_rate_multiplier) == (7, 4, 0.5)
    assert (own.plan.seed, own.plan.training_type) == (99, "Standard")
    assert (own.train_split, own.deploy_automatically, own.deployment_name) == (0.6, True, "propia")
    assert (own.system_prompt, own.target) == ("Responde con una sola palabra.", 0.9)


def test_every_mistake_of_a_row_is_told_at_once() -> None:
    """By the names of the row, and with the sentences of the environment's mistakes."""
    told = mistakes(epochs=0, base_model="my model;", target=90, seed="x", colour="red")
    assert "epochs is '0'; it must be a number from 1 to 50" in told
    for name in ("tienda", "base_model", "target", "seed", "colour is no setting of a project"):
        assert name in told


def test_two_shares_are_one_whole() -> None:
    """One of them is enough; two have to agree."""
    settings = load(ENVIRONMENT)
    assert settings.for_project(of(validation_split=0.4)).train_split == pytest.approx(0.6)
    assert "together they must be 1" in mistakes(train_split=0.6, validation_split=0.3)


def test_automatic_deployment_needs_the_resource_for_one_project_too() -> None:
    """The settings of Azure say by hand, the row says by itself: through what?"""
    azure = load(
        {
            "AGENT_ENV_FILE": os.devnull,
            "AZURE_OPENAI_ENDPOINT": "https://a.openai.azure.com",
            "AZURE_OPENAI_KEY": "k" * 32,
        }
    )
    with pytest.raises(NeedsOperator, match="AZURE_SUBSCRIPTION_ID"):
        azure.for_project(of(deploy="auto"))


def test_two_projects_go_through_with_their_own_values(own_desk: OwnDesk) -> None:
    """Model, epochs, seed, split and instruction: each trains with what its row says."""
    for name, row in (("una", {}), ("otra", {**OWN, "deployment_name": None})):
        own_desk.write(place_of(Artifact.CASES, name), [{"text": "caso", "expected": "queja"}])
        own_desk.store.create(name, f"{name:0<8}", "emulator", own_desk.clock.wall(), row)
    for name in ("una", "otra"):
        own_desk.go(State.ANALYZED, name)
    plain, own = (job.spec for job in own_desk.cloud.jobs.values())
    assert (plain.epochs, plain.seed, plain.training_type) == (2, 11, None)
    assert (own.epochs, own.seed, own.training_type) == (7, 99, "Standard")
    assert plain.base_model.startswith("gpt-4.1-mini")
    assert own.base_model.startswith("gpt-4.1-nano")
    sizes = [training_rows(own_desk, name) for name in ("una", "otra")]
    assert len(sizes[0]) > len(sizes[1])
    assert {row["messages"][0]["content"] for row in sizes[1]} == {OWN["system_prompt"]}
    assert "clasificador" in sizes[0][0]["messages"][0]["content"]


def training_rows(desk: Desk, name: str) -> list[Any]:
    content = (desk.home / place_of(Artifact.TRAINING, name)).read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]


def test_a_wrong_row_holds_its_project_alone(own_desk: OwnDesk) -> None:
    """Told as a question to a person; the others go on, and it goes on once it is mended."""
    for name, row in (("mala", {"epochs": "muchas"}), ("buena", {})):
        own_desk.store.create(name, "00c0ffee", "emulator", own_desk.clock.wall(), row)
    own_desk.tick("mala")
    hold = own_desk.project("mala").hold
    assert hold is not None
    assert "mala" in str(hold)
    assert "epochs" in str(hold)
    own_desk.go(State.PROMPTED, "buena")
    write_settings(own_desk, "mala", '{"epochs": 4}')
    own_desk.tick("mala")
    assert (own_desk.project("mala").state, own_desk.project("mala").hold) == (State.PROMPTED, None)


def test_a_cancelled_project_is_tidied_up_whatever_its_row_says(own_desk: OwnDesk) -> None:
    """A wrong value must not leave a training running."""
    own_desk.store.create("mala", "00c0ffee", "emulator", own_desk.clock.wall(), {"epochs": 0})
    own_desk.decisions.cancel("mala", False)
    own_desk.tick("mala")
    assert (own_desk.project("mala").state, own_desk.project("mala").hold) == (
        State.CANCELLED,
        None,
    )


def test_settings_that_are_no_object_are_an_unreadable_row(desk: Desk) -> None:
    """Of another version, or of a person: nobody writes over it."""
    desk.store.create("rara", "00c0ffee", "emulator", NOW)
    write_settings(desk, "rara", "[1]")
    (shown,) = desk.store.all()
    assert shown.version == -1
    assert "cannot be read" in str(shown.hold)


def test_a_projects_settings_stay_when_it_moves(own_desk: OwnDesk) -> None:
    """Every checkpoint, and another service, leaves them alone."""
    own_desk.store.create("tienda", "00c0ffee", "emulator", own_desk.clock.wall(), {"epochs": 5})
    assert own_desk.go(State.SPLIT).settings == {"epochs": 5}
    again = own_desk.store.create("tienda", "00c0ffee", "emulator", own_desk.clock.wall(), {})
    assert again.settings == {"epochs": 5}


def write_settings(desk: Desk, name: str, content: str) -> None:
    path = Path(str(desk.store.engine.url.database))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE projects SET settings = ? WHERE name = ?", (content, name))
        connection.commit()
