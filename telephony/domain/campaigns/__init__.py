"""Campaigns and their dialing options."""
