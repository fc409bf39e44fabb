"""Interfaces for rules."""
