"""Tables of device files, of their versions, and of what fails in each."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

device_files = sa.Table(
    "device_files",
    metadata,
    sa.Column("code", sa.String(20), primary_key=True),
    sa.Column("state", sa.String(16), index=True),
    sa.Column("version", sa.Integer),
    sa.Column("fields", sa.Text),
    sa.Column("change", sa.Text),
    sa.Column("change_by", sa.Integer),
    sa.Column("change_name", sa.String(128)),
    sa.Column("writers", sa.Text),
    sa.Column("photo", sa.String(64)),
    sa.Column("area", sa.String(8), index=True),
    sa.Column("name", sa.String(256), index=True),
    sa.Column("mac", sa.String(32), index=True),
    sa.Column("address", sa.String(64), index=True),
    sa.Column("place", sa.String(48), index=True),
    *(sa.Column(name, sa.Integer) for name in ("completeness", "correctness", "errors", "warnings")),
    sa.Column("changed_by", sa.String(128)),
    sa.Column("changed_at", sa.Float),
    sa.Column("seal", sa.String(64)),
)
sealed(device_files, "state", "version", "fields", "change", "change_by", "writers", "photo", "area")
device_file_versions = sa.Table(
    "device_file_versions",
    metadata,
    sa.Column("code", sa.String(20), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("act", sa.String(16)),
    sa.Column("state", sa.String(16)),
    sa.Column("by_id", sa.Integer),
    sa.Column("by_name", sa.String(128)),
    sa.Column("at", sa.Float),
    sa.Column("note", sa.Text),
    sa.Column("fields", sa.Text),
    sa.Column("photo", sa.String(64)),
    sa.Column("seal", sa.String(64)),
)
sealed(device_file_versions, "act", "state", "by_id", "by_name", "at", "note", "fields", "photo")
device_file_failings = sa.Table(
    "device_file_failings",
    metadata,
    sa.Column("code", sa.String(20), primary_key=True),
    sa.Column("failing", sa.String(32), primary_key=True),
)
