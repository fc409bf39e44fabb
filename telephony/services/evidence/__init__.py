"""The ledger chain, signatures, incidents, the daily proof."""
