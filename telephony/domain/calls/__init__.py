"""One call from its permit to its outcome."""
