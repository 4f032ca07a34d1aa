"""Every body of annex A: round trips of whatever its table allows, the fact sheet's examples, and what makers write otherwise."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.wire.errors import MalformedManscdp, MalformedPtz, WireError
from fengsui.wire.gb28181 import alarm, configuration, dome, position, ptz, records, svac, uploads
from fengsui.wire.gb28181.alarm import AlarmMethod, AlarmNotification, read_methods, write_methods
from fengsui.wire.gb28181.broadcast import Broadcast
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueNotification, CatalogueQuery
from fengsui.wire.gb28181.configuration import BasicParam, ConfigAnswer, Configuration, DeviceConfig
from fengsui.wire.gb28181.control import AlarmReset, DeviceControl, PreciseMove, ResultAnswer, Upgrade
from fengsui.wire.gb28181.device_facts import AlarmInputStatus, DeviceStatus
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import READERS, Manscdp, OtherCommand, acknowledgement_of, encode, is_answer, parse
from fengsui.wire.gb28181.position import Position, PositionNotification
from fengsui.wire.gb28181.uploads import SnapshotsUploaded

CODE = "34020000001320000001"
words = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), max_size=20)
whole = st.integers(-(10**8), 10**8)
real = st.floats(-(10**6), 10**6).map(lambda number: round(number, 4))
CHOICES: dict[str, st.SearchStrategy[Any]] = {"str": words, "int | None": st.none() | whole, "float | None": st.none() | real}
CHOICES |= {"bool | None": st.none() | st.booleans(), "int": whole}
MODULES = (alarm, configuration, dome, position, records, svac, uploads)


def shape_named(name: str) -> type:
    """A structure of the families by its name."""
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


def any_of(shape: type) -> st.SearchStrategy[Any]:
    """Whatever an instance may hold, from its annotations."""
    fields = {}
    for field in dataclasses.fields(shape):
        kind = str(field.type)
        if field.name in ("sn", "device_id"):
            fields[field.name] = st.integers(1, 99_999) if field.name == "sn" else st.just(CODE)
        elif kind in CHOICES:
            fields[field.name] = CHOICES[kind]
        elif kind.startswith("tuple["):
            fields[field.name] = st.lists(any_of(shape_named(kind[6:].split(",")[0])), max_size=3).map(tuple)
        else:
            inner = any_of(shape_named(kind.removesuffix(" | None")))
            fields[field.name] = st.none() | inner if kind.endswith("| None") else inner
    return st.builds(shape, **fields)


BODIES = (
    records.RecordQuery,
    records.RecordAnswer,
    alarm.AlarmNotification,
    alarm.AlarmQuery,
    position.PositionQuery,
    configuration.DeviceConfig,
    dome.HomePositionAnswer,
    dome.CruiseListAnswer,
    dome.CruiseQuery,
    dome.CruiseAnswer,
    dome.DomePositionAnswer,
    dome.DomePositionNotification,
    dome.StorageCardsAnswer,
    uploads.UpgradeResult,
    uploads.ReadyToSend,
)


@pytest.mark.parametrize("shape", BODIES, ids=lambda shape: shape.__name__)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_a_body_holds_survives_the_wire(shape: type, data: st.DataObject) -> None:
    message = data.draw(any_of(shape))
    for edition in (Edition.V2014, Edition.V2016, Edition.V2022):
        octets = encode(message, edition=edition)
        read = parse(octets)
        assert type(read) is shape
        assert encode(read, edition=edition) == octets, "what was read says the same"
    basic_only_before_2022 = shape is configuration.DeviceConfig
    if not basic_only_before_2022:
        assert read == message, "nothing is lost towards a peer of 2022"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_2014_alone_can_set_survives_the_wire_to_it(data: st.DataObject) -> None:
    old = {name: getattr(configuration, kind) for name, kind in (("named_streams", "NamedStream"), ("named_sounds", "NamedSound"))}
    lists = {name: tuple(data.draw(st.lists(any_of(shape), max_size=3))) for name, shape in old.items()}
    basic = dataclasses.replace(data.draw(any_of(BasicParam)), position_capability=None, longitude=None, latitude=None)
    options = {"video_options": data.draw(any_of(configuration.VideoParamOpt)), "audio_options": configuration.AudioParamOpt("1/2")}
    told = DeviceConfig(1, CODE, Configuration(basic=basic, **lists, **options))
    assert parse(encode(told, edition=Edition.V2014)) == told
    for name in (b"<VideoParamConfig", b"<AudioParam", b"<SIPServer", b"<FormatOpt"):
        assert name not in encode(told, edition=Edition.V2016)


def test_the_sip_server_that_a_device_was_given_is_read_without_its_password() -> None:
    body = (
        f"<Response><CmdType>ConfigDownload</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID><Result>OK</Result><BasicParam>"
        f"<Name>门</Name><DeviceID>{CODE}</DeviceID><SIPServerID>34020000002000000001</SIPServerID><SIPServerIP>192.0.2.10"
        "</SIPServerIP><SIPServerPort>5060</SIPServerPort><DomainName>3402000000</DomainName><Expiration>3600</Expiration>"
        "<Password>hunter2</Password><HeartBeatInterval>60</HeartBeatInterval></BasicParam></Response>"
    )
    found = parse(body.encode())
    assert isinstance(found, ConfigAnswer) and found.configuration.basic is not None
    basic = found.configuration.basic
    assert (basic.server_id, basic.server_host, basic.server_port) == ("34020000002000000001", "192.0.2.10", 5060)
    assert "hunter2" not in repr(found)
    assert b"assword" not in encode(found, edition=Edition.V2014)


@pytest.mark.parametrize("edition", [Edition.V2014, Edition.V2016, Edition.V2022])
def test_switches_for_recognition_are_neither_kept_nor_sent(edition: Edition) -> None:
    switches = "<SurveillanceParam><TimeFlag>1</TimeFlag><AIFlag>1</AIFlag></SurveillanceParam>"
    sound = "<AudioParam><AudioRecognitionFlag>1</AudioRecognitionFlag></AudioParam>"
    head = f"<CmdType>DeviceConfig</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID>"
    found = parse(f"<Control>{head}<SVACEncodeConfig>{switches}{sound}</SVACEncodeConfig></Control>".encode())
    marks = svac.CodedMarks(time=True)
    assert found == DeviceConfig(1, CODE, Configuration(svac_encoding=svac.SvacEncoding(marks=marks)))
    written = encode(found, edition=edition)
    assert b"TimeFlag" in written and b"AIFlag" not in written and b"Recognition" not in written


def test_a_result_is_no_empty_catalogue() -> None:
    head = f"<Response><CmdType>Catalog</CmdType><SN>3</SN><DeviceID>{CODE}</DeviceID>"
    assert parse(f"{head}<Result>ERROR</Result></Response>".encode()) == ResultAnswer("Catalog", 3, CODE, accepted=False)
    assert parse(f"{head}<SumNum>0</SumNum></Response>".encode()) == CatalogueAnswer(3, CODE, 0)
    told = CatalogueNotification(3, CODE, 1, (CatalogueItem(CODE, event="ON"),))
    for message in (told, parse(encode(told), as_text=True)):
        result = acknowledgement_of(message)
        assert result == ResultAnswer("Catalog", 3, CODE, accepted=True) and parse(encode(result)) == result
    answer = CatalogueAnswer(3, CODE, 1, (CatalogueItem(CODE),))
    assert acknowledgement_of(answer) is None and acknowledgement_of(parse(encode(answer), as_text=True)) is None


@settings(max_examples=60, deadline=None)
@given(any_of(Position), st.integers(1, 9), words)
def test_a_position_survives_both_forms(place: Position, sn: int, time: str) -> None:
    told = PositionNotification(sn, CODE, time, (place,))
    assert parse(encode(told, edition=Edition.V2022)) == told
    flat = parse(encode(told, edition=Edition.V2016))
    assert isinstance(flat, PositionNotification)
    if place.longitude is None or place.latitude is None:
        assert flat.positions == ()
    else:
        assert (flat.positions[0].longitude, flat.positions[0].latitude) == (place.longitude, place.latitude)


CONTROLS = (
    DeviceControl(1, CODE, record="Record", stream_number=1),
    DeviceControl(2, CODE, guard="SetGuard"),
    DeviceControl(3, CODE, reset_alarm=AlarmReset()),
    DeviceControl(4, CODE, reset_alarm=AlarmReset("2", "5")),
    DeviceControl(5, CODE, precise=PreciseMove(180.25, -30.0, 2.0)),
    DeviceControl(6, CODE, upgrade=Upgrade("V5", "http://192.0.2.1/f", "海康", "5b1e0c9a")),
    DeviceControl(7, CODE, format_card=0),
    DeviceControl(8, CODE, ptz=ptz.cruise_start(1).to_text(), cruise_name="早高峰"),
    DeviceControl(9, CODE, restart=True),
)


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_each_control_survives_the_wire(control: DeviceControl) -> None:
    assert parse(encode(control, edition=Edition.V2022)) == control


@pytest.mark.parametrize("said", ["", "x", "全部", "-1"])
def test_a_card_that_cannot_be_read_formats_nothing(said: str) -> None:
    head = f"<CmdType>DeviceControl</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID>"
    found = parse(f"<Control>{head}<FormatSDCard>{said}</FormatSDCard></Control>".encode())
    assert isinstance(found, DeviceControl) and found.format_card is None


def test_small_bodies_survive_the_wire() -> None:
    messages: list[Manscdp] = [
        Broadcast(1, "34020000001360000001", "34020000001370000001"),
        CatalogueQuery(2, CODE, "2026-01-01T00:00:00", "2026-02-01T00:00:00"),
        SnapshotsUploaded(3, CODE, "s", ("a", "b")),
        DeviceStatus(4, CODE, online=True, alarm_inputs=(AlarmInputStatus("34020000001340000001", "ONDUTY"),)),
        ConfigAnswer(5, CODE, "OK", Configuration(basic=BasicParam("门", 3600, 60, 3))),
        DeviceConfig(6, CODE, Configuration(mirror=2)),
    ]
    for message in messages:
        assert parse(encode(message, edition=Edition.V2022)) == message


def test_what_an_edition_does_not_know_is_not_sent_to_it() -> None:
    wide = DeviceConfig(1, CODE, Configuration(basic=BasicParam("门", 3600, position_capability=1), mirror=1))
    assert b"FrameMirror" not in encode(wide, edition=Edition.V2016)
    assert b"PositionCapability" not in encode(wide, edition=Edition.V2022)
    assert b"StreamNumber" not in encode(DeviceControl(1, CODE, record="Record", stream_number=0), edition=Edition.V2016)


@pytest.mark.parametrize(("said", "methods"), [("1/2", (1, 2)), ("21", (2, 1)), ("0", (0,)), ("", ()), ("5/x/9", (5,))])
def test_alarm_methods_are_read_from_both_forms(said: str, methods: tuple[int, ...]) -> None:
    assert read_methods(said) == methods
    assert write_methods((AlarmMethod.DEVICE, AlarmMethod.VIDEO), Edition.V2022) == "2/5"
    assert write_methods((AlarmMethod.DEVICE, AlarmMethod.VIDEO), Edition.V2016) == "25"


def test_the_sheets_alarm_is_read() -> None:
    body = (
        f"<?xml version='1.0' encoding='GB18030'?><Notify><CmdType>Alarm</CmdType><SN>552</SN><DeviceID>{CODE}</DeviceID>"
        "<AlarmPriority>3</AlarmPriority><AlarmMethod>5</AlarmMethod><AlarmTime>2024-05-01T10:02:03</AlarmTime>"
        "<AlarmDescription>area 1</AlarmDescription><Info><AlarmType>6</AlarmType>"
        "<AlarmTypeParam><EventType>1</EventType></AlarmTypeParam></Info></Notify>"
    )
    found = parse(body.encode())
    assert isinstance(found, AlarmNotification)
    assert (found.priority, found.method, found.time) == (3, AlarmMethod.VIDEO, "2024-05-01T10:02:03")
    assert found.detail is not None and found.detail.param is not None
    assert (found.detail.alarm_type, found.detail.param.event_type) == ("6", "1")


@pytest.mark.parametrize(
    "body",
    [
        "<SnapShotList><SnapShotFileID>a</SnapShotFileID><SnapShotFileID>b</SnapShotFileID></SnapShotList>",
        "<SnapShotList><SnapShotFileID>a</SnapShotFileID></SnapShotList>"
        "<SnapShotList><SnapShotFileID>b</SnapShotFileID></SnapShotList>",
    ],
    ids=["one list", "a list each"],
)
def test_uploaded_pictures_are_found_in_either_form(body: str) -> None:
    found = parse(
        f"<Notify><CmdType>UploadSnapShotFinished</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID><SessionID>s</SessionID>{body}"
        "</Notify>".encode()
    )
    assert isinstance(found, SnapshotsUploaded) and found.files == ("a", "b")


def test_a_list_of_positions_that_is_empty_is_no_position() -> None:
    head = f"<CmdType>MobilePosition</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID>"
    found = parse(f"<Notify>{head}<Longitude>0</Longitude><Latitude>0</Latitude><DeviceList Num='0'/></Notify>".encode())
    assert isinstance(found, PositionNotification) and found.positions == ()


def test_the_snapshot_settings_are_read_under_both_names() -> None:
    for name in ("SnapShot", "SnapShotConfig"):
        body = (
            f"<Response><CmdType>ConfigDownload</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID><Result>OK</Result>"
            f"<{name}><SnapNum>3</SnapNum></{name}></Response>"
        )
        found = parse(body.encode())
        assert isinstance(found, ConfigAnswer) and found.configuration.snapshots is not None
        assert found.configuration.snapshots.count == 3


@pytest.mark.parametrize(("root", "command"), sorted(READERS))
@settings(max_examples=25, deadline=None)
@given(inside=st.binary(max_size=300))
def test_any_bytes_inside_a_known_body_are_a_value_or_a_named_error(root: str, command: str, inside: bytes) -> None:
    octets = f"<{root}><CmdType>{command}</CmdType><SN>1</SN>".encode() + inside + f"</{root}>".encode()
    with suppress(WireError):
        found = parse(octets)
        broken = isinstance(found, OtherCommand) and not len(found.fields.element)
        assert not isinstance(found, OtherCommand) or found.command != command or broken
        assert is_answer(found) == (root == "Response")


def test_tours_scans_and_switches_are_written_as_the_standard_says() -> None:
    assert ptz.cruise_setting(ptz.CRUISE_STAY, 1, 0x123) == ptz.PtzCommand(0x87, 1, 0x23, 0x1)
    assert ptz.scan(2, ptz.SCAN_LEFT) == ptz.PtzCommand(0x89, 2, 1)
    assert ptz.switch(ptz.WIPER, on=True).to_text()[6:12] == "8C0100"
    for wrong in (
        lambda: ptz.cruise_point(ptz.CRUISE_ADD, 1, 0),
        lambda: ptz.cruise_setting(ptz.SCAN_SPEED, 1, 4096),
        lambda: ptz.scan(1, 3),
        lambda: ptz.switch(256, on=False),
    ):
        with pytest.raises(MalformedPtz):
            wrong()


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.integers(0, 15))
def test_every_ptz_command_is_read_again(instruction: int, first: int, second: int, third: int) -> None:
    command = ptz.PtzCommand(instruction, first, second, third)
    assert ptz.PtzCommand.parse(command.to_text()) == command


def test_a_body_cut_at_the_message_limit_still_says_who_sent_what() -> None:
    cut = f"<?xml version='1.0'?><Response><CmdType>RecordInfo</CmdType><SN>7</SN><DeviceID>{CODE}</DeviceID><RecordList Num='9'><I"
    found = parse(cut.encode())
    assert isinstance(found, OtherCommand)
    assert (found.root, found.command, found.sn, found.device_id) == ("Response", "RecordInfo", 7, CODE)
    with pytest.raises(MalformedManscdp):
        parse(b"<Response><SN>7</SN><RecordList")


@pytest.mark.parametrize("around", [b"\xef\xbb\xbf%s", b"%s\x00\x00\x00", b"%s</Item>", b"  %s<Notify"])
def test_a_byte_order_mark_and_junk_around_the_root_are_ignored(around: bytes) -> None:
    xml = f"<?xml version='1.0' encoding='GB2312'?><Notify><CmdType>MediaStatus</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID>"
    body = (xml + "<NotifyType>121</NotifyType></Notify>").encode()
    assert parse(around % body) == parse(body)
