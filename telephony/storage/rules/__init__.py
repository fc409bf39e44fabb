"""Whitelist, law, do-not-call list."""
