"""The floor and the operators' desks, kept up to date."""
