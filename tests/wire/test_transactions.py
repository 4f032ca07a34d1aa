"""Transactions and dialogs, with the time handed in. RFC 3261 §12, §17."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.headers import response_to
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse
from fengsui.wire.sip.transactions import (
    GIVE_UP_S,
    MAX_ACKNOWLEDGEMENTS,
    MAX_REPLAYS,
    REPLAY_S,
    UNACKNOWLEDGED_S,
    ClientTransaction,
    SentAcknowledgements,
    ServerTransactions,
    State,
    UnacknowledgedAnswer,
    acknowledgement,
    cancellation,
    cancelled_by,
    key_of_request,
    key_of_response,
    replay_key,
)

PEER = ("192.0.2.9", 5060)


def request(method: str = "INVITE", *, branch: str = "z9hG4bK1", number: int = 7) -> SipRequest:
    lines = [
        ("via", f"SIP/2.0/UDP 192.0.2.1:5060;rport;branch={branch}"),
        ("from", "<sip:52010200002000000001@5201020000>;tag=us"),
        ("to", "<sip:52010200001320000001@192.0.2.9>"),
        ("call-id", "call-1"),
        ("cseq", f"{number} {method}"),
        ("contact", "<sip:52010200002000000001@192.0.2.1:5060>"),
        ("max-forwards", "70"),
    ]
    return SipRequest(method, "sip:52010200001320000001@192.0.2.9", Headers.of_lowered(lines))


def answer(asked: SipRequest, status: int) -> SipResponse:
    return response_to(asked, status, source=PEER, to_tag="them")


def sent_again(method: str) -> list[float]:
    transaction = ClientTransaction(request(method), reliable=False, now_s=0.0)
    times = []
    while (due_s := transaction.due_s) is not None:
        if transaction.handle_timeout(due_s) is not None:
            times.append(due_s)
    assert transaction.state is State.TIMED_OUT
    return times


def test_an_invite_is_sent_again_with_doubling_pauses_and_other_requests_at_most_every_four_seconds() -> None:
    assert sent_again("INVITE") == [0.5, 1.5, 3.5, 7.5, 15.5]
    assert sent_again("MESSAGE") == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5]


def test_over_tcp_nothing_is_sent_again() -> None:
    transaction = ClientTransaction(request(), reliable=True, now_s=0.0)
    assert transaction.due_s == GIVE_UP_S
    assert transaction.handle_timeout(1.0) is None
    assert transaction.handle_timeout(GIVE_UP_S) is None
    assert transaction.state is State.TIMED_OUT


def test_a_provisional_answer_stops_an_invite_but_not_other_requests() -> None:
    invite = ClientTransaction(request(), reliable=False, now_s=0.0)
    assert not invite.receive(answer(invite.request, 180))
    assert invite.due_s == GIVE_UP_S
    message = ClientTransaction(request("MESSAGE"), reliable=False, now_s=0.0)
    assert not message.receive(answer(message.request, 100))
    assert message.due_s == 0.5


def test_a_provisional_answer_gives_an_invite_more_time_once() -> None:
    invite = ClientTransaction(request(), reliable=False, now_s=0.0, timeout_s=10.0, ringing_s=30.0)
    assert not invite.receive(answer(invite.request, 100))
    assert invite.due_s == 30.0 and invite.handle_timeout(10.0) is None and not invite.over
    assert not invite.receive(answer(invite.request, 180))
    assert invite.due_s == 30.0, "whoever rings on and on is not waited for without end"
    invite.handle_timeout(30.0)
    assert invite.state is State.TIMED_OUT
    silent = ClientTransaction(request(), reliable=True, now_s=0.0, timeout_s=10.0, ringing_s=30.0)
    assert silent.due_s == 10.0


def test_the_first_final_answer_counts() -> None:
    transaction = ClientTransaction(request(), reliable=False, now_s=0.0)
    assert transaction.receive(answer(transaction.request, 200))
    assert not transaction.receive(answer(transaction.request, 486))
    assert transaction.answer is not None and transaction.answer.status == 200
    assert transaction.due_s is None and transaction.handle_timeout(1.0) is None


def test_an_answer_finds_its_transaction_by_branch_and_method() -> None:
    asked = request("MESSAGE", branch="z9hG4bKx")
    assert key_of_response(answer(asked, 200)) == key_of_request(asked) == ("z9hG4bKx", "MESSAGE")


@given(st.lists(st.sampled_from((100, 180, 183, 200, 404, 486, 603)), max_size=8), st.booleans())
def test_whatever_comes_the_final_answer_is_the_first_one(statuses: list[int], reliable: bool) -> None:
    transaction = ClientTransaction(request(), reliable=reliable, now_s=0.0)
    told = [status for status in statuses if transaction.receive(answer(transaction.request, status))]
    finals = [status for status in statuses if status >= 200]
    assert told == finals[:1]
    assert transaction.over == bool(finals)


def test_a_retransmitted_request_gets_the_same_answer_for_a_while() -> None:
    taken, key = ServerTransactions(), replay_key(request("MESSAGE"), *PEER)
    assert taken.replay(key, 0.0) == (False, None)
    taken.remember(key, None, 0.0)
    assert taken.replay(key, 0.1) == (True, None)
    taken.remember(key, b"answer", 0.2)
    assert taken.replay(key, 1.0) == (True, b"answer")
    assert taken.replay(key, 0.2 + REPLAY_S) == (False, None)
    assert taken.replay(replay_key(request("MESSAGE"), "192.0.2.8", 5060), 1.0) == (False, None)


def test_a_second_request_of_a_device_whose_branch_and_number_never_change_is_no_repetition() -> None:
    first = request("MESSAGE")
    second = SipRequest(
        "MESSAGE", first.uri, Headers.of_lowered([("call-id", "another"), *((n, v) for n, v in first.headers if n != "call-id")])
    )
    taken, key = ServerTransactions(), replay_key(first, *PEER)
    taken.remember(key, b"answer", 0.0)
    assert taken.replay(replay_key(second, *PEER), 1.0) == (False, None)
    taken.forget(key)
    assert taken.replay(key, 1.0) == (False, None) and taken.octets == 0


def test_memory_of_taken_requests_is_bounded() -> None:
    taken = ServerTransactions()
    for number in range(MAX_REPLAYS + 100):
        taken.remember((str(number), "1 MESSAGE", *PEER), None, 1.0)
    assert len(taken) == MAX_REPLAYS
    assert taken.replay(("0", "1 MESSAGE", *PEER), 1.0) == (False, None)
    taken, turn = ServerTransactions(max_octets=1_000_000), 0.0
    for number in range(2_000):
        key = (f"{number}" + "x" * 8_000, "1 MESSAGE", *PEER)
        taken.remember(key, None, turn := turn + 0.001)
        taken.remember(key, b"y" * 40_000, turn)
        assert taken.octets <= 1_000_000 and len(taken) <= 21
    assert taken.replay(key, turn) == (True, b"y" * 40_000)
    taken.remember(("last", "1 MESSAGE", *PEER), None, turn + 2 * REPLAY_S)
    assert len(taken) == 1 and taken.octets < 1_000, "what ended is given back"


def test_a_refusal_is_acknowledged_and_a_call_cancelled_in_the_invites_transaction() -> None:
    invite = request()
    for made, method in ((acknowledgement(invite, answer(invite, 486)), "ACK"), (cancellation(invite), "CANCEL")):
        assert made.method == method
        assert made.headers.get("via") == invite.headers.get("via")
        assert made.headers.get("cseq") == f"7 {method}"
    assert acknowledgement(invite, answer(invite, 486)).headers.get("to").endswith(";tag=them")


def test_requests_within_a_dialog_carry_both_tags_and_count() -> None:
    invite = request()
    dialog = Dialog.as_caller(invite, answer(invite, 200))
    assert dialog.key == ("call-1", "us", "them")
    assert dialog.acknowledgement("v1").headers.get("cseq") == "7 ACK"
    bye = dialog.request("BYE", "v2")
    assert bye.headers.get("cseq") == "8 BYE"
    assert bye.headers.get("to").endswith(";tag=them")
    assert dialog.request("INFO", "v3", (("content-type", "Application/MANSRTSP"),), b"x").headers.get("cseq") == "9 INFO"


def test_the_other_side_sees_the_same_dialog_and_takes_our_requests_once_in_order() -> None:
    invite = request()
    agreed = answer(invite, 200)
    ours, theirs = Dialog.as_caller(invite, agreed), Dialog.as_callee(invite, agreed)
    assert theirs.key == ("call-1", "them", "us")
    bye = ours.request("BYE", "v")
    assert theirs.takes(bye)
    assert not theirs.takes(invite), "older than what was taken"
    foreign = SipRequest("BYE", bye.uri, bye.headers.with_header("call-id", "call-2"))
    assert not theirs.takes(foreign)


@pytest.mark.parametrize("to", ["<sip:52010200001320000001@192.0.2.9>", ""])
def test_a_device_that_forgets_its_tag_can_still_be_hung_up(to: str) -> None:
    invite = request()
    agreed = answer(invite, 200)
    forgetful = SipResponse(200, "OK", agreed.headers.with_header("to", to))
    bye = Dialog.as_caller(invite, forgetful).request("BYE", "v")
    assert bye.headers.get("to") == "<sip:52010200001320000001@192.0.2.9>"


def test_a_provisional_answer_makes_other_requests_more_seldom() -> None:
    message = ClientTransaction(request("MESSAGE"), reliable=False, now_s=0.0)
    message.receive(answer(message.request, 100))
    assert message.handle_timeout(0.5) is not None
    assert message.due_s == 4.5


def test_only_an_invite_that_is_being_dealt_with_may_be_cancelled() -> None:
    invite = ClientTransaction(request(), reliable=False, now_s=0.0)
    assert not invite.may_be_cancelled
    invite.receive(answer(invite.request, 100))
    assert invite.may_be_cancelled
    invite.receive(answer(invite.request, 487))
    assert not invite.may_be_cancelled
    message = ClientTransaction(request("MESSAGE"), reliable=False, now_s=0.0)
    message.receive(answer(message.request, 100))
    assert not message.may_be_cancelled


def test_a_cancel_finds_its_invite_and_no_other() -> None:
    invite = request()
    assert cancelled_by(cancellation(invite), invite)
    assert not cancelled_by(cancellation(request(branch="z9hG4bK2")), invite)
    assert not cancelled_by(cancellation(request(number=8)), invite)
    assert not cancelled_by(acknowledgement(invite, answer(invite, 486)), invite)


def test_a_refusal_that_comes_again_gets_its_ack_again_for_a_while() -> None:
    invite, sent = request(), SentAcknowledgements()
    refusal = answer(invite, 486)
    assert sent.replay(refusal, 0.0) is None
    sent.remember(acknowledgement(invite, refusal), b"ack", 0.0)
    assert sent.replay(refusal, 1.0) == b"ack"
    assert sent.replay(refusal, UNACKNOWLEDGED_S) is None
    for number in range(MAX_ACKNOWLEDGEMENTS + 5):
        sent.remember(request("ACK", branch=f"z9hG4bK{number}x"), b"ack", 1.0)
    assert len(sent) == MAX_ACKNOWLEDGEMENTS


def repeated(status: int, *, reliable: bool) -> list[float]:
    mine = UnacknowledgedAnswer(answer(request(), status), reliable=reliable, now_s=0.0)
    times = []
    while not mine.given_up(due_s := mine.due_s or 0.0):
        if mine.handle_timeout(due_s) is not None:
            times.append(due_s)
    return times


def test_a_final_answer_is_repeated_until_its_ack_or_the_end_of_patience() -> None:
    often = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert repeated(200, reliable=False) == repeated(200, reliable=True) == repeated(486, reliable=False) == often
    assert repeated(486, reliable=True) == []
    mine = UnacknowledgedAnswer(answer(request(), 200), reliable=False, now_s=0.0)
    mine.acknowledge()
    assert mine.due_s is None
    assert mine.handle_timeout(1.0) is None
    assert not mine.given_up(99.0)
