"""The database adapter: SQLAlchemy, SQLite or PostgreSQL, Alembic. Alone knows SQL."""
