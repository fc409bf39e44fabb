"""Interfaces for calls and switches."""
