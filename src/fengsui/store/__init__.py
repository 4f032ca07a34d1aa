"""State on disk: SQLite by default, PostgreSQL by setting; one transaction a request, migrations at start."""

from fengsui.store.apart import write_apart
from fengsui.store.engine import Store, changed, if_undone, insert_new, metadata, upsert
from fengsui.store.in_step import written
from fengsui.store.seals import (
    BY_NOW,
    Sealed,
    SealedRow,
    broken_rows,
    forget_seals,
    insert_many_sealed,
    insert_sealed,
    is_row_whole,
    seal_all,
    sealed,
    sealed_pages,
    sealed_tables,
    update_sealed,
)
from fengsui.store.survey import DatabaseState, each_row, examine
from fengsui.store.versioned import Versioned

__all__ = [
    "BY_NOW",
    "DatabaseState",
    "Sealed",
    "SealedRow",
    "Store",
    "Versioned",
    "broken_rows",
    "changed",
    "each_row",
    "examine",
    "forget_seals",
    "if_undone",
    "insert_many_sealed",
    "insert_new",
    "insert_sealed",
    "is_row_whole",
    "metadata",
    "seal_all",
    "sealed",
    "sealed_pages",
    "sealed_tables",
    "update_sealed",
    "upsert",
    "write_apart",
    "written",
]
