"""Policy packs: whatever bytes come give a pack or a named error; each wrong entry has its sentence, each change its direction."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from fengsui.cli.commands import app
from fengsui.errors import FengsuiError
from fengsui.features.access.ranks import Rank
from fengsui.features.approvals import Direction
from fengsui.features.policy.changes import differences, entries, stricter, wait_s
from fengsui.features.policy.errors import PackFault, UnknownPublisher, WrongSignature
from fengsui.features.policy.model import CaseNumber, DataClass, Gated, Purpose, TwoPersonAct
from fengsui.features.policy.pack import Pack, read
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, Envelope, key_id, public_key, sign, trusted_in, verify

DOCUMENT = Envelope.parse(DEMO_PACK.read_bytes()).document
FACTS = tomllib.loads(DOCUMENT.decode())
T, L, N = Direction.TIGHTENING, Direction.LOOSENING, Direction.NEUTRAL


def changed(change: Callable[[dict[str, Any]], object]) -> Pack:
    """The demonstration's pack with something else in it."""
    facts = copy.deepcopy(FACTS)
    change(facts)
    return Pack.model_validate(facts)


def directions(old: Pack, new: Pack) -> dict[str, Direction]:
    """By field."""
    return {one.field: one.direction for one in differences(old, new)}


BASE = read(DOCUMENT)


def test_the_demonstrations_pack_is_good_and_its_private_key_is_nowhere() -> None:
    signed = verify(DEMO_PACK.read_bytes(), trusted_in(DEMO_PUBLISHER.parent))
    assert signed.pack.name == "CN-base" and signed.pack.retention[DataClass.VIDEO].floor_days == 30
    assert signed.pack.older_data.gate_days == 30 and set(signed.pack.purposes) == set(Purpose)
    assert not any(b"PRIVATE" in path.read_bytes() for path in DEMO_PUBLISHER.parent.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ceiling_days = 90", "", "policy.empty_ceiling"),
        ("floor_days = 30", "floor_days = 91", "policy.floor_above_ceiling"),
        ("floor_days = 1095\nceiling_days = 3650", "floor_days = 100\nceiling_days = 3650", "policy.below_legal_floor"),
        ("wait_hours = 24", "wait_hours = 23", "policy.malformed"),
        ("minutes = 30", "minutes = 31", "policy.malformed"),
        ("longest_hours = 720", "longest_hours = 721", "policy.malformed"),
        ("default_hours = 72", "default_hours = 999", "policy.malformed"),
        ("[purposes.audit]", "[purposes.other]", "policy.malformed"),
        ('"view-recorded"]', '"recognise-faces"]', "policy.malformed"),
        ('rank = "unit-head"', 'rank = "nobody"', "policy.malformed"),
        ("document = true", 'document = "yes"', "policy.malformed"),
        ("version = 1", "version = 0", "policy.malformed"),
        ("version = 1", "version = true", "policy.malformed"),
        ("version = 1", "version = 1.0", "policy.malformed"),
        ("format = 1", "format = 2", "policy.malformed"),
        ("[retention.alarms]", "[retention.faces]", "policy.malformed"),
        ("[older_data]", "[older]", "policy.malformed"),
        ("hold = {", "hould = {", "policy.malformed"),
        ('name = "CN-base"', 'name = "../CN"', "policy.malformed"),
        ('case_number = "required"', 'case_number = "none"', "policy.malformed"),
        ("[loosening]", "[loosening", "policy.malformed"),
        ("wait_hours = 24", "wait_hours = 24\nsurprise = 1", "policy.malformed"),
        ("version = 1", f"version = {'9' * 5000}", "policy.malformed"),
        ("version = 1", f"version = {'[' * 5000}", "policy.malformed"),
    ],
)
def test_each_wrong_entry_is_refused_with_its_sentence(old: str, new: str, code: str) -> None:
    document = DOCUMENT.decode().replace(old, new, 1).encode()
    assert document != DOCUMENT
    with pytest.raises(PackFault) as caught:
        read(document)
    error = caught.value
    assert error.code == code and error.text_zh and error.text_en and error.remedy_zh and error.remedy_en
    with pytest.raises(PackFault):
        sign(document, Ed25519PrivateKey.generate())


def test_a_purpose_that_is_left_out_and_a_class_that_is_missing_are_told_apart() -> None:
    facts = copy.deepcopy(FACTS)
    del facts["purposes"]["traffic"]
    assert Purpose.TRAFFIC not in Pack.model_validate(facts).purposes
    without = DOCUMENT.split(b"[retention.alarms]")
    with pytest.raises(PackFault, match=r"retention\.alarms"):
        read(without[0] + b"[retention.audit]" + without[1].split(b"[retention.audit]")[1])


