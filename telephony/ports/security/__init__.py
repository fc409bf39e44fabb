"""What services need of locks and tones."""
