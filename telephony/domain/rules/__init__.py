"""May this number be dialled now? The decision, the whitelist, the standard rules."""
