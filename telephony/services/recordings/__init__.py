"""Recordings: made, played, reviewed."""
