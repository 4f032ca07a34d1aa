"""A whole run as a process of its own, under TLS: nothing that opens anything stands in its logs, audit files or database."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pyotp
import websockets

from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER
from fengsui.features.policy.signing import FOLDER as PUBLISHERS
from fengsui.features.tickets.register import HttpRegister
from fengsui.simulators.identity import Registrar
from fengsui.wire.sip.digest import Challenge
from fengsui.wire.sip.message import SipResponse, parse_message
from tests.node.alarm_hosts import burglary, datagram, sender_of, told
from tests.node.conftest import SERVER, powered, simulated_camera, until
from tests.node.identity_provider import PASSWORD as PROVIDER_PASSWORD
from tests.node.identity_provider import SECRET as CLIENT_SECRET
from tests.node.identity_provider import IdentityProvider, Workstation
from tests.node.test_abuse import register
from tests.node.test_own_site import CONSOLE
from tests.node.test_storage_faults import write_config
from tests.ports import free_port

BUCKET_KEY, REGISTER_PASSWORD = "bucket-secret-key-PLOVER", "register-password-YOHO"
CASE = "A5201022026110001"
WRONG, OWN, DEVICE = "a-wrong-guess-XYZZY", "my-own-password-PLUGH", "device-password-FROBOZZ"


class Secrets:
    """Everything the run used that opens something, by what it is."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {"wrong password": WRONG, "own password": OWN, "device password": DEVICE}

    def add(self, what: str, secret: str) -> str:
        """Long enough not to stand somewhere by chance."""
        assert len(secret) >= 8, what
        self.of[f"{what} {len(self.of)}"] = secret
        return secret

    def found_in(self, text: bytes) -> list[str]:
        """Names of those that stand in a text."""
        return [what for what, secret in self.of.items() if secret.encode() in text]


@contextlib.asynccontextmanager
async def node_process(config: Path, data: Path, people: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """`fengsui run`, its output in files, ended by a signal as usual."""
    with (data.parent / "stdout").open("wb") as out, (data.parent / "stderr").open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fengsui", "run", "--config", str(config), "--data", str(data), stdout=out, stderr=err, env=people
        )
        try:
            yield process
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), 30)


async def sign_in_with_everything(client: httpx.AsyncClient, first: str, secrets: Secrets) -> None:
    """Password, its change, a code, recovery codes, a program's token; and what is wrong."""

    async def signed(password: str, **more: str) -> None:
        answer = await client.post("/session", json={"name": "duty", "password": password, **more})
        assert answer.status_code == 201, answer.text
        secrets.add("token", answer.json()["token"])
        for name, value in client.cookies.items():
            secrets.add(name, value)

    assert (await client.post("/session", json={"name": "duty", "password": WRONG})).status_code == 401
    assert (await client.post("/session", json={"name": "nobody", "password": first})).status_code == 401
    await signed(first)
    assert (await client.post("/session/password", json={"old": first, "new": OWN})).status_code == 204
    seed = secrets.add("TOTP secret", (await client.post("/account/authenticator", json={"proof": OWN})).json()["secret"])
    codes = (await client.post("/account/authenticator/confirm", json={"code": pyotp.TOTP(seed).now()})).json()["codes"]
    for code in codes:
        secrets.add("recovery code", code)
    await signed(OWN, otp=codes[0])
    made = await client.post(
        "/account/tokens", json={"name": "wall", "functions": ["look-around", "view-live"], "days": 1, "proof": codes[-1]}
    )
    program = secrets.add("program's token", made.json()["text"])
    bearer = {"authorization": f"Bearer {program}"}
    assert (await client.get("/cameras", headers=bearer)).status_code == 200
    assert (await client.get("/cameras", headers={"authorization": f"Bearer {WRONG}"})).status_code == 401


