"""Room on trunks, outages, failover."""
