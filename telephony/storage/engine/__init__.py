"""The database itself: units of work, two dialects, the schema."""
