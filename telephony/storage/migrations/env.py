"""Alembic's entry point: run the migrations on the connection and in the transaction begun by ``schema``."""

from alembic import context

from telephony.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
