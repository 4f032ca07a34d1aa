"""One identity provider: where it is, and what its token says of a person once it is verified.

Sources: OpenID Connect Core 1.0 §3.1 (code flow, validation), Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer of an answer).
"""

from __future__ import annotations

import asyncio
import json
import ssl
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError, MissingClaimError
from joserfc.jwk import KeySet

from fengsui.clock import Clock
from fengsui.errors import WrongSettings
from fengsui.features.access.group_mapping import GroupMapping, groups_in
from fengsui.features.access.personnel_numbers import number_of
from fengsui.features.access.provider_errors import ProviderAway, TokenRefused
from fengsui.single_sign_on_settings import ProviderSection

ANSWER_S, KEPT_S, AWAY_S = 8.0, 3_600.0, 5.0
"""The provider has so long; what it says of itself is kept; after it did not answer, nobody asks again for so long."""
MAX_OCTETS = 1 << 20
LEEWAY_S = 60
"""By which the two clocks may differ."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Signatures that only the provider can make; never `none`, never one by a shared secret."""
WHY: Mapping[str, tuple[str, str]] = {
    "signature": ("签名不正确", "the signature is wrong"),
    "iss": ("签发者不符", "another issuer"),
    "aud": ("签发给了另一个系统", "it is for another system"),
    "azp": ("签发给了另一个系统", "it is for another system"),
    "exp": ("已过期", "it has expired"),
    "iat": ("签发时间不正确", "its time of issue is wrong"),
    "nonce": ("不属于此次登录", "it is not of this sign-in"),
    "auth_time": ("没有重新验证身份", "the person did not sign in anew"),
    "code": ("授权码无效或已使用", "the code is wrong or was used"),
    "sub": ("没有可用的用户标识", "it names no person"),
    "userinfo": ("用户信息属于另一人", "the userinfo is of another person"),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider's verified token is about. `second_factor`: it tells of one."""

    subject: str
    name: str
    full_name: str
    personnel_number: str
    groups: tuple[str, ...]
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that waits for the provider's answer. `at`: when it began, seconds since 1970."""

    provider: str
    redirect_uri: str
    nonce: str
    verifier: str
    at: float


class _Limited(httpx2.AsyncHTTPTransport):
    """Answers longer than MAX_OCTETS are not read."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await super().handle_async_request(request)
        octets = bytearray()
        async for piece in answer.aiter_raw():
            octets += piece
            if len(octets) > MAX_OCTETS:
                raise httpx2.ReadError(f"an answer of more than {MAX_OCTETS} octets")
        await answer.aclose()
        return httpx2.Response(answer.status_code, headers=answer.headers, content=bytes(octets), request=request)


class Provider:
    """Made from its settings; reads the secret and the CAs at once. Raises WrongSettings."""

    def __init__(self, name: str, settings: ProviderSection, clock: Clock) -> None:
        self.name = name
        self.settings = settings
        self.mapping = GroupMapping(settings.groups)
        self._clock = clock
        self._secret = _secret_in(f"single_sign_on.{name}", Path(settings.client_secret_file))
        self._trust = _trust(f"single_sign_on.{name}", settings.ca)
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None
        self._away: tuple[float, ProviderAway] | None = None
        self._asking = asyncio.Lock()

    async def look(self) -> None:
        """Whether the provider answers. Raises ProviderAway."""
        await self._description()

    async def address_for(self, begun: Begun, state: str) -> str:
        """Where the browser goes to sign in. Raises ProviderAway."""
        described = await self._description()
        more: dict[str, str] = {}
        if self.settings.sign_in_again:
            more |= {"prompt": "login", "max_age": "0"}
        if self.settings.levels:
            more["acr_values"] = " ".join(self.settings.levels)
        async with self._client(begun.redirect_uri) as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=begun.nonce, code_verifier=begun.verifier, **more
            )
        return str(address)

    async def identity(self, begun: Begun, code: str, issuer: str) -> Identity:
        """Exchanges the code; `issuer`: as the answer named it, empty where it did not. Raises ProviderAway, TokenRefused."""
        described = await self._description()
        promised = described.get("authorization_response_iss_parameter_supported") is True
        if (issuer or promised) and issuer != self.settings.issuer:
            raise _refused("iss")
        async with self._client(begun.redirect_uri) as client:
            token = await self._exchanged(client, described, begun, code)
            claims = await self._claims(client, described, begun, token)
            about = {**await self._userinfo(client, described, claims["sub"]), **claims} if self._wants_more(claims) else claims
        return self._identity(about)

    async def _exchanged(self, client: Any, described: dict[str, Any], begun: Begun, code: str) -> dict[str, Any]:
        try:
            with self._answers():
                token: dict[str, Any] = await client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=begun.verifier, grant_type="authorization_code"
                )
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise _refused("code") from error
            raise self._is_away(f"token endpoint: {_word(error.error)}") from error
        return token

    async def _claims(self, client: Any, described: dict[str, Any], begun: Begun, token: dict[str, Any]) -> dict[str, Any]:
        signed = token.get("id_token")
        if not isinstance(signed, str):
            raise self._is_away("no id_token")
        decoded = await self._decoded(client, described, signed)
        asked = {"nonce": begun.nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")}
        options = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        claims = CodeIDToken(decoded.claims, decoded.header, options, asked)
        try:
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_S)
        except ExpiredTokenError as error:
            raise _refused("exp") from error
        except (InvalidClaimError, MissingClaimError) as error:
            raise _refused(error.claim) from error
        except JoseError as error:
            raise _refused("iat") from error
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if self.settings.client_id not in audiences or (len(audiences) > 1 and "azp" not in claims):
            raise _refused("aud")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255 or not claims["sub"].isprintable():
            raise _refused("sub")
        proved_at = claims.get("auth_time")
        if self.settings.sign_in_again and not (isinstance(proved_at, int | float) and proved_at >= begun.at - LEEWAY_S):
            raise _refused("auth_time")
        return dict(claims)

    async def _decoded(self, client: Any, described: dict[str, Any], signed: str) -> jwt.Token:
        """Its signature verified; keys are read again once where none of them is the one. Raises TokenRefused, ProviderAway."""
        for again in (False, True):
            fresh = self._keys is None or again
            if fresh:
                found = await self._read(client, described["jwks_uri"])
                try:
                    self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
                except (JoseError, KeyError, TypeError, ValueError) as error:
                    raise self._is_away("jwks_uri: no keys") from error
            assert self._keys is not None
            try:
                return jwt.decode(signed, self._keys, algorithms=ALGORITHMS)
            except (BadSignatureError, InvalidKeyIdError) as error:
                if fresh:
                    raise _refused("signature") from error
            except (JoseError, ValueError) as error:
                raise _refused("signature") from error
        raise _refused("signature")

    def _wants_more(self, claims: dict[str, Any]) -> bool:
        return not groups_in(claims, self.settings.groups_claim) or self.settings.name_claim not in claims

    async def _userinfo(self, client: Any, described: dict[str, Any], subject: str) -> dict[str, Any]:
        if "userinfo_endpoint" not in described:
            return {}
        found = await self._read(client, described["userinfo_endpoint"], withhold_token=False)
        if found.get("sub") != subject:
            raise _refused("userinfo")
        return found

    def _identity(self, claims: dict[str, Any]) -> Identity:
        settings = self.settings
        words, level = claims.get("amr"), claims.get("acr")
        proved = isinstance(words, list) and any(word in settings.methods for word in words)
        name, full_name = claims.get(settings.name_claim), claims.get(settings.full_name_claim)
        return Identity(
            subject=claims["sub"],
            name=name if isinstance(name, str) else "",
            full_name=full_name[:64] if isinstance(full_name, str) and full_name.isprintable() else "",
            personnel_number=_number(claims.get(settings.personnel_claim)) if settings.personnel_claim else "",
            groups=tuple(one for one in groups_in(claims, settings.groups_claim) if one.isprintable()),
            second_factor=settings.second_factor == "provider" and (proved or level in settings.levels),
        )

    async def _description(self) -> dict[str, Any]:
        """What the provider says of itself, kept for a while. Raises ProviderAway."""
        async with self._asking:
            now_s = self._clock.monotonic_s()
            if self._described is not None and now_s < self._described[0] + KEPT_S:
                return self._described[1]
            if self._away is not None and now_s < self._away[0] + AWAY_S:
                raise ProviderAway(**self._away[1].facts)
            try:
                async with self._client("") as client:
                    found = await self._read(client, f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
                self._look_at(found)
            except ProviderAway as error:
                self._away = now_s, error
                raise
            self._described, self._keys, self._away = (now_s, found), None, None
            return found

    def _look_at(self, described: dict[str, Any]) -> None:
        if described.get("issuer") != self.settings.issuer:
            raise self._is_away("it names another issuer")
        local = urlsplit(self.settings.issuer).scheme == "http"
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
            address = described.get(name)
            if address is None and name == "userinfo_endpoint":
                continue
            if not isinstance(address, str) or urlsplit(address).scheme not in (("https", "http") if local else ("https",)):
                raise self._is_away(f"no {name}")

    def _client(self, redirect_uri: str) -> Any:
        return AsyncOAuth2Client(
            self.settings.client_id,
            self._secret,
            token_endpoint_auth_method=f"client_secret_{self.settings.client_authentication}",
            scope=" ".join(self.settings.scopes),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            transport=_Limited(verify=self._trust),
            timeout=ANSWER_S,
            trust_env=False,
        )

    async def _read(self, client: Any, address: str, *, withhold_token: bool = True) -> dict[str, Any]:
        with self._answers():
            answer = await client.request("GET", address, withhold_token=withhold_token)
            answer.raise_for_status()
            found = answer.json()
        if not isinstance(found, dict):
            raise self._is_away("its answer is no JSON object")
        return found

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """Raises ProviderAway for whatever a network and a foreign program can do."""
        try:
            yield
        except httpx2.HTTPStatusError as error:
            raise self._is_away(f"HTTP {error.response.status_code}") from error
        except httpx2.TimeoutException as error:
            raise self._is_away(f"no answer within {ANSWER_S:g} s") from error
        except (httpx2.HTTPError, ssl.SSLError, OSError) as error:
            raise self._is_away(str(error)[:200] or type(error).__name__) from error
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise self._is_away("its answer is no JSON") from error

    def _is_away(self, why: str) -> ProviderAway:
        return ProviderAway(provider=self.name, why=why)


def _refused(what: str) -> TokenRefused:
    why_zh, why_en = WHY.get(what, (f"声明 {what} 不正确", f"the claim {what} is wrong"))
    return TokenRefused(why_zh=why_zh, why_en=why_en)


def _word(text: object) -> str:
    """Only what an error's name is made of: nobody else's sentences are told."""
    return "".join(letter for letter in str(text)[:40] if letter.isascii() and (letter.isalnum() or letter in "_-"))


def _secret_in(where: str, path: Path) -> str:
    where = f"{where}.client_secret_file"
    try:
        rights = path.stat().st_mode
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(
            what=f"{where}: {error}",
            do_zh=f"请把客户端密钥写入该文件,并执行 chmod 600 {path}",
            do_en=f"Write the client's secret into that file, then run chmod 600 {path}",
        ) from error
    if stat.S_IMODE(rights) & 0o077:
        raise WrongSettings(
            what=f"{where}: {path} is open to other users",
            do_zh=f"请执行 chmod go= {path};密钥可能已泄露,请考虑更换",
            do_en=f"Run chmod go= {path}; it may have leaked: think of a new one",
        )
    if not secret or any(letter.isspace() for letter in secret):
        raise WrongSettings(
            what=f"{where}: {path} is not one line",
            do_zh="该文件只写客户端密钥一行",
            do_en="Write the client's secret alone, in one line",
        )
    return secret


def _trust(where: str, ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or None)
    except (OSError, ssl.SSLError) as error:
        raise WrongSettings(
            what=f"{where}.ca: {ca}: {error}", do_zh="请给出 PEM 格式的 CA 证书", do_en="Give the certificates of its CA in PEM"
        ) from error


def _number(claim: object) -> str:
    """A number as a text; empty for what is neither."""
    text = str(claim).strip() if isinstance(claim, str | int) and not isinstance(claim, bool) else ""
    return number_of(text)[:64] if text.isprintable() else ""
