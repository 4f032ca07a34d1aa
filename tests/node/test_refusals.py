"""Faces and persons sent to a whole node over sockets: dropped at the edge, counted, answered, recorded; nothing lands on disk."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import AuditRecord, Stranger
from fengsui.features.refusals import REFUSALS, Refusal
from fengsui.features.refusals.actions import FOLD_S
from tests.node.conftest import SERVER, RunningNode, powered, simulated_camera, until
from tests.node.test_audit import records

CODE = f"{SERVER[:10]}1320000001"
NAME, VECTOR = "张某某甲乙丙", base64.b64encode(b"the-vector-of-somebody" * 4).decode()
PLANTED = (NAME.encode(), NAME.encode("gb18030"), VECTOR.encode(), b"the-vector-of-somebody")


def alarm(inside: str, *, sn: int = 1, charset: str = "gb18030") -> bytes:
    """An alarm of the camera."""
    label = "GB2312" if charset == "gb18030" else "UTF-8"
    text = (
        f"<?xml version='1.0' encoding='{label}'?>\r\n<Notify>\r\n<CmdType>Alarm</CmdType>\r\n"
        f"<SN>{sn}</SN>\r\n<DeviceID>{CODE}</DeviceID>\r\n<AlarmPriority>1</AlarmPriority>\r\n<AlarmMethod>5</AlarmMethod>\r\n{inside}"
        "\r\n</Notify>\r\n"
    )
    return text.encode(charset)


BODIES = {
    "an extension of an alarm": alarm(f"<Info><AlarmType>2</AlarmType><FaceList><Name>{NAME}</Name></FaceList></Info>"),
    "features": alarm(f"<FeatureInfoObject><FeatureData>{VECTOR}</FeatureData></FeatureInfoObject>", charset="utf-8"),
    "an alarm of recognition": alarm(f"<AlarmDescription>人脸识别:{NAME}</AlarmDescription><Extra>{VECTOR}</Extra>"),
    "a person of access control": alarm(f"<ExtraInfo><personType>1</personType><Name>{NAME}</Name></ExtraInfo>"),
    "a command of a maker": alarm(f"<FaceCapture>{VECTOR}</FaceCapture>").replace(b"CmdType>Alarm", b"CmdType>CaptureUp"),
    "JSON": f'{{"FaceListObject":{{"FaceObject":[{{"Name":"{NAME}","Feature":"{VECTOR}"}}]}}}}'.encode(),
    "broken": f"<Notify><CmdType>Alarm</CmdType><SN>1</SN><PersonObject><Name>{NAME}<Feat>{VECTOR}".encode(),
}


def files_holding(folder: Path, needles: tuple[bytes, ...]) -> Iterator[Path]:
    """Any file below `folder` in which one of them stands."""
    for path in folder.rglob("*"):
        if path.is_file():
            octets = path.read_bytes()
            if any(needle in octets for needle in needles):
                yield path


def refused(node: RunningNode) -> list[AuditRecord]:
    """Records of refused content."""
    return [one for one in records(node) if one.act == Act.REFUSED_IDENTIFICATION]


def counted(source: str) -> float:
    """The metric."""
    return REGISTRY.get_sample_value("fengsui_refused_total", {"rule": "R1", "source": source}) or 0.0


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_nothing_of_somebody_lands_anywhere(
    node: RunningNode, tmp_path: Path, transport: str, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = simulated_camera(node.registrar, transport=transport)
    async with powered(camera):
        await until(lambda: node.node.devices.by_state()["online"] == 1, what="the camera is online")
        before = counted("gb28181")
        for what, body in BODIES.items():
            answer = await camera.send_octets(body)
            assert answer.status == 403 and "REF-BIO" in answer.headers.get("warning"), what
            assert "scene under a case ticket" in answer.headers.get("warning")
        assert counted("gb28181") == before + len(BODIES)
        innocent = await camera.send_octets(alarm("<AlarmDescription>人脸卡口 移动侦测</AlarmDescription>"))
        assert innocent.status == 200
        await until(lambda: refused(node), what="the first is recorded")
        trace = (await node.get(f"/devices/{CODE}/trace"))["items"]
        shown = "\n".join(one["text"] for one in trace)  # type: ignore[index,union-attr,attr-defined]
        assert shown.count("dropped before it was kept: R1 REF-BIO") == len(BODIES)
        assert NAME not in shown and VECTOR not in shown and "FaceList" not in shown
        assert (await node.get(f"/devices/{CODE}"))["status"] == "online", "a refusal does not put a device offline"
        (first,) = refused(node)
        assert (first.object, first.role, first.result, first.address) == (CODE, "device", "refused", "127.0.0.1")
        assert first.detail == "REF-BIO gb28181; 1 dropped"
        node.node.refusals._senders[("gb28181", CODE, REFUSALS[0].code)].since_s -= FOLD_S
        await until(lambda: len(refused(node)) == 2, what="the rest is one record")
        assert refused(node)[1].detail == f"REF-BIO gb28181; {len(BODIES) - 1} dropped"
    await node.node.audit.index.catch_up()
    assert list(files_holding(tmp_path, PLANTED)) == []
    assert list(files_holding(tmp_path, (CODE.encode(),))), "the same search finds what is there"
    captured = capfd.readouterr()
    assert not any(needle.decode("utf-8", "ignore") in captured.out + captured.err for needle in PLANTED[:1] + PLANTED[2:])


async def test_a_catalogue_comes_in_without_what_is_refused(node: RunningNode, tmp_path: Path) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: node.node.devices.by_state()["online"] == 1, what="the camera is online")

        async def own() -> bool:
            return (await node.client.get(f"/cameras/{CODE}")).status_code == 200

        await until(own, what="its own catalogue is read, which would take the other's away")
        other = f"{SERVER[:10]}1320000009"
        planted = f"<PersonList><Name>{NAME}</Name></PersonList>"
        item = f"<Item><DeviceID>{other}</DeviceID><Name>西门</Name>{planted}<Status>ON</Status></Item>"
        body = (
            f"<?xml version='1.0' encoding='GB2312'?>\r\n<Response><CmdType>Catalog</CmdType><SN>99999</SN>"
            f"<DeviceID>{CODE}</DeviceID><SumNum>1</SumNum><DeviceList Num='1'>{item}</DeviceList></Response>"
        )
        answer = await camera.send_octets(body.encode("gb18030"))
        assert answer.status == 200

        async def there() -> bool:
            found = await node.client.get(f"/cameras/{other}")
            return bool(found.status_code == 200 and found.json()["name"] == "西门")

        await until(there, what="the camera is in the list")
        trace = (await node.get(f"/devices/{CODE}/trace"))["items"]
        assert NAME not in str(trace) and "西门" in str(trace)
    assert list(files_holding(tmp_path, PLANTED)) == []


async def test_a_stranger_is_counted_and_nothing_of_theirs_is_kept(node: RunningNode, tmp_path: Path) -> None:
    camera = simulated_camera(node.registrar)
    before = counted("gb28181")
    await camera._connect()
    task = asyncio.create_task(camera.send_octets(BODIES["features"]))
    await until(lambda: counted("gb28181") > before, what="it is counted")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    camera._close_link()
    await until(lambda: refused(node), what="it is recorded")
    assert (refused(node)[0].object, refused(node)[0].address) == ("", "127.0.0.1")
    assert list(files_holding(tmp_path, PLANTED)) == []


@pytest.mark.parametrize("path", ["/VIID/Faces", "/VIID/Persons", "/VIID/Faces/1", "/VIID/Persons/1"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_faces_and_persons_of_gat1400_are_refused(node: RunningNode, tmp_path: Path, method: str, path: str) -> None:
    before = counted("gat1400")
    base = str(node.client.base_url).removesuffix("/api/v1/")
    async with httpx.AsyncClient(base_url=base) as foreign:
        answer = await foreign.request(method, path, content=BODIES["JSON"])
    assert answer.status_code == 403
    status = answer.json()["ResponseStatusListObject"]["ResponseStatusObject"][0]
    assert status["StatusCode"] == "4" and status["StatusString"].startswith("REF-BIO 本平台不按人体特征识别人员")
    assert counted("gat1400") == before + 1
    await until(lambda: refused(node), what="it is recorded")
    assert list(files_holding(tmp_path, PLANTED)) == []


async def test_every_refusal_has_its_texts_its_rule_and_its_act(node: RunningNode) -> None:
    found: dict[str, Any] = await node.get("/refusals")
    assert [one["rule"] for one in found["items"]] == [f"R{number}" for number in range(1, 13)]
    assert found["contact"]
    for name in ("code", "act", "zh", "en", "lawful_way_zh", "lawful_way_en"):
        values = [one[name] for one in found["items"]]
        assert all(values) and (len(set(values)) == 12 or name.startswith("lawful")), name
    assert all(one["act"].startswith("refusal.") and one["en"].isascii() is not None for one in found["items"])


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda one: one.rule)
async def test_a_refused_request_is_recorded_and_told_with_rule_and_lawful_way(node: RunningNode, kind: type[Refusal]) -> None:
    who = Stranger("duty", "127.0.0.1", role="duty-supervisor", session="s")
    with pytest.raises(kind):
        await node.node.refusals.person(who, kind(), CODE)
    last = records(node)[-1]
    assert (last.act, last.object, last.result, last.detail, last.person) == (kind.act, CODE, "refused", kind.code, "duty")
    error = kind()
    assert error.status == 403 and error.rule and error.text_zh and error.text_en and error.remedy_zh and error.remedy_en


async def test_a_refusal_at_the_door_names_the_audit_office(node: RunningNode) -> None:
    told = (await node.client.get("/audit", headers={"Authorization": f"Bearer {node.tokens['duty']}"})).json()
    assert told["status"] == 403 and told["contact"] == node.node.settings.access.audit_office and told["rule"]


async def test_a_flood_of_senders_stays_bounded(node: RunningNode) -> None:
    for number in range(6_000):
        node.node.refusals.dropped(REFUSALS[0], "gb28181", f"{number:020d}", "10.0.0.1")
    assert len(node.node.refusals._senders) <= 5_001
    await until(lambda: len(refused(node)) >= 5_001, what="all of them are recorded")
    rest = [one for one in refused(node) if one.object == ""]
    assert len(rest) == 1 and "dropped" in rest[0].detail
