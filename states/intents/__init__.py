"""The task itself: example sentences, test cases, data sets, what the answers are worth."""
