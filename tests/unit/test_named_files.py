"""A file that a setting names: a pipe, a device or something huge is told, and never waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.providers.network import check_network
from agent.settings.config import load
from agent.settings.environment import language_of
from agent.settings.named_file import read_named
from states.errors import SettingsError

AZURE = "https://tienda.openai.azure.com"
OTHERS = ("AGENT_TEMPORAL_TLS_CERT", "AGENT_TEMPORAL_TLS_KEY")


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _huge(folder: Path) -> Path:
    file = folder / "huge"
    with file.open("wb") as content:
        content.truncate(1 << 40)  # of holes: it takes no room
    return file


NO_FILES: tuple[tuple[Callable[[Path], Path], str], ...] = (
    (_pipe, "a pipe or a device"),
    (lambda _folder: Path("/dev/zero"), "a pipe or a device"),
    (lambda folder: folder, "Is a directory"),
    (_huge, "it is larger than"),
    (lambda folder: folder / "none", "No such file"),
)


def _load(name: str, file: Path) -> None:
    others = dict.fromkeys(OTHERS, str(file)) if name in OTHERS else {}
    load({"AGENT_ENV_FILE": os.devnull, **others, name: str(file)})


@pytest.mark.parametrize(("make", "words"), NO_FILES)
@pytest.mark.parametrize("name", ["AGENT_PRICES", "AGENT_TEMPORAL_TLS_CA", *OTHERS])
def test_a_setting_names_a_file_of_a_bounded_size(
    name: str, make: Callable[[Path], Path], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as refused:
        _load(name, make(tmp_path))
    assert name in str(refused.value) and words in str(refused.value)


@pytest.mark.parametrize(("make", "words"), NO_FILES[:-1])
def test_so_does_the_file_of_the_settings(
    make: Callable[[Path], Path], words: str, tmp_path: Path
) -> None:
    """Its language is looked for before the help, which is shown all the same."""
    environment = {"AGENT_ENV_FILE": str(make(tmp_path))}
    assert language_of(environment) == "es"
    with pytest.raises(SettingsError, match=f"cannot be read: .*{words}"):
        load(environment)


def test_a_settings_file_beside_the_program_may_be_a_pipe_as_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(".env")
    with pytest.raises(SettingsError, match=r"\.env cannot be read: a pipe"):
        load({})


@pytest.mark.parametrize(("make", "words"), NO_FILES)
def test_so_do_the_certificates_of_the_network(
    make: Callable[[Path], Path], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(make(tmp_path)))
    with pytest.raises(SettingsError, match=f"SSL_CERT_FILE names no file.*{words}"):
        check_network(AZURE)


def test_a_file_that_does_not_say_how_long_it_is_is_read_as_far_as_it_may_be() -> None:
    """Those of /proc say 0."""
    assert read_named(Path("/proc/self/status"), 100_000).startswith(b"Name:")
    with pytest.raises(SettingsError, match="larger than"):
        read_named(Path("/proc/self/status"), 10)
