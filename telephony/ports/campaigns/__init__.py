"""What services need of campaigns."""
