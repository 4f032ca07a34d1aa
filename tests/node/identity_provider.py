"""A certified OpenID provider as a process of its own, and people at workstations who sign in by it."""

from __future__ import annotations

import contextlib
import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx

from fengsui.settings import NodeSettings
from tests.node.conftest import settings_for
from tests.ports import free_port

HOME = Path(__file__).parent.parent / "identity_provider"
SECRET, PASSWORD = "client-secret-WALDO", "at-the-provider-GARPLY"
CONSOLE = {"x-fengsui-console": "1"}
STARTED_S = 60


class IdentityProvider:
    """`oidc-provider` on a free loopback port, until the block ends."""

    def __init__(self, redirect_uris: list[str], certificate: tuple[Path, Path] | None = None, *, host: str = "127.0.0.1") -> None:
        self.port = free_port()
        self.issuer = f"http{'s' if certificate else ''}://{host}:{self.port}"
        self._redirect_uris = redirect_uris
        self._certificate = certificate
        self._process: subprocess.Popen[bytes] | None = None
        self.trust = ssl.create_default_context(cafile=str(certificate[0]) if certificate else None)
        self.client = httpx.Client(base_url=self.issuer, timeout=30, verify=self.trust)

    def start(self) -> None:
        """With fresh keys, no accounts and no sessions."""
        assert (HOME / "node_modules").is_dir(), "run scripts/install-test-tools first: the provider is not installed"
        client = {
            "client_id": "fengsui",
            "client_secret": SECRET,
            "redirect_uris": self._redirect_uris,
            "scope": "openid profile groups",
        }
        files = [str(one) for one in (self._certificate[1], self._certificate[0])] if self._certificate else []
        command = [shutil.which("node") or "node", "provider.mjs", str(self.port), self.issuer, json.dumps([client]), *files]
        self._process = subprocess.Popen(command, cwd=HOME, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + STARTED_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                self.client.get("/.well-known/openid-configuration").raise_for_status()
                return
            time.sleep(0.05)
        raise AssertionError(f"the provider did not start: {self._process.poll()}")

    def stop(self) -> None:
        """As when its machine is switched off."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self.client.close()

    def account(self, name: str, *groups: str, amr: list[str] | None = None, **claims: object) -> str:
        """Makes or changes one; the name again."""
        told = {"name": f"{name} 同志", "preferred_username": name, "groups": list(groups), **claims}
        body = {"password": PASSWORD, "claims": told, "amr": amr or ["pwd"]}
        assert self.client.put(f"/test/accounts/{name}", json=body).status_code == 204
        return name

    def next_token(self, **claims: object) -> None:
        """Replaces claims of the next id_token; `forged`: signed by another key."""
        assert self.client.put("/test/next-token", json=claims).status_code == 204


class Workstation:
    """One browser at one desk: its cookies for the node and for the provider."""

    def __init__(self, api: str, trust: ssl.SSLContext, provider: IdentityProvider, *, browser: str = "desk 1") -> None:
        self.name = "city"
        self.client = httpx.AsyncClient(base_url=api, timeout=30, headers={**CONSOLE, "user-agent": browser}, verify=trust)
        self.origin = api.rstrip("/").removesuffix("/api/v1")
        self.elsewhere = httpx.AsyncClient(timeout=30, headers={"user-agent": browser}, verify=provider.trust)

    async def close(self) -> None:
        """Both."""
        await self.client.aclose()
        await self.elsewhere.aclose()

    async def begin(self) -> str:
        """The provider's address."""
        answer = await self.client.post(f"/session/providers/{self.name}")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["url"])

    async def at_provider(self, address: str, account: str, password: str = PASSWORD) -> dict[str, str]:
        """Signs in on the provider's own page; what it gives the browser for the node."""
        answer = await self.elsewhere.get(address)
        for _ in range(10):
            where = answer.headers.get("location", "")
            if where.startswith(self.origin):
                assert urlsplit(where).path == f"/sign-in/{self.name}"
                return {key: value[0] for key, value in parse_qs(urlsplit(where).query).items()}
            if answer.is_redirect:
                answer = await self.elsewhere.get(answer.url.join(where))
            else:
                assert answer.status_code == 200 and "用户名或口令不正确" not in answer.text, answer.text
                form = {"name": account, "password": password}
                answer = await self.elsewhere.post(answer.url, data=form)
        raise AssertionError("the provider never answered")

    async def finish(self, answer: dict[str, str]) -> httpx.Response:
        """What the console's page posts."""
        return await self.client.post(f"/session/providers/{self.name}/answer", json=answer)

    async def sign_in(self, account: str) -> httpx.Response:
        """The whole way."""
        return await self.finish(await self.at_provider(await self.begin(), account))


def mapped(group: str, post: str, area: str = "5201", *classes: str) -> dict[str, object]:
    """An entry of the mapping."""
    return {"group": group, "post": post, "area": area, "classes": list(classes or ("government",))}


GROUPS = [
    mapped("desk", "operator"),
    mapped("desk", "maintenance", "520102"),
    mapped("lead", "duty-supervisor"),
    mapped("keys", "security-administrator", ""),
    mapped("logs", "audit-administrator", ""),
]


def settings_with(folder: Path, issuer: str, base: NodeSettings | None = None, **more: Any) -> NodeSettings:
    """`more`: sections, and `provider` for entries of the provider."""
    secret = folder / "city.secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    secret.chmod(0o600)
    provider = {
        "issuer": issuer,
        "client_id": "fengsui",
        "client_secret_file": str(secret),
        "scopes": ["openid", "profile", "groups"],
        "button_zh": "用市局统一身份登录",
        "groups": GROUPS,
        **more.pop("provider", {}),
    }
    plain = (base or settings_for()).model_dump()
    plain["access"]["prerequisites"] = []
    for section, entries in more.items():
        plain[section].update(entries)
    return NodeSettings.model_validate({**plain, "single_sign_on": {"city": provider}})


@contextlib.contextmanager
def provider_for(settings: NodeSettings, certificate: tuple[Path, Path] | None = None) -> Iterator[IdentityProvider]:
    """A provider that knows the node of these settings as its client."""
    scheme = "https" if settings.http.tls else "http"
    with IdentityProvider([f"{scheme}://127.0.0.1:{settings.http.port}/sign-in/city"], certificate) as provider:
        yield provider
