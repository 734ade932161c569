"""What is committed is enough: a clone in a folder with a space runs, as a package to be installed
as well.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHERE = (
    "import agent, states, store; print(agent.__file__, states.__file__, store.__file__, sep='\\n')"
)


@pytest.fixture
def clone(tmp_path: Path, clean_environment: dict[str, str]) -> Path:
    """The last commit, cloned; a checkout without its history (an archive, say) has nothing to be
    cloned.
    """
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    place = tmp_path / "un clon recién hecho"
    _done(
        ["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(place)],
        tmp_path,
        clean_environment,
    )
    return place


def test_the_demo_works_in_a_clone_whatever_is_exported(
    clone: Path, clean_environment: dict[str, str]
) -> None:
    """Its own code, its own catalogue, every file at the end, and nothing of Azure; only the
    language is kept.
    """
    environment = _unset(clean_environment)
    files = _done([sys.executable, "-c", WHERE], clone, environment).splitlines()
    assert [Path(file).parent.parent for file in files] == [clone] * 3
    _as_if_installed(clone)
    (clone / ".env").write_text(
        "AZURE_OPENAI_ENDPOINT=https://contoso.openai.azure.com\nAZURE_OPENAI_KEY=k\n"
    )
    told = _done(["make", "demo"], clone, environment | _nonsense(clone) | {"AGENT_LANGUAGE": "en"})
    assert "Files:" in told
    assert "ANALYZED" in told
    results = sorted(path.name for path in (clone / "results").glob("*.json"))
    assert results == [
        "deployment_info.json",
        "fine_tuning_info.json",
        "improvement_analysis.json",
        "test_results.json",
    ]
    answered = json.loads((clone / "results" / "test_results.json").read_text())
    assert (answered["service"], len(answered["cases_answered"])) == ("emulator", 40)
    # What it wrote is nobody's to commit by accident.
    assert _done(["git", "status", "--porcelain"], clone, environment) == ""


def _as_if_installed(clone: Path) -> None:
    """The packages are those of these tests; the code is the clone's."""
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (clone / ".venv" / ".installed").touch()


def _nonsense(clone: Path) -> dict[str, str]:
    """Every setting there is, of the agent and of the emulator, with a value that cannot be
    used.
    """
    ours = re.findall(
        r"^# ?([A-Z_]+)=", (clone / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
    )
    timings = re.findall(
        r"EMULATOR_[A-Z_]+",
        (clone / "agent" / "emulator" / "state" / "settings.py").read_text(encoding="utf-8"),
    )
    return dict.fromkeys(
        [*ours, *timings, "EMULATOR_TRAIN_SECONDS", "OPENAI_BASE_URL", "OPENAI_API_VERSION"],
        "disparate",
    )


def test_make_demo_needs_nothing_but_the_clone(
    clone: Path, clean_environment: dict[str, str]
) -> None:
    """Whatever the recipe reads is there; it is not run."""
    told = _done(["make", "--dry-run", "demo"], clone, _unset(clean_environment))
    assert "-m venv .venv" in told
    assert "--require-hashes -r requirements.lock" in told
    assert "run --project tienda --until ANALYZED" in told


@pytest.mark.slow
def test_make_demo_installs_and_ends_in_a_clone(
    clone: Path, clean_environment: dict[str, str]
) -> None:
    """The whole command, with the network it needs to install; the second time it has nothing to
    do.
    """
    environment = _unset(clean_environment)
    assert "ANALYZED" in _done(
        ["make", "demo", f"PYTHON={sys.executable}"], clone, environment, seconds=900
    )
    assert "No se ha cambiado nada" in _done(["make", "demo"], clone, environment)


def test_a_wheel_carries_every_file_of_the_packages(
    clone: Path, clean_environment: dict[str, str]
) -> None:
    """Modules, migrations, catalogues, translations and the vocabulary: nothing is left out that
    the clone runs on.
    """
    command = [
        sys.executable,
        "-c",
        "from setuptools.build_meta import build_wheel; build_wheel('made')",
    ]
    _done(command, clone, _unset(clean_environment))
    [wheel] = (clone / "made").glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        carried = set(opened.namelist())
    tracked = _done(
        ["git", "ls-files", "agent", "states", "store"], clone, _unset(clean_environment)
    ).splitlines()
    assert sorted(set(tracked) - carried) == []


def _unset(environment: dict[str, str]) -> dict[str, str]:
    """As a person has it: nothing but the clone says where the code is."""
    return {name: value for name, value in environment.items() if name != "PYTHONPATH"}


def _done(
    command: list[str], place: Path, environment: dict[str, str], seconds: float = 120
) -> Any:
    ended = subprocess.run(
        command,
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
