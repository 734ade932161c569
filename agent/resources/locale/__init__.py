"""Translations of what the program says: a gettext catalogue for each language but English.

agent/views/language.py reads the .mo files; `make locale` renews the .po files and compiles them.
argparse.pot holds what argparse says to a person, which no source file of this program contains."""
