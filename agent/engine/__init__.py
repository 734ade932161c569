"""What makes a tick safe: one step at a time, every change at the service once, checkpoints."""
