"""The number of an alarm host that was removed is given to no other, in SQLite as well: open alarms know their host by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0121"
down_revision = "0118"


def upgrade() -> None:
    """PostgreSQL never gave one twice."""
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table("alarm_hosts", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
        pass
    op.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'alarm_hosts'"))
    most = "max((SELECT coalesce(max(id), 0) FROM alarm_hosts), (SELECT coalesce(max(host_id), 0) FROM alarms))"
    op.execute(sa.text(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('alarm_hosts', {most})"))
