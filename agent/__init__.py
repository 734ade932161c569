"""Afinador, the application: settings, wiring, one tick, what calls it and who it talks to."""

VERSION = "0.2.0"  # read from here by pyproject.toml
