"""Campaigns and their leads, as people manage them."""
