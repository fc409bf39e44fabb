"""Recordings, ledger, days."""
