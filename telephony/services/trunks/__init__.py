"""Trunk capacity, outages, failover."""
