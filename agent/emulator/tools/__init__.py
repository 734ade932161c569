"""Commands for a person at the emulator: deploy by hand, list what is there."""
