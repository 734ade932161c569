"""What the emulator keeps: settings, the home, the database, contents, the ledger, behaviour."""
