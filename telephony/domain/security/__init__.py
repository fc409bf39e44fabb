"""Locks and DTMF."""
