"""The only room that knows every concrete class: settings in, a working application out."""

from agent.bootstrap.application import Application

__all__ = ["Application"]
