"""Words, numbers and dates in each language."""
