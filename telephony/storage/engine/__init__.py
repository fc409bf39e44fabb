"""The database engine: units of work, two dialects, the schema."""