def test_signatures() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    trusted = {key_id(key.public_key()): key.public_key()}
    octets = sign(DOCUMENT, key)
    assert verify(octets, trusted).pack == BASE
    with pytest.raises(UnknownPublisher):
        verify(sign(DOCUMENT, other), trusted)
    with pytest.raises(UnknownPublisher):
        verify(octets, {})
    claimed = Envelope(key_id(key.public_key()), Envelope.parse(sign(DOCUMENT, other)).signature, DOCUMENT)
    for forged in (octets.replace(b"ceiling_days = 90", b"ceiling_days = 99"), octets + b"\n", claimed.to_bytes()):
        with pytest.raises(WrongSignature):
            verify(forged, trusted)


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0, max_value=len(DEMO_PACK.read_bytes()) - 1), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_never_taken(at: int, by: int) -> None:
    octets = bytearray(DEMO_PACK.read_bytes())
    octets[at] ^= by
    trusted = {key_id(public_key(DEMO_PUBLISHER.read_bytes())): public_key(DEMO_PUBLISHER.read_bytes())}
    try:
        assert verify(bytes(octets), trusted).pack == BASE  # hexadecimal digits may be written large
    except PackFault:
        return
    assert at < len(DEMO_PACK.read_bytes().split(b"\n")[0])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_whatever_bytes_come_give_a_pack_or_a_named_error(octets: bytes) -> None:
    for taken in (octets, b"fengsui-policy-1 " + octets, DEMO_PACK.read_bytes()[: len(octets) * 7] + octets):
        with suppress(PackFault):
            Envelope.parse(taken)
        with suppress(PackFault):
            read(taken)


def set_to(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """A change of one entry."""

    def change(facts: dict[str, Any]) -> None:
        *way, last = path.split("/")
        for name in way:
            facts = facts[name]
        facts[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "field", "direction"),
    [
        ("retention/video/floor_days", 60, "retention.video.floor_days", T),
        ("retention/video/floor_days", 7, "retention.video.floor_days", L),
        ("retention/video/ceiling_days", 365, "retention.video.ceiling_days", L),
        ("retention/video/ceiling_days", 40, "retention.video.ceiling_days", T),
        ("retention/video/basis", "另据", "retention.video.basis", N),
        ("older_data/gate_days", 31, "older_data.gate_days", L),
        ("tickets/default_hours", 8, "tickets.default_hours", T),
        ("emergency/minutes", 10, "emergency.minutes", T),
        ("tickets/without_case_hours", 48, "tickets.without_case_hours", L),
        ("tickets/unknown_case", "refused", "tickets.unknown_case", T),
        ("duty/live_without_centre", "refused", "duty.live_without_centre", T),
        ("duty/sign_on_factor", "second-factor", "duty.sign_on_factor", T),
        ("duty/sign_on_hours", "checked", "duty.sign_on_hours", T),
        ("duty/shift_hours", 10, "duty.shift_hours", T),
        ("duty/rest_hours", 10, "duty.rest_hours", T),
        ("duty/overtime_hours", 6, "duty.overtime_hours", L),
        ("loosening/wait_hours", 72, "loosening.wait_hours", T),
        ("approvals/export/rank", "city-head", "approvals.export.rank", T),
        ("approvals/export/rank", "duty-supervisor", "approvals.export.rank", L),
        ("approvals/export/document", False, "approvals.export.document", L),
        ("purposes/traffic/functions", ["view-live"], "purposes.traffic.export", T),
        ("purposes/audit/functions", ["view-recorded", "export"], "purposes.audit.export", L),
        ("purposes/emergency-rescue/case_number", "optional", "purposes.emergency-rescue.case_number", L),
        ("purposes/audit/basis", ["条例第25条", "条例第26条"], "purposes.audit.basis", L),
        ("purposes/traffic/basis", ["道路交通安全法第114条"], "purposes.traffic.basis", T),
        ("version", 2, "version", N),
        ("notices", {}, "notices.live", L),
        ("notices/more", {"zh": "再", "en": "more"}, "notices.more", T),
    ],
)
def test_each_field_knows_which_way_it_goes(path: str, value: object, field: str, direction: Direction) -> None:
    new = changed(set_to(path, value))
    assert directions(BASE, new)[field] is direction
    opposite = {T: L, L: T, N: N}[direction]
    assert directions(new, BASE)[field] is opposite or path.endswith("basis")
    assert (wait_s(BASE, new) > 0) == (L in directions(BASE, new).values())


def test_a_purpose_that_goes_and_comes() -> None:
    without = changed(lambda facts: facts["purposes"].pop("traffic"))
    gone = directions(BASE, without)
    assert gone["purposes.traffic.view-recorded"] is T and L not in gone.values()
    back = directions(without, BASE)
    assert back["purposes.traffic.view-recorded"] is L and wait_s(without, BASE) == 24 * 3600


def test_the_first_pack_opens_and_therefore_waits() -> None:
    found = {one.field: one for one in differences(None, BASE)}
    assert found["purposes.crime-investigation.view-recorded"].direction is L
    assert found["retention.video.ceiling_days"].direction is T and found["retention.video.ceiling_days"].old_zh == ""
    assert "purposes.audit.export" not in found and wait_s(None, BASE) == 24 * 3600


