"""Interfaces for accounts."""
