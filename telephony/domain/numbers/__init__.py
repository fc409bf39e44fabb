"""Telephone numbers and the numbering plan."""
