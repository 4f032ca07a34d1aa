"""Cameras by access unit, digits 7 and 8 of their codes: the tree's level below the county."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0046"


def upgrade() -> None:
    """By each camera's own code; a catalogue that says more is read anew once, as no fingerprint fits it any more."""
    op.add_column("catalogue_items", sa.Column("unit", sa.String(8), nullable=False, server_default=""))
    item = sa.table("catalogue_items", *(sa.column(name, sa.String) for name in ("code", "kind", "unit", "fingerprint")))
    county, number = sa.func.substr(item.c.code, 1, 6), sa.func.substr(item.c.code, 7, 2)
    current = sa.case((county == "520522", "520581"), else_=county)
    coded = (item.c.kind == "camera") & (sa.func.length(item.c.code) == 20) & (number != "00")
    op.execute(sa.update(item).where(coded).values(unit=current.concat(number)))
    op.execute(sa.update(item).values(fingerprint=""))
    op.drop_index("catalogue_items_shown", "catalogue_items")
    op.create_index("catalogue_items_shown", "catalogue_items", ["kind", "shown_area", "code", "unit"])
    op.drop_index("catalogue_items_sums", "catalogue_items")
    columns = ["kind", "shown_area", "camera_class", "device", "status", "unit"]
    op.create_index("catalogue_items_sums", "catalogue_items", columns)
