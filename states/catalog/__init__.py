"""Facts that change without the code: prices, limits, dates, grades, the starter data."""
