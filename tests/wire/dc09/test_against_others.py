"""Two public libraries read what we send and agree with what we read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysiaalarm import SIAEvent
from siadc09 import dc03, dc05
from siadc09.message import parse_frame

from fengsui.account_cipher import AesCbc
from fengsui.wire.dc09.answers import ack
from fengsui.wire.dc09.codes import contact_id_meaning, sia_meaning, sia_restores
from fengsui.wire.dc09.content import opened
from fengsui.wire.dc09.envelope import Envelope
from fengsui.wire.dc09.events import reports
from fengsui.wire.dc09.sending import Sender, request
from tests.wire.dc09 import frames

NOW = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)


@pytest.mark.parametrize("raw", [frames.FIRE, frames.BURGLARY, frames.BURGLARY_CID, frames.CLOSING_CID, frames.AUTOMATIC_TEST])
def test_pysiaalarm_reads_the_same(raw: bytes) -> None:
    theirs = SIAEvent.from_line(raw.decode("ascii"))
    envelope = Envelope.read(raw)
    (ours,) = reports(envelope.token, opened(envelope, None))
    assert (theirs.account, theirs.sequence, theirs.receiver, theirs.line) == (
        envelope.account,
        envelope.sequence,
        None if envelope.receiver is None else f"R{envelope.receiver}",
        f"L{envelope.line}",
    )
    if ours.table == "sia":
        assert (theirs.code, theirs.ri or "") == (ours.code, ours.area)


@given(
    st.text(st.sampled_from("0123456789ABCDEF"), min_size=3, max_size=16).filter(lambda text: int(text, 16) > 0),
    st.sampled_from([None, frames.RAW_K1, frames.RAW_K2]),
    st.sampled_from([("SIA-DCS", "Nri2/BA005"), ("ADM-CID", "1130 02 005")]),
    st.integers(1, 9_999),
)
def test_siadc09_reads_what_we_send_and_answer(account: str, key: bytes | None, what: tuple[str, str], sequence: int) -> None:
    token, data = what
    cipher = None if key is None else AesCbc(key)
    sent = request(Sender(account, line="1", key=cipher), token, sequence, f"#{account}|{data}", sent_at=NOW)
    theirs = parse_frame(sent, keys=key)
    assert (theirs.idtoken, theirs.seq, theirs.account.acct) == (token, sequence, int(account, 16))
    answered = parse_frame(ack(Envelope.read(sent[1:-1]), cipher, NOW), keys=key)
    assert (answered.idtoken, answered.seq) == ("ACK", sequence)


def test_every_code_that_others_know_has_a_meaning_here() -> None:
    assert [code for code in dc03.EVENT if len(code) == 2 and not sia_meaning(code).known] == []
    assert [code for code in dc05.EVENT if not contact_id_meaning(code).known] == []


def test_whose_number_it_is_and_what_is_over_are_as_others_have_it() -> None:
    users = {code for code, told in dc05.EVENT.items() if told["addr"] == "User"}
    assert {code for code in dc05.EVENT if contact_id_meaning(code).user} == users
    users = {code for code, told in dc03.EVENT.items() if told["addr"] == "User"}
    assert {code for code in dc03.EVENT if sia_meaning(code).user} == users
    assert [code for code, told in dc03.EVENT.items() if "estor" in told["name"] and not sia_restores(code)] == []
