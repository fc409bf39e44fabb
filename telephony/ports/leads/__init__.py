"""Interfaces for leads."""
