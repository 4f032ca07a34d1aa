"""Identity providers in the settings, and what their groups give."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from fengsui.settings_section import Seconds, Section

PostName = Literal[
    "operator",
    "duty-supervisor",
    "investigator",
    "commander",
    "patrol",
    "maintenance",
    "inspector",
    "partner-owner",
    "system-administrator",
    "security-administrator",
    "audit-administrator",
]
OFFICE = "-administrator"
"""How the names of the three offices end."""
ProviderName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,15}$")]
ClassName = Literal["government", "operating-unit", "private", "police-internal", "restricted"]


class GroupSection(Section):
    """Whom the provider puts into `group` holds `post` in `area` and below (empty: everywhere) for cameras of these classes."""

    group: Annotated[str, Field(min_length=1, max_length=256)]
    post: PostName
    area: Annotated[str, Field(pattern=r"^(\d\d){0,3}$")]
    classes: Annotated[list[ClassName], Field(min_length=1)]


class ProviderSection(Section):
    """One identity provider (OpenID Connect) by which people sign in: `[single_sign_on.NAME]`."""

    issuer: str
    """Exactly as the provider writes it in its tokens; `/.well-known/openid-configuration` is read below it."""
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: Annotated[str, Field(min_length=1)]
    """One line, for the owner's eyes alone."""
    client_authentication: Literal["basic", "post"] = "basic"
    ca: str = ""
    """CAs in PEM that the provider's certificate is of; empty: those of the system."""
    scopes: list[str] = Field(default_factory=lambda: ["openid", "profile"])
    name_claim: str = "preferred_username"
    """An account is named by it, an `@` and NAME."""
    full_name_claim: str = "name"
    personnel_claim: str = ""
    """Tells the personnel number (such as `employee_number`): an account here with the same number is the same person where two are
    asked for, and where offices exclude each other."""
    groups_claim: str = "groups"
    """Of the token, else of the userinfo; a dot goes into an object (`realm_access.roles`)."""
    groups: Annotated[list[GroupSection], Field(min_length=1)]
    button_zh: Annotated[str, Field(min_length=1, max_length=32)] = "用统一身份登录"
    button_en: Annotated[str, Field(min_length=1, max_length=64)] = "Sign in with single sign-on"
    second_factor: Literal["own", "provider"] = "own"
    """`provider`: the provider's second factor counts where its token tells of one; else our own is asked for."""
    methods: list[str] = Field(default_factory=lambda: ["mfa"])
    """Words of the token's `amr`, one of which tells of a second factor (RFC 8176)."""
    levels: list[str] = Field(default_factory=list)
    """Words of `acr`, one of which tells of it; the provider is asked for them."""
    sign_in_again: bool = True
    """The provider must ask the person anew each time: whoever takes the desk over is not signed in as the one before."""
    hold_s: Seconds = 24 * 3600
    """What a group gives ends so long after the latest sign-in: whoever left the group and stays away, and their programs."""

    @field_validator("issuer")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ValueError("an https:// address (http:// on this machine alone)")
        if not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an https:// address without ? and #, as the provider writes it in its tokens")
        return value

    @field_validator("scopes")
    @classmethod
    def _asks_who(cls, value: list[str]) -> list[str]:
        if "openid" not in value:
            raise ValueError('"openid" must be one of them, else no token tells who signs in')
        return value

    @field_validator("groups")
    @classmethod
    def _offices_apart(cls, value: list[GroupSection]) -> list[GroupSection]:
        posts: dict[str, set[str]] = {}
        for one in value:
            posts.setdefault(one.group, set()).add(one.post)
        for group, held in posts.items():
            if len(held) > 1 and any(post.endswith(OFFICE) for post in held):
                raise ValueError(
                    f"the group {group} gives {' and '.join(sorted(held))}: an administrator's office goes with no other post "
                    "(rule A35); make a group for each"
                )
        return value
