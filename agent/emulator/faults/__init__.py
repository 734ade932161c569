"""Faults that a test orders: the rules, and the ASGI middleware that carries them out."""
