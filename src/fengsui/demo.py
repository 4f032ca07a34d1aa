"""`fengsui demo`: a node and simulated devices as processes of their own; writes `demo.json` when all is ready."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.panel import Panel

from fengsui.app import camera_code, join_lines, join_values
from fengsui.data_folder import DataFolderLock, prepare_data_folder
from fengsui.demo_patrols import PATROLS, keep_patrols, patrol_people
from fengsui.features.access import DEMONSTRATION, FIRST_PEOPLE, POST_TEXTS, FirstPerson, Post, demonstration, first_people_to_text
from fengsui.features.policy import DEMO_PACK, DEMO_PUBLISHER, PUBLISHERS
from fengsui.forked import Forked
from fengsui.settings import NodeSettings, Secrets
from fengsui.transports.addresses import LocalAddresses

out = Console(highlight=False, emoji=False)
READY_LIMIT_S, STOP_LIMIT_S = 60.0, 12.0
NODE_CODE = "52010200002000000001"
SEATS, ROSTERED_DAYS = 24, 5
ALARM_ACCOUNT, ALARM_SITE, ALARM_EVERY_S = "5201", "人民广场片区", 40
ALARM_POINTS = (
    ("PA", "停车场岗亭紧急按钮", "button", "中华路停车场"),
    ("BA", "市府路配电房门磁", "detector", "市府路与都司路口"),
    ("BA", "广场东入口红外对射", "detector", "人民广场东入口"),
    ("WA", "地下水泵房水浸", "detector", ""),
)
"""Code, name and kind of each zone, and where the camera stands that looks there; the last has none."""


def _question(id: str, text: str, target_s: int, *answers: tuple[str, str | None], again: str = "") -> dict[str, Any]:
    """`again`: an answer that comes back to this step, twice at most."""
    ways: list[dict[str, Any]] = [{"text": said, "next": following} for said, following in answers]
    ways += [{"text": again, "next": id, "at_most": 2}] if again else []
    return {"id": id, "text": text, "kind": "question", "target_s": target_s, "answers": ways}


def _step(id: str, text: str, target_s: int, following: str | None, kind: str = "act") -> dict[str, Any]:
    return {"id": id, "text": text, "kind": kind, "target_s": target_s, "next": following}


METHOD = {
    "title": "商铺夜间入侵:先封后巷",
    "state": "published",
    "kinds": ["intrusion"],
    "steps": "1. 看门前画面的同时,先把后巷球机调到后门预置位。\n"
    "2. 最近的车组停在后巷出口,步巡从正门进。\n3. 保存前 60 秒录像,对照卷帘门的位置判断进入时间。",
    "places": "多在 1–4 时;后巷无灯、紧邻工地围挡的商铺。雨夜误报多,先看画面再派。",
    "cameras": "后巷球机(预置位 2)、路口枪机看离开方向。",
    "tags": ["商铺", "夜间", "后巷"],
}
PROCEDURES = (
    {
        "name": "校园一键报警",
        "offer": {"alarms": ["panic"], "incidents": ["hold-up"], "places": ["学校", "幼儿园", "校园"]},
        "steps": [
            _question(
                "see",
                "看现场画面:校门、操场、走廊有无险情?",
                20,
                ("有险情", "call"),
                ("看不出险情", "ask"),
                again="画面未出,再看一次",
            ),
            _question(
                "ask",
                "回拨学校值班室核实:情况是否属实?",
                60,
                ("属实", "call"),
                ("误按", "false"),
                ("无人接听", "call"),
                again="占线,重拨",
            ),
            _step("call", "通知辖区派出所和最近的巡防力量,报明学校名称、校门位置和所见情况", 30, "gate"),
            _step("gate", "通知学校保安关闭校门,引导师生就近躲避", 30, "watch"),
            _question("watch", "持续看画面:人员、车辆有无离开学校?", 120, ("仍在校内", "came"), ("已离开", "way")),
            _step("way", "记下离开方向、交通工具和时间,告知出警力量", 60, "came", "note"),
            _step("came", "记录到场时间、现场情况和后续处置", 600, None, "note"),
            _step("false", "记录误按原因和核实人职务,提醒学校登记", 60, None, "note"),
        ],
    },
    {
        "name": "盗窃报警",
        "offer": {"alarms": ["intrusion"], "incidents": ["intrusion"], "places": []},
        "steps": [
            _question(
                "see", "看现场画面和报警前 30 秒:有无人员入侵?", 30, ("有人", "send"), ("无人", "zone"), again="看不清,换摄像机再看"
            ),
            _question("zone", "同一场所其他防区有无报警?", 30, ("有", "send"), ("没有", "owner")),
            _question("owner", "联系场所负责人核实", 120, ("确有异常", "send"), ("误报", "false"), again="未接通,再拨一次"),
            _step("send", "派最近的巡防力量前往,提示可能的进出口", 60, "keep"),
            _step("keep", "标记报警前后录像,防止被覆盖", 60, "came"),
            _step("came", "记录到场时间、门窗痕迹和现场处置结果", 900, None, "note"),
            _step("false", "记录误报原因;设备原因的通知维护人员", 60, None, "note"),
        ],
    },
)
"""That the demonstration begins with."""


def run_demo(data: Path, *, main: Callable[[], None], cameras: int, patrols: int = len(PATROLS)) -> int:
    """Until Ctrl-C. 0 when it ended well. `main`: the command line, by which the node is started.

    Raises DataFolderTaken, DataFolderUnusable."""
    data = data.resolve()
    prepare_data_folder(data)
    lock = DataFolderLock(data)  # before anything of a demonstration that runs there is touched
    lock.take()
    try:
        return _run_demo(data, main, cameras, patrols)
    finally:
        lock.release()


def _run_demo(data: Path, main: Callable[[], None], cameras: int, patrols: int) -> int:
    folder = data / "county"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = data / "demo.json"
    manifest.unlink(missing_ok=True)
    choosing = _choosing_ports()
    ports = _ports()
    trusted = folder / PUBLISHERS
    trusted.mkdir(exist_ok=True)
    shutil.copy(DEMO_PUBLISHER, trusted / f"{DEMO_PUBLISHER.stem}-2.pem")  # an older demonstration's pack has another key
    config = folder / "fengsui.toml"
    config.write_text(_configuration(ports, data / "audit-copies"), encoding="utf-8")
    settings = NodeSettings.load(config)
    secret = Secrets(folder)
    join_password = secret.text("registration-password")
    people = demonstration({one.name: secret.text(f"demo-password-{one.name}") for one in DEMONSTRATION})
    on_patrol = patrol_people([secret.text(f"demo-password-{one.account}") for one in PATROLS[:patrols]])
    alarm_key = secret.key("demo-alarm-key").hex()  # before the node begins: it watches its key files
    environment = {**os.environ, FIRST_PEOPLE: first_people_to_text(people + on_patrol), "FENGSUI_DEVICE_PASSWORD": join_password}
    fengsui = [sys.executable, "-m", "fengsui"]
    stopping = _stop_on_signals()
    processes: list[subprocess.Popen[bytes] | Forked] = []
    phones: list[subprocess.Popen[bytes]] = []
    """They may end by themselves, as when somebody changes a password."""
    try:
        # Before the spinner, whose thread a fork may not meet.
        processes.append(_node(main, ["run", "--config", str(config), "--data", str(folder)], environment, data / "node.log"))
        with (data / "node.log").open("ab") as log, out.status("正在启动节点 Starting the node …"):
            api = f"http://127.0.0.1:{ports['http']}"
            if not _wait(lambda: _answers(f"{api}/readyz"), processes, stopping):
                return _failed(data)
            choosing.close()
            command = [*fengsui, "simulate", "street", "--port", str(ports["sip"]), "--server", NODE_CODE, "--count", str(cameras)]
            processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True))
            if not _wait(lambda: _cameras_online(api, people[0]) >= cameras + 4, processes, stopping):
                return _failed(data)
            _keep_duty(api, settings)
            _keep_alarm_host(api, alarm_key, people)
            _keep_procedures(api)
            _keep_methods(api)
            codes = ",".join(one[0] for one in ALARM_POINTS)
            ring = ("--code", codes, "--zones", str(len(ALARM_POINTS)), "--rate", str(1 / ALARM_EVERY_S), "--alarms", "1000000")
            command = [*fengsui, "simulate", "alarm-host", "--port", str(ports["alarms"]), "--account", ALARM_ACCOUNT, *ring]
            keyed = {**environment, "FENGSUI_ALARM_KEY": alarm_key}
            processes.append(subprocess.Popen(command, env=keyed, stdout=log, stderr=log, start_new_session=True))
            manned = {one.account for one in keep_patrols(partial(_ask, f"{api}/api/v1"), patrols)}
            if going := [one for one in on_patrol if one.name in manned]:
                command = [*fengsui, "simulate", "patrol", "--api", f"{api}/api/v1", "--names", ",".join(one.name for one in going)]
                phoning = {**environment, "FENGSUI_PATROL_PASSWORDS": ",".join(one.password for one in going)}
                phones.append(subprocess.Popen(command, env=phoning, stdout=log, stderr=log, start_new_session=True))
        _write_manifest(manifest, settings, api, ports, join_password, people + on_patrol)
        _welcome(settings, api, join_password, people + on_patrol, cameras)
        while not stopping and all(process.poll() is None for process in processes):
            time.sleep(0.2)
        return 0 if stopping else _failed(data)
    finally:
        choosing.close()
        _stop_all([*processes, *phones])
        manifest.unlink(missing_ok=True)


def _node(main: Callable[[], None], words: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes] | Forked:
    """Forked where that is safe: what we have imported it need not import again."""
    if sys.platform == "linux":
        return Forked(main, words, environment, log)
    with log.open("ab") as told:
        command = [sys.executable, "-m", "fengsui", *words]
        return subprocess.Popen(command, env=environment, stdout=told, stderr=told, start_new_session=True)


def _stop_on_signals() -> list[int]:
    """A list that grows when we are asked to stop."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _: asked.append(got))
    return asked


