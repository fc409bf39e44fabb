"""Interfaces for locks and DTMF."""
