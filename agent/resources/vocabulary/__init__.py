"""The o200k_base vocabulary of tiktoken, under the name its cache looks for (MIT, OpenAI; see NOTICE)."""
