"""The `telephony` command: parses what a person typed, asks the composition root, prints a table or JSON."""
