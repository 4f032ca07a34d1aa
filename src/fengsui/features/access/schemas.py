"""Shapes of signing in."""

from __future__ import annotations

import ipaddress
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from fengsui.features.access.posts import Function, Post
from fengsui.settings import Prerequisite

Policy = Literal["off", "optional", "required"]


class SignIn(BaseModel):
    """Name and password."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=256)
    otp: str | None = Field(default=None, max_length=16)


class NewFactorShape(BaseModel):
    """A way to sign in that came within the last seven days. `name`: of a passkey."""

    kind: Literal["authenticator", "passkey"]
    name: str
    added_at: datetime


class User(BaseModel):
    """Who is signed in."""

    id: int
    name: str
    full_name: str
    unit: str
    posts: list[Post]
    functions: list[Function]
    must_change_password: bool
    must_enrol: bool
    second_factor_policy: Policy
    has_second_factor: bool
    not_required: list[Prerequisite]
    """What accounts need by law and not by this node's settings."""
    lapses_on: date | None
    """The last day of the account, when its training lapses within thirty days (rule A9)."""
    zone: str
    """IANA time zone of the node: times are shown and typed in it."""
    lock_after_s: float
    """So long without pointer or keyboard, and the console is locked."""
    provider: str
    """The identity provider that the account comes from; empty for one of this node."""
    new_factors: list[NewFactorShape]
    """Whoever does not know one of these has a stranger in the account."""


class CutSession(BaseModel):
    """A session that ended: where it was, and when it had begun. `workstation`: how the browser named itself."""

    address: str
    workstation: str
    created_at: datetime


class Session(BaseModel):
    """A fresh session."""

    token: str
    user: User
    expires_at: datetime
    cut: list[CutSession]
    """Sessions of the same person that ended by this sign-in, where the policy lets a person work at one workstation."""


class Locking(BaseModel):
    """Why the console locks: by hand, or because nobody worked."""

    why: Literal["hand", "idle"] = "hand"


class ScreenLockShape(BaseModel):
    """Whose screen it is, and how they prove to be there: as at the sign-in. Without any way they sign in anew."""

    locked: bool
    name: str
    full_name: str
    ways: list[Literal["password", "password-and-code", "code", "passkey"]]


class Unlocking(BaseModel):
    """Password, code of the authenticator or recovery code, as `ways` says; or the browser's answer to the options."""

    password: str = Field(default="", max_length=256)
    code: str = Field(default="", max_length=256)
    credential: Credential | None = None


class AccountShape(BaseModel):
    """How one signs in."""

    policy: Policy
    authenticator: bool
    passkeys: int
    recovery_codes_left: int
    must_enrol: bool
    provider: str


class EnrolmentShape(BaseModel):
    """For an authenticator app: `secret` to type (base32), `uri` for a QR code. Told once."""

    secret: str
    uri: str


class Code(BaseModel):
    """Six digits of the authenticator, or a recovery code."""

    code: str = Field(min_length=6, max_length=16)


class RecoveryCodes(BaseModel):
    """Each opens once. Told once."""

    codes: list[str]


Credential = Annotated[dict[str, Any], Field(description="A PublicKeyCredential as `toJSON()` gives it")]


class FreshProof(BaseModel):
    """That it is still the same person: a code of the authenticator (or a recovery code), or the browser's answer to the options
    of a passkey; the password of whoever has neither; nothing, within five minutes of a sign-in at an identity provider.
    """

    proof: str = Field(default="", max_length=256)
    credential: Credential | None = None


class PasswordChange(FreshProof):
    """Old and new password. Whoever has passkeys says whether they stay; that they end takes a proof by the second factor."""

    old: str = Field(max_length=256)
    new: str = Field(max_length=256)
    keep_passkeys: bool | None = None


class PasskeyOptions(BaseModel):
    """What `PublicKeyCredential.parse…OptionsFromJSON` takes."""

    options: dict[str, Any]


class NewPasskey(BaseModel):
    """The browser's answer to the options, and a name to know the key by."""

    name: str = Field(min_length=1, max_length=64)
    credential: Credential


class PasskeyAnswer(BaseModel):
    """The browser's answer to the options of a sign-in."""

    credential: Credential


class ProviderShape(BaseModel):
    """An identity provider and the text of its button."""

    id: str
    zh: str
    en: str


class ProviderList(BaseModel):
    """Every provider that people may sign in by."""

    items: list[ProviderShape]


class ProviderAddress(BaseModel):
    """Where the browser goes to sign in."""

    url: str


class ProviderAnswer(BaseModel):
    """What the provider gave the browser for us: a code, or the name of an error."""

    state: str = Field(max_length=256)
    code: str = Field(default="", max_length=4096)
    error: str = Field(default="", max_length=256)
    iss: str = Field(default="", max_length=512)


class PasskeyShape(BaseModel):
    """One passkey."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


class PasskeyList(BaseModel):
    """Every passkey of a user."""

    items: list[PasskeyShape]


class SessionShape(BaseModel):
    """Where somebody is signed in. `workstation`: how the browser names itself."""

    id: str
    address: str
    workstation: str
    created_at: datetime
    used_at: datetime
    """When somebody last worked there."""
    current: bool
    locked: bool


class SessionList(BaseModel):
    """Every session of a user."""

    items: list[SessionShape]


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text.strip()))


TokenArea = Annotated[str, Field(pattern=r"^(\d{2}){0,4}$")]
Network = Annotated[str, Field(max_length=49), AfterValidator(_network)]


class NewApiToken(BaseModel):
    """A token for a program; it ends after `days`."""

    name: str = Field(min_length=1, max_length=64)
    functions: list[Function] = Field(min_length=1, max_length=16)
    days: int = Field(ge=1, le=366)
    proof: str = Field(min_length=1, max_length=256)
    """That it is still the same person: a code of the authenticator, or the password of whoever has none."""
    area: TokenArea = ""
    """Beyond it the token opens nothing; empty: as far as one's own rights reach."""
    networks: list[Network] = Field(default_factory=list, max_length=8)
    """Where the program runs, such as `10.1.0.0/16` or one address; none: anywhere."""


class ApiTokenShape(BaseModel):
    """One token; its text is not kept."""

    id: int
    name: str
    functions: list[Function]
    area: str
    networks: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class ApiTokenList(BaseModel):
    """Every token of a user."""

    items: list[ApiTokenShape]


class MadeApiToken(BaseModel):
    """The token and its text, told once."""

    token: ApiTokenShape
    text: str
