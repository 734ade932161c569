"""The classifier behind the emulator: text features, training, and how an answer is sampled."""
