"""Trunks: routes and breakers."""
