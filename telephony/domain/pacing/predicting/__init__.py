"""Parts of the predictive pacer: how dials end, when operators become free, the race, the budget."""
