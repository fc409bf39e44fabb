"""Requests, responses, rights, forms."""
