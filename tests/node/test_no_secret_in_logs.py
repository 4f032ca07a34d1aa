"""A whole run as a process of its own, under TLS: nothing that opens anything stands in its logs, audit files or database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pyotp
import websockets

from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration, to_text
from fengsui.simulators.identity import Registrar
from fengsui.wire.sip.digest import Challenge
from fengsui.wire.sip.message import SipResponse, parse_message
from tests.node.conftest import SERVER, powered, simulated_camera, until
from tests.node.identity_provider import PASSWORD as PROVIDER_PASSWORD
from tests.node.identity_provider import SECRET as CLIENT_SECRET
from tests.node.identity_provider import IdentityProvider, Workstation
from tests.node.test_abuse import register
from tests.node.test_own_site import CONSOLE
from tests.node.test_storage_faults import write_config
from tests.ports import free_port

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
    seed = secrets.add("TOTP secret", (await client.post("/account/authenticator")).json()["secret"])
    codes = (await client.post("/account/authenticator/confirm", json={"code": pyotp.TOTP(seed).now()})).json()["codes"]
    for code in codes:
        secrets.add("recovery code", code)
    await signed(OWN, otp=codes[0])
    made = await client.post("/account/tokens", json={"name": "wall", "functions": ["look-around", "view-live"], "days": 1})
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
    passwords = {one.name: secrets.add(f"password of {one.name}", f"first-password-of-{one.name}") for one in DEMONSTRATION}
    async with node_process(config, data, {**os.environ, FIRST_PEOPLE: to_text(demonstration(passwords))}):
        await until(lambda: b"Console" in (tmp_path / "stdout").read_bytes(), what="the node runs", seconds=60)
        trust = ssl.create_default_context(cafile=data / "tls" / "ca.pem")
        base = f"https://127.0.0.1:{ports['http']}/api/v1"
        async with httpx.AsyncClient(base_url=base, verify=trust, timeout=30, headers=CONSOLE) as client:
            await sign_in_with_everything(client, passwords["duty"], secrets)
            async with httpx.AsyncClient(base_url=base, verify=trust, timeout=30) as system:
                answer = await system.post("/session", json={"name": "system", "password": passwords["system"]})
                bearer = {"authorization": f"Bearer {secrets.add('token', answer.json()['token'])}"}
                added = {"code": f"{SERVER[:10]}1320000088", "password": DEVICE}
                assert (await system.post("/devices", json=added, headers=bearer)).status_code == 201
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
    assert b"media.refused" in recorded and b"session.begin" in recorded
    assert secrets.found_in(recorded) == []
    stored = b"".join(path.read_bytes() for path in data.glob("node.db*"))
    by_devices = {"device password", *(what for what in secrets.of if what.startswith("registration"))}
    assert set(secrets.found_in(stored)) <= by_devices, "SIP's digest needs the password of a device itself"
