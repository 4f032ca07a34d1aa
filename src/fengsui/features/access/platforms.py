"""Other platforms at the one door: what each may do here, by agreement, and about whom it may speak. Pure. Rule A7.

A platform holds no post and no appointment: what it may do stands in the configuration, agreed between the two owners.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fengsui.features.access.refusals import Refusal
from fengsui.features.audit import NO_GROUND, Ground


class PlatformFunction(StrEnum):
    """What another platform can be allowed to do: a closed list."""

    HAND_IN_CHECKPOINTS = "hand-in-checkpoints"
    """Leave the checkpoints of its own audit log here, say where its log stands, and ask for its copy."""
    ASK_BY_SIP = "ask-by-sip"
    """Ask for pictures, lists, news or control as an upper platform (GB/T 28181)."""
    READ_CATALOGUE = "read-catalogue"
    """Ask for the part of the catalogue that is shared with it, and how that is (GB/T 28181)."""


FUNCTION_TEXTS: Mapping[PlatformFunction, tuple[str, str]] = {
    PlatformFunction.HAND_IN_CHECKPOINTS: ("送存审计日志检查点", "handing in checkpoints of its audit log"),
    PlatformFunction.ASK_BY_SIP: ("经 SIP 调阅视频、目录或控制设备", "asking for pictures, lists or control by SIP"),
    PlatformFunction.READ_CATALOGUE: ("读取共享的目录", "reading the shared catalogue"),
}


@dataclass(frozen=True, slots=True)
class Platform:
    """Another platform as the one who acts, by its code; how it proved itself is the business of whoever speaks with it."""

    name: str
    role: str = "platform"
    unit: str = ""
    session: str = ""
    address: str = ""
    workstation: str = ""
    ground: Ground = NO_GROUND
    proven: bool = True
    """It is the one it names: by registration, signature or certificate."""


class PlatformUnproven(Refusal):
    """Somebody names a platform, and has not proved to be it."""

    code = "access.platform_unproven"
    zh = "发送方未证明自己是平台 {platform}"
    en = "The sender has not proved to be the platform {platform}"
    remedy_zh = "请先以双方约定的编码和口令(或证书)注册,再发送请求"
    remedy_en = "Register with the agreed code and password (or certificate) first"


class PlatformNotAgreed(Refusal):
    """Nothing is agreed with this platform, or not this."""

    code = "access.platform_not_agreed"
    zh = "没有与平台 {platform} 约定“{function_zh}”"
    en = "Nothing is agreed with the platform {platform} about {function_en}"
    remedy_zh = "如确有约定,请在配置中登记该平台"
    remedy_en = "If it was agreed, enter the platform in the configuration"


class SpeaksForAnother(Refusal):
    """A platform speaks about itself alone here."""

    code = "access.speaks_for_another"
    zh = "平台 {platform} 不能代表 {about}"
    en = "The platform {platform} cannot speak for {about}"
    remedy_zh = "请由 {about} 自己发送"
    remedy_en = "It is for {about} itself to send that"


class Platforms:
    """What is agreed with each platform; empty at first: nobody may anything. `agreed`: by the configuration, set at composition;
    `entered`: with upper platforms, by whoever keeps them.
    """

    def __init__(self) -> None:
        self.agreed: Mapping[str, Collection[PlatformFunction]] = {}
        self.entered: Mapping[str, Collection[PlatformFunction]] = {}

    def check(self, platform: Platform, function: PlatformFunction, about: str) -> None:
        """The decision at the door. `about`: the code of the platform that it concerns. Raises Refusal."""
        if not platform.proven:
            raise PlatformUnproven(platform=platform.name or "?")
        if function not in (*self.agreed.get(platform.name, ()), *self.entered.get(platform.name, ())):
            zh, en = FUNCTION_TEXTS[function]
            raise PlatformNotAgreed(platform=platform.name, function_zh=zh, function_en=en)
        if about != platform.name:
            raise SpeaksForAnother(platform=platform.name, about=about)
