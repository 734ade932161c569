"""An emulator of the Azure OpenAI fine-tuning surfaces that really trains a small classifier.

A program of its own (`python -m agent.emulator`): it imports nothing of the agent, and nothing
imports it. What it serves, and how its rooms hang together: README.md beside this file.
"""
