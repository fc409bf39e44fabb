"""The composition root: every part built once, in one place."""
