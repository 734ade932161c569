"""One file per step, named after its work; table.py says which state it belongs to."""
