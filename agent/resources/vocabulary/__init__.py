"""The o200k_base vocabulary of tiktoken, under the name that its cache looks for.

tokens.py reads it. MIT licence, OpenAI; see NOTICE."""
