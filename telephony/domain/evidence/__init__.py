"""Evidence: recordings, the ledger, the daily proof."""
