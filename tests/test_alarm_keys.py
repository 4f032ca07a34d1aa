"""What tells one alarm from another on disk stays as it was written by every version before."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.alarms.arrival_queries import _ARRIVED, _YES_OR_NO
from fengsui.features.alarms.model import body_key
from fengsui.features.alarms.silence_queries import row_of
from fengsui.features.alarms.tables import alarms
from fengsui.wire.dc09.content import Content

TEXT = st.text(st.characters(), max_size=8)


@given(TEXT, TEXT, TEXT, TEXT, st.lists(st.tuples(st.sampled_from("IVXk"), TEXT), max_size=3))
def test_the_key_of_a_frame_is_that_of_its_json(
    account: str, token: str, sequence: str, data: str, extended: list[tuple[str, str]]
) -> None:
    kept = [one for one in extended if one[0] != "k"]
    whole = json.dumps([account, token, sequence, data, kept], ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert body_key(account, token, sequence, Content(data, tuple(extended))) == hashlib.sha256(whole).hexdigest()


def test_every_fact_of_an_alarm_that_comes_is_written() -> None:
    written = {*_YES_OR_NO, *_ARRIVED}
    assert written <= set(alarms.c.keys()) and len(written) == len(_YES_OR_NO + _ARRIVED)
    assert written == {*row_of(None, "520102", "new", 3, 0.0), "state", "folded_into", "due_at", "shelf_id"}
    assert {name for name in written if str(alarms.c[name].type) == "BOOLEAN"} == set(_YES_OR_NO)
    needed = {one.name for one in alarms.c if not one.nullable and one.server_default is None and not one.primary_key}
    assert needed <= written
