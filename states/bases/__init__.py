"""The base models: how each can be trained and deployed, and until when."""
