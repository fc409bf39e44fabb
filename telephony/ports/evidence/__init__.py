"""Interfaces for evidence."""
