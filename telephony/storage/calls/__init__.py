"""Attempts, permits, seats."""
