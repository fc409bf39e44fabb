"""What services need of calls and switches."""
