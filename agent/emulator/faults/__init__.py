"""Faults that a test orders: rules, and the middleware that carries them out."""
