"""May this number be dialled now: the decision, the whitelist, the standard rules."""
