"""Importing files as lists of leads."""
