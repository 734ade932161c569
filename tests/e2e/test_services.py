"""Which projects a run takes care of, at which service, and where its files are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("name", ["qué?", "100%41#x", "a b"])
def test_everything_stays_below_the_home_whatever_it_is_called(
    name: str, tmp_path: Path, cli: Any
) -> None:
    """A database URL gives some characters a meaning; a folder's name does not."""
    home = tmp_path / "casa" / name
    home.mkdir(parents=True)
    assert cli(home, "run", "--until", "PROMPTED").code == 0
    assert (home / "data" / "agent.db").is_file()
    assert sorted(path.name for path in (tmp_path / "casa").iterdir()) == [name]


def test_a_cancelled_project_has_not_reached_what_was_asked_for(
    home: Path, cli: Any, small_set: Any
) -> None:
    """A script that goes on after `run --until` must not take a cancellation for success."""
    small_set(home)
    assert cli(home, "run", "--until", "SPLIT").code == 0
    assert cli(home, "cancel", "tienda").code == 0
    assert cli(home, "run", "--until", "ANALYZED").code == 1


@pytest.mark.slow
def test_projects_of_another_service_are_left_alone(
    home: Path, cli: Any, azure: Any, small_set: Any, column_of: Any
) -> None:
    """With several projects, `run` moves none to a paid service by itself: it says so, and goes on
    with the others.
    """
    for project in ("una", "otra"):
        small_set(home, project=project)
        assert cli(home, "run", "--project", project, "--until", "PROMPTED").code == 0
    small_set(home, project="cara")
    assert cli(home, "run", "--project", "cara", "--until", "PROMPTED", env=azure.azure).code == 0
    ended = cli(home, "run", "--until", "SPLIT", env=azure.azure)
    assert ended.code == 0
    assert "left_alone" in ended.err
    assert [column_of(home, name, "state") for name in ("una", "otra", "cara")] == [
        "PROMPTED",
        "PROMPTED",
        "SPLIT",
    ]
    assert column_of(home, "una", "service").startswith("emulator/")


