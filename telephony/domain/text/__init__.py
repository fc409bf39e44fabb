"""Texts that people read, as codes with parameters, and texts that they write."""
