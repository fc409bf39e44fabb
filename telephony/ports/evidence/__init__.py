"""What services need of evidence."""
