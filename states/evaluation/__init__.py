"""What the answers are worth: grading them, comparing candidates, and what to do next."""
