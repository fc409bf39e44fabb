"""What the predictive pacer knows and computes: how dials end, when operators come free, the race, the budget."""