def _wait(ready: Any, processes: Sequence[subprocess.Popen[bytes] | Forked], stopping: list[int]) -> bool:
    deadline = time.monotonic() + READY_LIMIT_S
    while time.monotonic() < deadline and not stopping:
        if any(process.poll() is not None for process in processes):
            return False
        if ready():
            return True
        time.sleep(0.1)
    return False


def _failed(data: Path) -> int:
    text = (data / "node.log").read_text(encoding="utf-8", errors="replace")
    out.print(f"演示未能启动,日志 The demonstration did not start; log: {data / 'node.log'}\n{text[-2000:]}", markup=False)
    return 1


def _stop_all(processes: Sequence[subprocess.Popen[bytes] | Forked]) -> None:
    for process in reversed(processes):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT_S
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _choosing_ports() -> IO[str]:
    """Waits until no other demonstration is between choosing its ports and having opened them; ends when it is closed."""
    turn = (Path(tempfile.gettempdir()) / f"fengsui-demo-{os.getuid()}.lock").open("a", encoding="utf-8")
    fcntl.flock(turn, fcntl.LOCK_EX)
    return turn


def _ports() -> dict[str, int]:
    """The usual ports, or the next free ones where a usual one is taken."""
    wanted = {"sip": 5060, "rtp": 10000, "http": 8080, "media": 8081, "webrtc": 8082, "alarms": 12300}
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        while port in chosen.values() or not _free(port):
            port += 10
        chosen[name] = port
    return chosen


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True


