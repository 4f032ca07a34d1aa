"""Device files: one a camera point, with its versions and what fails in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0043"


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    """Three tables."""
    op.create_table(
        "device_files",
        sa.Column("code", sa.String(20), primary_key=True),
        _text("state", 16),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        _number("change_by"),
        _text("change_name", 128),
        sa.Column("writers", sa.Text, nullable=False),
        _text("photo", 64),
        _text("area", 8),
        _text("name", 256),
        _text("mac", 32),
        _text("address", 64),
        _text("place", 48),
        *(_number(name) for name in ("completeness", "correctness")),
        *(_number(name) for name in ("errors", "warnings")),
        _text("changed_by", 128),
        sa.Column("changed_at", sa.Float, nullable=False),
        _text("seal", 64),
    )
    for name in ("state", "area", "name", "mac", "address", "place"):
        op.create_index(f"device_files_{name}", "device_files", [name])
    op.create_table(
        "device_file_versions",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("by_id", sa.Integer, nullable=False),
        sa.Column("by_name", sa.String(128), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        _text("photo", 64),
        _text("seal", 64),
    )
    op.create_table(
        "device_file_failings",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("failing", sa.String(32), primary_key=True),
    )
    op.create_index("device_file_failings_failing", "device_file_failings", ["failing", "code"])
