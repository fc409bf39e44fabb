"""What is kept as proof: recordings, the ledger, the daily proof."""
