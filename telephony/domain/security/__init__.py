"""Locks and dialled tones."""
