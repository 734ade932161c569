"""OpenAI's SDK for node, installed once into the machine's folder for temporary files."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

VERSION = "6.30.1"  # the last that node 20 runs
PLACE = Path(tempfile.gettempdir()) / f"afinador-node-openai-{VERSION}"
INSTALL = ("install", "--no-audit", "--no-fund", "--ignore-scripts", f"openai@{VERSION}")


def find_openai() -> list[str]:
    """The command `node`, and the folder where a script finds the SDK. Skips where it is not to be
    had, with the reason."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed")
    with FileLock(f"{PLACE}.lock"):
        if not (PLACE / "complete").exists():
            PLACE.mkdir(mode=0o700, exist_ok=True)
            command = [npm, *INSTALL, "--prefix", str(PLACE)]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=120, check=False
                )
            except subprocess.TimeoutExpired:
                pytest.skip("npm's registry does not answer")
            if done.returncode:
                pytest.skip(f"npm cannot install openai: {done.stderr.strip()[-200:]}")
            (PLACE / "complete").touch()
    return [node, str(PLACE)]
