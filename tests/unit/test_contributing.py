"""The worked example in CONTRIBUTING.md can be followed: its diff applies, and its test passes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("agent", "states", "store", "tests", ".ci", "pyproject.toml")
DIFF = re.compile(r"```diff\n(.*?)```", re.DOTALL)
NEW_TEST = "tests/unit/test_data_rules.py"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The source and its tests, to which the example is applied."""
    without = shutil.ignore_patterns("__pycache__", "crash", "e2e", "contract")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=without)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _run(clone: Path, *command: str, text: str = "") -> str:
    """What the command says on either stream; it has to succeed."""
    run = subprocess.run(
        command,
        cwd=clone,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(clone), "GIT_CEILING_DIRECTORIES": str(clone.parent)},
    )
    assert run.returncode == 0, f"{' '.join(command)}\n{run.stdout}{run.stderr}"
    return run.stdout + run.stderr


@pytest.mark.linter
@pytest.mark.slow
def test_the_worked_example_can_be_followed(clone: Path) -> None:
    """Code, translation and test, as they are printed there."""
    diffs = DIFF.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert diffs
    for diff in diffs:
        _run(clone, "git", "apply", "-", text=diff)
    python = sys.executable
    _run(clone, python, ".ci/catalogue.py")
    _run(clone, python, "-m", "ruff", "check", "states", NEW_TEST)
    _run(clone, python, "-m", "ruff", "format", "--check", "states", NEW_TEST)
    told = _run(clone, python, "-m", "pytest", "-q", NEW_TEST, "tests/unit/test_translations.py")
    assert " passed" in told