def _configuration(ports: dict[str, int], copies: Path) -> str:
    return f"""[node]
name = "南明区共享平台"
code = "{NODE_CODE}"
[signalling]
port = {ports["sip"]}
admission = "password"
[sign_in]
second_factor = "off"
[media]
rtp_port = {ports["rtp"]}
http_host = "127.0.0.1"
http_port = {ports["media"]}
webrtc_port = {ports["webrtc"]}
[http]
host = "127.0.0.1"
tls = false
port = {ports["http"]}
[alarm_hosts]
host = "127.0.0.1"
port = {ports["alarms"]}
[approvals]
same_workstation = "browser"
[audit]
copies = [{json.dumps(str(copies), ensure_ascii=False)}]
[duty]
sign_on = "at-sign-in"
[policy]
first_pack = {json.dumps(str(DEMO_PACK), ensure_ascii=False)}
"""


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _call(url: str, *, token: str = "", body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read() or b"null")


_token: list[str] = []


def _ask(base: str, path: str, body: dict[str, Any] | None, method: str | None) -> Any:
    """As the first user, who is signed in by then."""
    return _call(f"{base}{path}", token=_token[0], body=body, method=method)


def _cameras_online(api: str, who: FirstPerson) -> int:
    if not _token:
        _token.append(_call(f"{api}/api/v1/session", body={"name": who.name, "password": who.password})["token"])
    return len(_call(f"{api}/api/v1/cameras?status=online&limit=1000", token=_token[0])["items"])


def _keep_duty(api: str, settings: NodeSettings) -> None:
    """A centre with seats that answers for the demonstration's county, and the first user on its roster from tomorrow on.

    Nobody is rostered today, so that whoever is added to the demonstration may sit down as well.
    """
    duty = f"{api}/api/v1/duty"
    if _call(duty, token=_token[0])["centres"]:
        return
    order = {"name": "南明区指挥中心", "area": NODE_CODE[:6], "seats": SEATS, "min_staff": 1}
    centre = _call(f"{duty}/centres", token=_token[0], body=order)["id"]
    me = _call(f"{api}/api/v1/session", token=_token[0])["id"]
    morning = datetime.now(settings.node.time_zone).replace(hour=8, minute=0, second=0, microsecond=0)
    rostered = range(1, ROSTERED_DAYS + 1)
    for day in rostered:
        since = morning + timedelta(days=day)
        slot = {"seat": 1, "user_id": me, "since": since.isoformat(), "until": (since + timedelta(hours=10)).isoformat()}
        _call(f"{duty}/centres/{centre}/slots", token=_token[0], body=slot)
    weeks = {(morning + timedelta(days=day)).date().isocalendar()[:2]: morning + timedelta(days=day) for day in rostered}
    for at in weeks.values():
        _call(f"{duty}/centres/{centre}/roster-versions", token=_token[0], body={"at": at.isoformat()})


