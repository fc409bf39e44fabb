"""Files become lists."""
