"""What services need of leads."""
