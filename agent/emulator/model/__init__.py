"""The model behind the emulator: encoder, trainer, and how an answer is spelt."""
