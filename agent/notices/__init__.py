"""Who is told that a person is needed, and of what."""
