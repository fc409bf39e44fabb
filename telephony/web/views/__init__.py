"""What pages and the API show, computed from the domain."""