def test_how_long_a_loosening_waits_says_the_pack_in_force() -> None:
    old = changed(set_to("loosening/wait_hours", 72))
    new = changed(lambda facts: (set_to("loosening/wait_hours", 24)(facts), set_to("version", 2)(facts)))
    assert wait_s(old, new) == 72 * 3600


DAYS = st.integers(min_value=0, max_value=400)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Some pack."""
    facts = copy.deepcopy(FACTS)
    for one in DataClass:
        least = 184 if one is DataClass.AUDIT else 0
        bounds = sorted((draw(DAYS) + least, draw(DAYS) + least))
        facts["retention"][one.value].update(floor_days=bounds[0], ceiling_days=bounds[1])
    facts["older_data"]["gate_days"] = draw(DAYS)
    facts["duty"] = {"live_without_centre": draw(st.sampled_from(("open", "refused")))}
    facts["duty"]["sign_on_factor"] = draw(st.sampled_from(("none", "second-factor")))
    facts["duty"]["sign_on_hours"] = draw(st.sampled_from(("checked", "not-checked")))
    facts["duty"]["rest_hours"] = draw(st.integers(1, 24))
    facts["loosening"]["wait_hours"] = draw(st.integers(24, 720))
    for act in TwoPersonAct:
        facts["approvals"][act.value] = {"rank": draw(st.sampled_from(Rank)).value, "document": draw(st.booleans())}
    chosen = draw(st.sets(st.sampled_from(Purpose), min_size=1))
    facts["purposes"] = {
        one.value: {
            "functions": [function.value for function in draw(st.sets(st.sampled_from(Gated), min_size=1))],
            "case_number": draw(st.sampled_from((CaseNumber.OPTIONAL, CaseNumber.REQUIRED))).value,
            "basis": sorted(draw(st.sets(st.sampled_from("甲乙丙"), min_size=1))),
        }
        for one in chosen
    }
    return Pack.model_validate(facts)


@settings(max_examples=60, deadline=None)
@given(packs(), packs())
def test_what_holds_meanwhile_loosens_nothing_and_lacks_no_bound(old: Pack, new: Pack) -> None:
    between = stricter(old, new)
    assert L not in directions(old, between).values()
    for one in DataClass:
        bounds = between.retention[one]
        assert bounds.ceiling_days is not None and bounds.floor_days <= bounds.ceiling_days
    for purpose, rule in between.purposes.items():
        assert rule.functions <= old.purposes[purpose].functions & new.purposes[purpose].functions
    assert stricter(old, old) == old and differences(old, old) == []
    assert {one.path for one in entries(between)}


def test_the_publishers_commands(tmp_path: Path) -> None:
    run = CliRunner()
    document, key = tmp_path / "CN-city.toml", tmp_path / "key"
    document.write_bytes(DOCUMENT.replace(b'"CN-base"', b'"CN-city"'))
    assert run.invoke(app, ["policy", "key", str(key)]).exit_code == 0 and key.stat().st_mode & 0o77 == 0
    assert run.invoke(app, ["policy", "key", str(key)]).exit_code == 1, "a key is not overwritten"
    assert "not signed" in run.invoke(app, ["policy", "show", str(document)]).output
    assert run.invoke(app, ["policy", "sign", str(document), "--key", str(key)]).exit_code == 0
    pack, public = tmp_path / "CN-city.fengsui-policy", tmp_path / "key.pub.pem"
    told = run.invoke(app, ["policy", "verify", str(pack), "--key", str(public)])
    assert told.exit_code == 0 and "CN-city 1" in told.output
    assert run.invoke(app, ["policy", "verify", str(pack), "--key", str(tmp_path)]).exit_code == 0
    other = run.invoke(app, ["policy", "verify", str(pack), "--key", str(DEMO_PUBLISHER)])
    assert other.exit_code == 1 and "does not trust" in other.output
    pack.write_bytes(pack.read_bytes().replace(b"= 90", b"= 91"))
    broken = run.invoke(app, ["policy", "verify", str(pack), "--key", str(public)])
    assert broken.exit_code == 1 and "does not fit" in broken.output
    document.write_bytes(DOCUMENT.replace(b"floor_days = 30", b"floor_days = 300"))
    bad = run.invoke(app, ["policy", "sign", str(document), "--key", str(key)])
    assert bad.exit_code == 1 and "above the ceiling" in bad.output
    assert run.invoke(app, ["policy", "sign", str(document), "--key", str(public)]).exit_code == 1


def test_a_folder_of_keys_passes_over_what_is_none(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate().public_key()
    (tmp_path / "a.pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "b.pem").write_text("no key")
    assert list(trusted_in(tmp_path)) == [key_id(key)] and trusted_in(tmp_path / "missing") == {}
    assert issubclass(PackFault, FengsuiError)