async def sign_in_by_provider(api: str, trust: ssl.SSLContext, provider: IdentityProvider, secrets: Secrets) -> None:
    """State, code, cookies and the passwords of client and person."""
    provider.account("wang", "desk")
    secrets.add("client's secret", CLIENT_SECRET)
    secrets.add("password at the provider", PROVIDER_PASSWORD)
    desk = Workstation(api, trust, provider)
    for last in ({"code": "a-made-up-code-XYZZY"}, {}):
        address = await desk.begin()
        secrets.add("cookie of the way", next(iter(desk.client.cookies.values())))
        answer = await desk.at_provider(address, "wang")
        for what in ("state", "code"):
            secrets.add(f"provider's {what}", {**answer, **last}[what])
        signed = await desk.finish({**answer, **last})
        assert signed.status_code == (401 if last else 201), signed.text
    secrets.add("token", signed.json()["token"])
    await desk.close()


async def open_emergency(client: httpx.AsyncClient, secrets: Secrets) -> None:
    """By a wrong proof, and by a code that nobody has used."""
    danger = {"area": "5201", "danger": "life", "said": "有人落水,立即查看"}
    codes = [secret for what, secret in secrets.of.items() if what.startswith("recovery code")]
    for proof, status in ((WRONG, 401), (codes[1], 201)):
        answer = await client.post("/emergencies", json={**danger, "proof": proof})
        assert answer.status_code == status, answer.text


async def report_by_alarm_host(system: httpx.AsyncClient, bearer: dict[str, str], port: int, secrets: Secrets) -> None:
    """An alarm that is taken, one under another key, and a key that is none."""
    key, cut = (
        secrets.add("alarm host's key", "a-key-as-letters-QUUX-of-32-octs"),
        secrets.add("alarm host's key, cut", "a-key-QUUX-of-18."),
    )
    secrets.add("alarm host's key in digits", key.encode().hex())
    for text, status in ((cut, 422), (key, 201)):
        body = {"account": "4321", "site": "银行", "key": text, "key_form": "text"}
        answer = await system.post("/alarm-hosts", json=body, headers=bearer)
        assert answer.status_code == status and text not in answer.text
    for used, token in ((key, "*ACK"), (key[::-1], "DUH")):
        answered = await datagram(port, burglary(sender_of("4321", used.encode()), 1))
        assert told(answered, used.encode())[0] == token


async def appoint_by_two(base: str, trust: ssl.SSLContext, passwords: dict[str, str], secrets: Secrets) -> None:
    """A new person whom a second security administrator approves, at another workstation."""
    async with contextlib.AsyncExitStack() as opened:
        clients = []
        for name, address in (("security", "127.0.0.1"), ("security-2", "127.0.0.22")):
            way = httpx.AsyncHTTPTransport(local_address=address, verify=trust)
            client = await opened.enter_async_context(httpx.AsyncClient(base_url=base, transport=way, timeout=30))
            token = (await client.post("/session", json={"name": name, "password": passwords[name]})).json()["token"]
            client.headers["Authorization"] = f"Bearer {secrets.add('token', token)}"
            client.cookies.clear()
            clients.append(client)
        order = {"name": "li.si", "appointments": [{"post": "operator", "area": "520102"}], "reason": "new in the unit"}
        made = (await clients[0].post("/users", json=order)).json()
        secrets.add("first password", made["password"])
        path = f"/approvals/{made['request']['id']}"
        read = (await clients[1].get(path)).json()
        approved = await clients[1].post(f"{path}/approve", json={"hash": read["hash"]})
        assert approved.status_code == 200, approved.text


async def ask_the_register(client: httpx.AsyncClient) -> None:
    """A ticket whose number is looked up at a register that is away."""
    purposes = (await client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in purposes if one["code"] == "crime-investigation")
    bounds = {"area": "520102", "since": "2026-11-26T08:00:00Z", "until": "2026-11-26T09:00:00Z"}
    order = {"purpose": crime["code"], "case_number": CASE, "legal_basis": crime["basis"][0], "bounds": bounds}
    assert (await client.post("/tickets", json=order)).status_code == 201
    away = await client.post("/unmatched-tickets/reconcile")
    assert (away.status_code, away.json()["code"]) == (503, "ticket.register_away")
    assert REGISTER_PASSWORD not in away.text


