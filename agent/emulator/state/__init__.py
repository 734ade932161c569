"""What survives a restart: storage, blobs, ledger, settings."""
