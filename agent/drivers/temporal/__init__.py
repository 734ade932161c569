"""Temporal as the driver: a workflow per project, and its activity is the tick of every driver."""
