"""The command line: one file for each command, and what they share.

`agent/__main__.py` calls `main`."""

from agent.cli.main import main

__all__ = ["main"]
