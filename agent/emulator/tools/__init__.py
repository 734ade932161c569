"""The commands for a person beside serving: deploy by hand, list what the emulator keeps."""