@pytest.mark.slow
def test_nothing_of_azures_is_ever_begun_anew_on_the_emulator(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """Not even a project of which nothing was sent yet: forgetting the endpoint in .env must not
    reset it.
    """
    small_set(home)
    assert cli(home, "run", "--until", "SPLIT", env=azure.azure).code == 0
    ended = cli(home, "run", "--until", "ANALYZED")
    assert ended.code == 2
    assert azure.url.removeprefix("http://") in ended.err


@pytest.mark.slow
def test_a_mistyped_endpoint_can_be_corrected(
    home: Path, cli: Any, azure: Any, small_set: Any, column_of: Any
) -> None:
    """Nothing of the project is at the wrong address, so it is free to go to the right one; the
    history says so.
    """
    small_set(home)
    assert (
        cli(
            home,
            "run",
            "--until",
            "UPLOADED",
            env={**azure.azure, "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9"},
        ).code
        == 1
    )
    assert cli(home, "run", "--until", "UPLOADED", env=azure.azure).code == 0
    assert column_of(home, "tienda", "service") == azure.url.removeprefix("http://")
    notes = [c["note"] for c in cli(home, "history", "--json", env=azure.azure).json["checkpoints"]]
    assert any(note and "moved from 127.0.0.1:9" in note for note in notes)


@pytest.mark.slow
def test_after_the_demo_a_mistyped_endpoint_is_told_soon_and_can_be_corrected(
    home: Path, cli: Any, azure: Any, small_set: Any, column_of: Any
) -> None:
    """That the emulator once answered says nothing about the new address, and nothing of the
    project is there.
    """
    small_set(home)
    assert cli(home, "run", "--until", "UPLOADED").code == 0
    mistyped = {**azure.azure, "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9"}
    ended = cli(home, "run", "--until", "UPLOADED", env=mistyped)
    assert ended.code == 1
    assert "127.0.0.1:9" in column_of(home, "tienda", "hold")
    assert cli(home, "run", "--until", "UPLOADED", env=azure.azure).code == 0
    assert column_of(home, "tienda", "service") == azure.url.removeprefix("http://")


def test_a_name_too_long_to_be_answered_is_refused_before_anything_is_sent(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """The model's answer would be cut off: better to hear of it before the training is paid."""
    long = "_".join(["consulta_sobre_el_estado_del_envio_de_un_pedido_ya_realizado"] * 3)
    sentences = [
        "dónde está",
        "cuándo llega",
        "qué pasa con lo mío",
        "sigue en camino",
        "se ha perdido",
        "no sé nada",
        "ya salió",
    ]
    small_set(
        home,
        cases=False,
        examples={long: sentences, "apagar": [f"apaga la luz {n}" for n in range(7)]},
    )
    before = azure.counts()
    ended = cli(home, "run", "--until", "UPLOADED", env=azure.azure)
    assert ended.code == 1
    assert "48" in ended.text
    assert azure.counts() == before


@pytest.mark.slow
def test_a_foreign_token_cache_is_no_reason_for_a_download(
    home: Path, cli: Any, small_set: Any
) -> None:
    """The vocabulary ships with the package; an empty TIKTOKEN_CACHE_DIR would have it fetched."""
    small_set(home)
    empty = home / "vacía"
    empty.mkdir()
    assert (
        cli(home, "run", "--until", "VALIDATED", env={"TIKTOKEN_CACHE_DIR": str(empty)}).code == 0
    )
    summary = json.loads((home / "data/processed/data_preparation_summary.json").read_text())
    assert summary["token_counting"] == "exact"
    assert list(empty.iterdir()) == []


def test_the_folders_of_a_clone_are_closed_to_others(home: Path, cli: Any) -> None:
    """git makes them readable for everybody; training data is not for everybody."""
    for room in ("data", "results", "logs"):
        (home / room).mkdir(mode=0o755)
    assert cli(home, "run", "--until", "PROMPTED").code == 0
    assert {(home / room).stat().st_mode & 0o777 for room in ("data", "results", "logs")} == {0o700}


def test_what_is_exported_for_another_emulator_does_not_reach_ours(
    home: Path, cli: Any, small_set: Any
) -> None:
    """The port, key and home of one that is served by itself, perhaps on that very port at this
    moment.
    """
    small_set(home)
    apart = {
        "EMULATOR_PORT": "1",
        "EMULATOR_API_KEY": "otra-clave",
        "EMULATOR_HOME": "/nowhere",
        "EMULATOR_ENCODER": "hash",
    }
    ended = cli(home, "run", "--until", "UPLOADED", env=apart)
    assert ended.code == 0, ended.text


@pytest.mark.slow
def test_a_foreign_package_of_our_name_is_not_run(
    home: Path, clean_environment: dict[str, str], small_set: Any
) -> None:
    """Where `afinador` is started there may be a folder `agent` of somebody else: the emulator is
    ours all the same.
    """
    small_set(home)
    foreign = home.parent / "agent"
    (foreign / "emulator").mkdir(parents=True)
    for place in (foreign, foreign / "emulator"):
        (place / "__init__.py").write_text(
            "import pathlib; pathlib.Path('foreign-code-was-run').touch()"
        )
    # As the installed command does: without the current folder among the places to import from.
    command = [sys.executable, "-P", "-m", "agent", "run", "--until", "UPLOADED"]
    environment = {
        **clean_environment,
        "AGENT_HOME": str(home),
        "AGENT_ENV_FILE": os.devnull,
        "EMULATOR_ENCODER": "hash",
    }
    ended = subprocess.run(
        command,
        cwd=home.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not (home.parent / "foreign-code-was-run").exists()


@pytest.mark.slow
def test_two_emulators_on_one_database_are_two_services(
    tmp_path: Path, cli: Any, small_set: Any, column_of: Any
) -> None:
    """The second home leaves the project of the first alone, and may have one of its own."""
    one, other = tmp_path / "one", tmp_path / "other"
    shared = {
        "AGENT_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.db'}",
        "EMULATOR_ENCODER": "hash",
    }
    for home in (one, other):
        home.mkdir()
        small_set(home)
    assert cli(one, "run", "--until", "UPLOADED", env=shared).code == 0
    ended = cli(other, "run", "--until", "TRAINED", env=shared)
    assert ended.code == 2
    identities = [(home / "data/emulator/identity").read_text().strip() for home in (one, other)]
    assert all(f"emulator/{identity}" in ended.err for identity in identities)
    assert cli(other, "advance", env=shared).code == 2
    assert cli(one, "run", "--until", "TRAINING", env=shared).code == 0
