"""What keeps this installation from working, found without spending or changing anything."""