def _keep_alarm_host(api: str, key: str, people: list[FirstPerson]) -> None:
    """A host of the demonstration whose points look at its cameras. `key`: in hexadecimal digits."""
    keeper = next(one for one in people if one.name == "system")
    token = _call(f"{api}/api/v1/session", body={"name": keeper.name, "password": keeper.password})["token"]
    if all(one["account"] != ALARM_ACCOUNT for one in _call(f"{api}/api/v1/alarm-hosts", token=token)["items"]):
        _call(f"{api}/api/v1/alarm-hosts", token=token, body=_alarm_host(api, token, key))
    _call(f"{api}/api/v1/session", token=token, method="DELETE")


def _keep_procedures(api: str) -> None:
    known = {one["name"] for one in _call(f"{api}/api/v1/procedures", token=_token[0])["items"]}
    for one in PROCEDURES:
        if one["name"] not in known:
            _call(f"{api}/api/v1/procedures", token=_token[0], body=one)


def _keep_methods(api: str) -> None:
    if all(one["title"] != METHOD["title"] for one in _call(f"{api}/api/v1/methods", token=_token[0])["items"]):
        _call(f"{api}/api/v1/methods", token=_token[0], body=METHOD)


def _alarm_host(api: str, token: str, key: str) -> dict[str, Any]:
    cameras = _call(f"{api}/api/v1/cameras?status=online&limit=1000", token=token)["items"]

    def seen_at(place: str) -> dict[str, Any]:
        """By the camera that stands there, where it stands."""
        one = next((one for one in cameras if place and one["name"].startswith(place)), None)
        return {} if one is None else {"camera": one["code"], "longitude": one["longitude"], "latitude": one["latitude"]}

    points = [
        {"zone": str(zone), "name": name, "kind": kind, **seen_at(place)}
        for zone, (_, name, kind, place) in enumerate(ALARM_POINTS, 1)
    ]
    return {"account": ALARM_ACCOUNT, "key": key, "site": ALARM_SITE, "points": points}


def _write_manifest(
    path: Path, settings: NodeSettings, api: str, ports: dict[str, int], join_password: str, people: list[FirstPerson]
) -> None:
    node = {
        "name": settings.node.name,
        "level": settings.node.level,
        "code": settings.node.code,
        "console": f"{api}/",
        "api": f"{api}/api/v1",
        "sip": {"host": "127.0.0.1", "port": ports["sip"], "domain": settings.node.sip_domain, "password": join_password},
        "alarms": {"host": "127.0.0.1", "port": ports["alarms"]},
        "users": [{"name": one.name, "password": one.password, "post": one.post, "role": one.post} for one in people],
    }
    written = path.with_suffix(".new")
    written.touch(mode=0o600)
    written.write_text(json.dumps({"nodes": [node]}, ensure_ascii=False, indent=1), encoding="utf-8")
    written.replace(path)


def _welcome(settings: NodeSettings, api: str, join_password: str, people: list[FirstPerson], cameras: int) -> None:
    first, *others = people
    free = camera_code(settings, cameras + 1)  # below the recorder's channels
    values = join_values(settings, LocalAddresses(settings.addresses), join_password, "127.0.0.1", free)
    ending = (*join_lines(values), "", "按 Ctrl-C 停止 Ctrl-C stops all of it")
    lines, patrols = ([_sign_in_line(one) for one in others if (one.post == Post.PATROL) is on] for on in (False, True))
    patrols = ["", "巡防人员,手机由程序模拟 On patrol, with simulated phones:", *patrols] if patrols else []
    text = (
        f"{settings.node.name}  {settings.node.code}\n\n"
        f"控制台 Console    {api}/\n"
        f"用户   User       {first.name}\n"
        f"口令   Password   {first.password}\n\n"
        "三类管理员,不能看视频 The three administrators, who see no pictures:\n" + "\n".join((*lines, *patrols, "", *ending))
    )
    out.print(Panel(text, title="烽燧 Fengsui", expand=False))


def _sign_in_line(one: FirstPerson) -> str:
    return f"  {one.name:<12}{one.password:<18}{'  '.join(POST_TEXTS[one.post])}"
