"""State on disk: SQLite by default, PostgreSQL by setting; one transaction a request, migrations at start."""

from fengsui.store.engine import Store, metadata, upsert

__all__ = ["Store", "metadata", "upsert"]
