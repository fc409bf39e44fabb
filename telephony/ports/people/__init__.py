"""What services need of accounts."""
