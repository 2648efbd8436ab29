"""Runs a migration on the connection that the store hands over."""

from alembic import context

from handrail.clinic.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
