"""Preview mode: offers, presses, skips."""
