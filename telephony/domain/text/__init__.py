"""Texts people read, as codes and parameters, and what they write."""
