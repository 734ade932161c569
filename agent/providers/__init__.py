"""The service as the agent sees it. The SDK and its exceptions stop here."""
