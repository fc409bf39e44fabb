"""What pages and the API show, drawn from the domain."""
