"""MANSCDP, SDP, PTZ and MANSRTSP: round trips, vectors of the fact sheet, and whatever bytes come."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.wire.errors import RefusedXml, WireError
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem
from fengsui.wire.gb28181.catalog_details import ItemDetails
from fengsui.wire.gb28181.control import DeviceControl, HomePosition, Preset, PresetAnswer, ResultAnswer, Zoom
from fengsui.wire.gb28181.device_facts import DeviceInfo, DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Keepalive, Manscdp, OtherCommand, encode, parse
from fengsui.wire.gb_code import GbCode, MalformedGbCode, kind_of
from fengsui.wire.mansrtsp import MansrtspRequest, MansrtspResponse
from fengsui.wire.sdp import SessionDescription, live_answer, live_offer

CODE = "34020000001320000001"
MESSAGES: list[Manscdp] = [
    Keepalive(41, CODE),
    SimpleQuery("DeviceInfo", 1, CODE),
    DeviceInfo(2, CODE, "OK", "大门<东>&西", "海康", "DS-1", "V5", 4),
    DeviceStatus(3, CODE, online=True, working=False, reason="硬盘", encoding=True, recording=False),
    DeviceControl(5, CODE, ptz=ptz.STOP.to_text()),
    DeviceControl(6, CODE, key_frame=True),
    DeviceControl(7, CODE, home=HomePosition(True, 60, 3)),
    DeviceControl(8, CODE, zoom=Zoom(True, 640, 480, 1, 2, 30, 40)),
    ResultAnswer("DeviceControl", 9, CODE, accepted=False),
    PresetAnswer(10, CODE, 1, (Preset(1, "门口"),)),
]


@pytest.mark.parametrize("edition", [Edition.V2016, Edition.V2022])
@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_what_is_written_is_read_again(message: Manscdp, edition: Edition) -> None:
    assert parse(encode(message, edition=edition)) == message


names = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), max_size=30)


@given(names, st.floats(-180, 180).map(lambda number: round(number, 6) or 1.0), st.sampled_from([Edition.V2016, Edition.V2022]))
def test_any_camera_name_survives_the_wire(name: str, longitude: float, edition: Edition) -> None:
    details = ItemDetails(register_way=1, secrecy=0)
    item = CatalogueItem(
        CODE, name, "海康", "DS", civil_code="520102", status="ON", longitude=longitude, latitude=1.5, details=details
    )
    assert parse(encode(CatalogueAnswer(1, CODE, 1, (item,)), edition=edition)) == CatalogueAnswer(1, CODE, 1, (item,))


@given(st.binary(max_size=1500))
def test_any_bytes_are_a_body_or_a_named_error(octets: bytes) -> None:
    for body in (octets, b"<?xml version='1.0'?><Notify><CmdType>Alarm</CmdType>" + octets + b"</Notify>"):
        with suppress(WireError):
            parse(body)


@pytest.mark.parametrize("declared", ["GB2312", "gbk", "UTF-8", ""])
@pytest.mark.parametrize("real", ["gb18030", "utf-8"])
def test_a_name_is_read_whatever_charset_is_declared(declared: str, real: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    who = f"<CmdType>DeviceInfo</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID>"
    text = f"<Response>{who}<DeviceName>人民广场东入口</DeviceName></Response>"
    found = parse(head.encode() + text.encode(real))
    assert isinstance(found, DeviceInfo)
    assert found.name == "人民广场东入口"


def test_unescaped_signs_of_a_known_maker_are_repaired() -> None:
    body = (
        f"<Response><CmdType>DeviceInfo</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID><DeviceName>A&B < C<D</DeviceName></Response>"
    )
    found = parse(body.encode())
    assert isinstance(found, DeviceInfo)
    assert found.name == "A&B < C<D"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><Notify><CmdType>&b;</CmdType></Notify>',
        b'<?xml version="1.0"?><!doctype x SYSTEM "file:///etc/passwd"><Notify/>',
        b"<Notify>" + b"<a>" * 100 + b"</a>" * 100 + b"</Notify>",
    ],
    ids=["entity", "external", "deep"],
)
def test_hostile_xml_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedXml):
        parse(body)


def test_an_unknown_command_is_kept_whole() -> None:
    found = parse(b"<Notify><CmdType>MakersOwn</CmdType><SN>3</SN><DeviceID>1</DeviceID><Time>x</Time></Notify>")
    assert isinstance(found, OtherCommand)
    assert (found.command, found.fields.text("time")) == ("MakersOwn", "x")


def test_a_dirty_catalogue_item_is_still_an_item() -> None:
    body = (
        f"<Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID><SumNum>1</SumNum><DeviceList Num='1'><Item>"
        "<DeviceID>340200</DeviceID><Parental>65535</Parental><ParentID>null</ParentID><Status>OFFILE</Status>"
        "<Longitude></Longitude><Latitude>x</Latitude><RegisterWay></RegisterWay></Item></DeviceList></Response>"
    )
    found = parse(body.encode())
    assert isinstance(found, CatalogueAnswer)
    assert found.items == (CatalogueItem("340200", parental=65535, status="OFF"),)


VECTORS = {
    "A50F0100000000B5": ptz.STOP,
    "A50F01016400001A": ptz.move(pan=100),
    "A50F01026400001B": ptz.move(pan=-100),
    "A50F010800640021": ptz.move(tilt=100),
    "A50F01040064001D": ptz.move(tilt=-100),
    "A50F010A64640087": ptz.move(pan=-100, tilt=100),
    "A50F010564640082": ptz.move(pan=100, tilt=-100),
    "A50F011000006025": ptz.move(zoom=6),
    "A50F012964646006": ptz.move(pan=100, tilt=100, zoom=-6),
    "A50F01416400005A": ptz.lens(ptz.FOCUS_FAR, 100),
    "A50F01440064005D": ptz.lens(ptz.IRIS_OPEN, 100),
    "A50F014800640061": ptz.lens(ptz.IRIS_CLOSE, 100),
    "A50F018100030039": ptz.preset(ptz.PRESET_SET, 3),
    "A50F01820003003A": ptz.preset(ptz.PRESET_GO, 3),
    "A50F01830003003B": ptz.preset(ptz.PRESET_DELETE, 3),
    "A50F01840103003D": ptz.cruise_point(ptz.CRUISE_ADD, 1, 3),
}


@pytest.mark.parametrize(("text", "command"), VECTORS.items())
def test_the_sheets_ptz_vectors(text: str, command: ptz.PtzCommand) -> None:
    assert command.to_text() == text
    assert ptz.PtzCommand.parse(text) == command


@given(st.text(max_size=20))
def test_any_text_is_a_ptz_command_or_a_named_error(text: str) -> None:
    with suppress(WireError):
        ptz.PtzCommand.parse(text)


@pytest.mark.parametrize("setup", ["", "passive", "active"])
def test_an_offer_and_its_answer_survive_the_wire(setup: str) -> None:
    offer = live_offer(owner=CODE, address="192.0.2.20", port=30000, ssrc=200000001, setup=setup, attributes=("streamnumber:1",))
    read = SessionDescription.parse(offer.to_bytes())
    assert read.ssrc == "0200000001"
    assert read.video is not None
    assert (read.video.port, read.video.setup, read.video.attribute("streamnumber")) == (30000, setup, "1")
    answer = SessionDescription.parse(live_answer(read, owner=CODE, address="192.0.2.64", port=15060).to_bytes())
    assert answer.ssrc_value == 200000001
    assert answer.video is not None
    assert answer.video.setup == {"": "", "passive": "active", "active": "passive"}[setup]
    assert answer.media_address == "192.0.2.64"


@given(st.binary(max_size=600))
def test_any_bytes_are_a_description_or_a_named_error(octets: bytes) -> None:
    for text in (octets, b"v=0\r\nm=video 1 RTP/AVP 96\r\n" + octets):
        with suppress(WireError):
            SessionDescription.parse(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_playback_control_or_a_named_error(octets: bytes) -> None:
    with suppress(WireError):
        MansrtspRequest.parse(octets)
    with suppress(WireError):
        MansrtspResponse.parse(octets)


def test_playback_control_is_read_again() -> None:
    for request in (
        MansrtspRequest("PLAY", 2, scale=2.0),
        MansrtspRequest("PLAY", 3, range_npt="100-"),
        MansrtspRequest("PAUSE", 4, pause_time="now"),
    ):
        assert MansrtspRequest.parse(request.to_bytes()) == request


@given(st.text(max_size=24))
def test_any_text_is_a_gb_code_or_a_named_error(text: str) -> None:
    kind_of(text)
    with suppress(MalformedGbCode):
        assert GbCode.parse(text).digits == text
