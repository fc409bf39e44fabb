"""Lead order learned from the campaign's calls."""
