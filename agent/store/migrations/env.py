"""Run by Alembic: points it at the connection that `upgrade` was given."""

from __future__ import annotations

from alembic import context

from agent.store.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by rebuilding it
    transactional_ddl=True,  # SQLite's DDL is transactional, too; Alembic assumes otherwise
)
with context.begin_transaction():
    context.run_migrations()
