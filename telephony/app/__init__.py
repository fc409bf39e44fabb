"""The composition root: builds every part from settings, starts them in order, stops them in the reverse order."""
