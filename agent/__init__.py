"""Afinador, the application: settings, wiring, one tick, what calls it and who it talks to."""
