"""Locks and tones."""
