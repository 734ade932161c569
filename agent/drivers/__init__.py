"""What calls tick: the local clock today, a distributed engine tomorrow."""
