"""What Alembic runs: the migrations, on the connection and inside the transaction that ``schema`` has begun."""

from alembic import context

from telephony.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
