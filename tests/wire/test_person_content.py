"""Faces, persons and features are found in any body, however written; places, devices and their faults are not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem
from fengsui.wire.gb28181.device_facts import DeviceInfo
from fengsui.wire.gb28181.manscdp import encode, parse
from fengsui.wire.gb28181.person_content import screen

HEAD = '<?xml version="1.0" encoding="{charset}"?>\r\n<{root}>\r\n<CmdType>{command}</CmdType>\r\n<SN>7</SN>\r\n'
CODE = "52010200001320000001"


def body(inside: str, *, root: str = "Notify", command: str = "Alarm", charset: str = "GB2312") -> bytes:
    """A body around `inside`."""
    head = HEAD.format(charset=charset, root=root, command=command) + f"<DeviceID>{CODE}</DeviceID>\r\n"
    return f"{head}{inside}\r\n</{root}>\r\n".encode("gb18030" if charset == "GB2312" else charset)


ALARM = "<AlarmPriority>4</AlarmPriority><AlarmMethod>5</AlarmMethod><AlarmTime>2026-11-26T08:00:00</AlarmTime>"


@pytest.mark.parametrize(
    "inside",
    [
        ALARM + "<Info><AlarmType>2</AlarmType><FaceList><Face><FaceID>1</FaceID></Face></FaceList></Info>",
        ALARM + "<Info><AlarmType>FaceDetection</AlarmType></Info>",
        ALARM + "<AlarmDescription>人脸识别报警:黑名单人员</AlarmDescription>",
        ALARM + "<AlarmDescription>&#20154;&#33080;&#27604;&#23545;&#25104;&#21151;</AlarmDescription>",
        ALARM + "<AlarmDescription>face recognition alarm, similarity 0.93</AlarmDescription>",
        ALARM + "<ExtraInfo><![CDATA[<PersonObject><Name>x</Name></PersonObject>]]></ExtraInfo>",
        ALARM + "<ExtraInfo>&lt;FaceObject&gt;1&lt;/FaceObject&gt;</ExtraInfo>",
        ALARM + '<Object type="face" rect="1,2,3,4"/>',
        ALARM + '<Target FaceID="17"/>',
        ALARM + "<ns:HumanFace xmlns:ns='urn:x'>1</ns:HumanFace>",
        ALARM + "<FeatureVector>AAECAwQ=</FeatureVector>",
        ALARM + "<FeatureInfoObject><FeatureData>AA==</FeatureData></FeatureInfoObject>",
        ALARM + "<personType>1</personType>",
        ALARM + "<HikFaceCapture>1</HikFaceCapture>",
        ALARM + "<Class><Type>Human</Type></Class>",
    ],
)
@pytest.mark.parametrize("charset", ["GB2312", "UTF-8"])
def test_an_event_about_somebody_is_dropped_whole(inside: str, charset: str) -> None:
    found = screen(body(inside, charset=charset))
    assert found is not None and found.kept is None and found.found


@pytest.mark.parametrize("command", ["FaceCapture", "SomethingOfAMaker"])
def test_a_command_of_a_maker_with_somebody_in_it_is_dropped(command: str) -> None:
    found = screen(body("<Picture>/9j/4AAQ</Picture><FaceRect>1,2,3,4</FaceRect>", command=command))
    assert found is not None and found.kept is None


def test_json_and_other_charsets_and_broken_xml_are_dropped() -> None:
    for octets in (
        b'{"FaceListObject":{"FaceObject":[{"FaceID":"1"}]}}',
        b'{"PersonObjectList": {"PersonObject": []}}',
        body(ALARM + "<FaceList/>", charset="utf-16"),
        body(ALARM + "<FaceList/>", charset="utf-16-le"),
        b"<Notify><CmdType>Alarm</CmdType><FaceList><Face",
        b"\xff\xfe<FaceObject>",
    ):
        found = screen(octets)
        assert found is not None and found.kept is None, octets


@pytest.mark.parametrize(
    "octets",
    [
        body(ALARM + "<AlarmDescription>人脸卡口3号 移动侦测</AlarmDescription>"),
        body(ALARM + "<AlarmDescription>东门人脸抓拍机画面丢失</AlarmDescription>"),
        body("<AlarmMethod>6</AlarmMethod><AlarmDescription>人脸识别模块故障</AlarmDescription>"),
        body(ALARM + "<AlarmDescription>人员闯入</AlarmDescription><Info><AlarmType>6</AlarmType></Info>"),
        body("<Interface>eth0</Interface><SurfaceType>3</SurfaceType><Iface>1</Iface>", command="DeviceStatus", root="Response"),
        body("<PersonnelCount>3</PersonnelCount><ContactPerson>张三</ContactPerson>", command="Other"),
        body("<DeviceName>人脸识别摄像机</DeviceName>", command="DeviceInfo", root="Response"),
        encode(CatalogueAnswer(7, CODE, 1, (CatalogueItem(CODE, "人脸卡口", "Face & Co", "FACE-200"),))),
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Play\r\n",
        b"",
    ],
)
def test_places_devices_and_faults_are_no_persons(octets: bytes) -> None:
    assert screen(octets) is None


def test_a_catalogue_is_kept_without_what_is_refused() -> None:
    items = (CatalogueItem(CODE, "东门", "Maker", "X"), CatalogueItem(CODE[:-1] + "2", "西门", "Maker", "X"))
    octets = encode(CatalogueAnswer(7, CODE, 2, items)).decode("gb18030")
    planted = octets.replace(
        "<Name>东门", "<FaceList><Face><FaceID>1</FaceID><Face/></Face></FaceList><FaceNum>1</FaceNum><Name>东门"
    )
    for charset in ("gb18030", "utf-8"):
        found = screen(planted.encode(charset))
        assert found is not None and found.kept is not None and found.found == "facelist"
        assert b"Face" not in found.kept
        answer = parse(found.kept)
        assert isinstance(answer, CatalogueAnswer) and [item.name for item in answer.items] == ["东门", "西门"]


def test_an_element_that_is_never_closed_takes_the_rest_with_it() -> None:
    found = screen(body("<DeviceName>x</DeviceName><FaceObject>secret", command="DeviceInfo", root="Response"))
    assert found is not None and (found.kept is None or b"secret" not in found.kept)


def test_what_is_cut_out_leaves_the_rest_readable() -> None:
    found = screen(
        body(
            "<DeviceName>前门</DeviceName><FaceCapability><Max>9</Max></FaceCapability><Model>X</Model>",
            command="DeviceInfo",
            root="Response",
        )
    )
    assert found is not None and found.kept is not None
    read = parse(found.kept)
    assert isinstance(read, DeviceInfo) and b"Max" not in found.kept


FRAGMENTS = st.sampled_from(
    [
        "<",
        ">",
        "</",
        "/>",
        "FaceList",
        "Interface",
        "CmdType",
        "Catalog",
        "Alarm",
        "人脸",
        "&lt;",
        "&#",
        ";",
        '"',
        "=",
        ":",
        " ",
        "\0",
        "x",
    ]
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_whatever_comes_is_screened_and_what_is_kept_is_clean(text: str, charset: str) -> None:
    found = screen(text.encode(charset))
    if found is not None and found.kept is not None:
        again = screen(found.kept)
        assert again is None or again.kept is None


@given(st.binary(max_size=200))
def test_any_octets_are_screened(octets: bytes) -> None:
    screen(octets)
