"""What things cost: prices with their sources, estimates, what is spent, and what may be."""
