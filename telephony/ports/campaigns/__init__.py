"""Interfaces for campaigns."""
