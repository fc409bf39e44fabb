"""Which lead first, learned from the calls that were made."""
