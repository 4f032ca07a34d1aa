"""The check of sealed tables fails on each other way of writing one, and lets through what no seal is about."""

from __future__ import annotations

import pytest

from checks import seals

UNDER = {"masks": {"id", "points", "valid", "seal"}}
VARIABLES = {"masks": "masks"}


@pytest.mark.parametrize(
    "line",
    [
        "tx.execute(sa.insert(masks).values(name='x'))",
        "tx.execute(sa.update(masks).where(masks.c.id == 1).values(valid=True))",
        "tx.execute(sa.update(masks).where(masks.c.id == 1).values(**facts))",
        "tx.execute(sa.update(masks).values({'valid': True}))",
        "tx.execute(sa.update(masks).values(name='x').values(valid=True))",
        "tx.execute(sa.update(masks).values(name='x').values(facts))",
        "tx.execute(sa.update(masks), rows)",
        "tx.execute(postgresql.insert(tables.masks).on_conflict_do_nothing())",
        "tx.execute(masks.update().values(valid=True))",
        "tx.execute(upsert(tx, masks, ['id'], ['valid']), rows)",
        "tx.execute(sa.text('UPDATE masks SET valid = true'))",
        "from fengsui.features.masks.tables import masks as drawn\ntx.execute(sa.update(drawn).values(valid=True))",
    ],
)
def test_every_other_way_is_a_breach(line: str) -> None:
    found = list(seals.past_the_seal("queries.py", line, UNDER, VARIABLES))
    assert len(found) == 1 and "masks is sealed" in found[0]


@pytest.mark.parametrize(
    "line",
    [
        "await insert_sealed(tx, masks, values)",
        "await update_sealed(tx, masks, masks.c.id == 1, values)",
        "tx.execute(sa.update(masks).where(masks.c.id == 1).values(name='x'))",
        "tx.execute(sa.delete(masks))",
        "tx.execute(sa.insert(others).values(valid=True))",
        "found.update(masks_of(camera))",
    ],
)
def test_what_the_seal_is_not_about_may_be_written(line: str) -> None:
    assert list(seals.past_the_seal("queries.py", line, UNDER, VARIABLES)) == []


def test_the_tables_of_the_source_are_known() -> None:
    under, variables = seals.sealed_columns()
    assert {"masks", "sessions", "duty_slots", "camera_notes"} <= under.keys()
    assert variables["slots"] == "duty_slots" and "used_at" not in under["api_tokens"]
    assert seals.breaches() == []