async def test_the_registers_password_is_shown_to_the_register_alone() -> None:
    shown: list[str | None] = []

    class Register(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers["authorization"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Register)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        place = f"127.0.0.1:{server.server_port}/cases"
        assert await HttpRegister(f"http://reader:p%40ss@{place}").known({CASE}) == {CASE}
        assert await HttpRegister(f"http://{place}").known({CASE}) == {CASE}
    finally:
        server.shutdown()
        server.server_close()
    assert shown == [f"Basic {base64.b64encode(b'reader:p@ss').decode()}", None]


async def register_by_hand(config_port: int, password: str, secrets: Secrets) -> None:
    """REGISTER with a digest whose every part is known here."""
    code = f"{SERVER[:10]}1320000077"
    reader, writer = await asyncio.open_connection("127.0.0.1", config_port)

    async def asked(number: int, extra: str = "") -> SipResponse:
        writer.write(register(number, code, extra).replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
        answer = parse_message(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20))
        assert isinstance(answer, SipResponse)
        return answer

    challenge = Challenge.parse((await asked(1)).headers.get("www-authenticate"))
    for number, (known, status) in enumerate((("wrong", 403), (password, 200)), 2):
        shown = challenge.answer(username=code, password=known, method="REGISTER", uri=f"sip:{SERVER}@{SERVER[:10]}")
        secrets.add("digest response", shown.response)
        answer = await asked(number, f"Authorization: {shown.to_text()}\r\n")
        assert answer.status in (status, 401), answer
    writer.close()


async def test_nothing_that_opens_anything_stands_in_logs_audit_or_database(tmp_path: Path) -> None:
    data, secrets = tmp_path / "data", Secrets()
    config, ports = write_config(tmp_path, '[sign_in]\nsecond_factor = "optional"\n[access]\nprerequisites = []\n')
    tls_port = free_port()
    text = config.read_text().replace("tls = false\n", "")
    join = secrets.add("registration password", "join-password-QUUX")
    config.write_text(
        text.replace("[signalling]\n", f'[signalling]\ntls_port = {tls_port}\nadmission = "password"\npassword = "{join}"\n')
    )
    provider = IdentityProvider([f"https://127.0.0.1:{ports['http']}/sign-in/city"])
    (tmp_path / "city.secret").touch(0o600)
    (tmp_path / "city.secret").write_text(CLIENT_SECRET)
    with config.open("a") as more:
        more.write(
            f'[single_sign_on.city]\nissuer = "{provider.issuer}"\nclient_id = "fengsui"\n'
            f'client_secret_file = "{tmp_path / "city.secret"}"\nscopes = ["openid", "profile", "groups"]\n'
            '[[single_sign_on.city.groups]]\ngroup = "desk"\npost = "operator"\narea = ""\nclasses = ["government"]\n'
        )
    (tmp_path / "bucket.key").touch(0o600)
    (tmp_path / "bucket.key").write_text(f"access-key-XYZZY\n{secrets.add('key of the bucket', BUCKET_KEY)}\n")
    register_at = f"http://reader:{secrets.add('password of the register', REGISTER_PASSWORD)}@127.0.0.1:{free_port()}/cases"
    (data / PUBLISHERS).mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, data / PUBLISHERS)
    with config.open("a") as more:
        more.write(
            f'[policy]\nfirst_pack = {json.dumps(str(DEMO_PACK))}\n[tickets]\ncase_register = "{register_at}"\n'
            f'[audit]\ncopies = ["s3://checkpoints/here"]\n'
            f'[audit.bucket]\nendpoint = "http://127.0.0.1:{free_port()}"\nkey_file = "{tmp_path / "bucket.key"}"\n'
        )
    passwords = {one.name: secrets.add(f"password of {one.name}", f"first-password-of-{one.name}") for one in DEMONSTRATION}
    async with node_process(config, data, {**os.environ, FIRST_PEOPLE: to_text(demonstration(passwords))}):
        await until(lambda: b"Console" in (tmp_path / "stdout").read_bytes(), what="the node runs", seconds=120)
        trust = ssl.create_default_context(cafile=data / "tls" / "ca.pem")
        base = f"https://127.0.0.1:{ports['http']}/api/v1"
        async with httpx.AsyncClient(base_url=base, verify=trust, timeout=30, headers=CONSOLE) as client:
            await sign_in_with_everything(client, passwords["duty"], secrets)
            async with httpx.AsyncClient(base_url=base, verify=trust, timeout=30) as system:
                answer = await system.post("/session", json={"name": "system", "password": passwords["system"]})
                bearer = {"authorization": f"Bearer {secrets.add('token', answer.json()['token'])}"}
                added = {"code": f"{SERVER[:10]}1320000088", "password": DEVICE}
                assert (await system.post("/devices", json=added, headers=bearer)).status_code == 201
                await report_by_alarm_host(system, bearer, ports["alarms"], secrets)
            await appoint_by_two(base, trust, passwords, secrets)
            await open_emergency(client, secrets)
            await ask_the_register(client)
            with provider:
                await sign_in_by_provider(base, trust, provider, secrets)
            await register_by_hand(ports["sip"], join, secrets)
            camera = simulated_camera(Registrar("127.0.0.1", tls_port, SERVER, SERVER[:10], join, trust), transport="TLS")
            async with powered(camera):
                path = f"/cameras/{camera.identity.code}"

                async def listed() -> bool:
                    return (await client.get(path)).status_code == 200

                await until(listed, what="the camera is listed")
                opened = (await client.post(f"{path}/live", json={"codecs": ["h264"]})).json()
                ticket = secrets.add("media ticket", opened["ws_fmp4"].partition("ticket=")[2])
                secrets.add("ticket's seal", ticket.partition(".")[2])
                async with websockets.connect(opened["ws_fmp4"], ssl=trust, max_size=None) as pictures:
                    await pictures.recv()
                assert (await client.get(opened["hls"])).status_code == 200
                assert (await client.get(opened["hls"] + "x")).status_code == 403
                assert (await client.get(f"{path}/picture")).status_code == 200
                assert (await client.post(f"/live/{opened['session']}/renew")).status_code == 200
            events = f"wss://127.0.0.1:{ports['http']}/api/v1/events"
            for token in (next(secret for what, secret in secrets.of.items() if what.startswith("program's")), WRONG):
                with contextlib.suppress(websockets.InvalidStatus):
                    async with websockets.connect(f"{events}?token={token}", ssl=trust):
                        pass
            assert (await client.delete("/session")).status_code == 204
    for path in sorted((data / "secrets").iterdir()):
        kept = path.read_text().strip()
        secrets.add(path.name, kept.splitlines()[1] if "PRIVATE KEY" in kept else kept)
    assert len(secrets.of) > 30
    logged = (tmp_path / "stderr").read_bytes()
    assert b"node ready" in logged
    assert secrets.found_in(logged) == []
    assert secrets.found_in((tmp_path / "stdout").read_bytes()) == []
    recorded = b"".join(path.read_bytes() for path in sorted((data / "audit").rglob("*")) if path.is_file())
    assert b"alarm-host.add" in recorded and b"media.refused" in recorded and b"session.begin" in recorded
    assert b"emergency.open" in recorded and b"approval.apply" in recorded and b"ticket.reconcile" in recorded
    assert secrets.found_in(recorded) == []
    stored = b"".join(path.read_bytes() for path in data.glob("node.db*"))
    by_devices = {"device password", *(what for what in secrets.of if what.startswith("registration"))}
    assert set(secrets.found_in(stored)) <= by_devices, "SIP's digest needs the password of a device itself"
