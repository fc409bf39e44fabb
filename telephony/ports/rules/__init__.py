"""What services need of rules."""
