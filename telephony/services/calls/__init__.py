"""Calls under way: the tracker, seats, routing, recovery."""
