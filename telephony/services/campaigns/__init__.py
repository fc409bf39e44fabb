"""Managing campaigns and their leads."""
