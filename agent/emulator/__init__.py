"""A local stand-in for Azure OpenAI that really trains. It imports nothing of ours, and nothing imports it."""
