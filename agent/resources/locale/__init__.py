"""Translations of user-facing sentences: English template to the language of the file name."""
