"""State on disk: SQLite by default, PostgreSQL by setting; one transaction a request, migrations at start."""

from fengsui.store.apart import write_apart
from fengsui.store.engine import Store, metadata, upsert
from fengsui.store.survey import DatabaseState, examine

__all__ = ["DatabaseState", "Store", "examine", "metadata", "upsert", "write_apart"]
