"""What a rule does, in a few words: Chinese first, English beside it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from fengsui.errors import FengsuiError
from fengsui.features.access import POST_TEXTS, Post
from fengsui.features.alarm_rules.model import (
    Action,
    ForwardAlarm,
    NotifyPeople,
    OpenIncident,
    Protect,
    RaisePriority,
    ShowCameras,
    StartProcedure,
    SwitchOutput,
)
from fengsui.features.alarms import Alarm
from fengsui.features.incidents import KIND_TEXTS
from fengsui.features.procedures import UnknownProcedure


class Said(NamedTuple):
    """The same in both languages. As text, which a time line keeps, both stand beside each other."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"


ProcedureName = Callable[[int, str], str | None]
"""Of the one of this number that is on and holds in an area; None: there is none."""
LinkTitle = Callable[[int, str], str]
"""Of the link of this number that takes alarms of an area; raises what says why it does not."""
OutputName = Callable[[int], str]
"""Of the output of this number that the rule may switch; raises what says why it may not."""
NO_PROCEDURE: Final = Said(UnknownProcedure.zh, UnknownProcedure.en)
DOES: Final[Mapping[str, Said]] = {
    "raise": Said("提高级别", "raise"),
    "protect": Said("保护录像", "protect"),
    "incident": Said("立警情", "incident"),
    "show": Said("列出摄像机", "show"),
    "procedure": Said("启动预案", "start procedure"),
    "forward": Said("转发", "forward"),
    "notify": Said("通知", "notify"),
    "output": Said("接通输出", "output"),
}
"""By what it does."""


def raised(before: int, to: int) -> Said:
    """One priority to another."""
    return Said(f"提高级别 {before} → {to}", f"raise {before} → {to}")


def failed(do: str, why: Said) -> Said:
    """An action that was not done."""
    return Said(f"{DOES[do].zh}失败:{why.zh}", f"{DOES[do].en} failed: {why.en}")


def why_of(error: Exception) -> Said:
    """What went wrong."""
    if isinstance(error, FengsuiError):
        return Said(error.text_zh, error.text_en)
    return Said(*[f"{type(error).__name__}: {error}"] * 2)


def would(action: Action, alarm: Alarm, procedure: ProcedureName, link: LinkTitle, output: OutputName) -> Said | None:
    """What it does about such an alarm; None: nothing, as the alarm stands. Such as are merely for the record get no procedure."""
    if isinstance(action, ForwardAlarm):
        try:
            return forwarded(link(action.link, alarm.area))
        except FengsuiError as error:
            return failed("forward", why_of(error))
    if isinstance(action, SwitchOutput):
        try:
            return switched(output(action.output), action.seconds)
        except FengsuiError as error:
            return failed("output", why_of(error))
    if isinstance(action, RaisePriority):
        return raised(alarm.priority, action.to) if alarm.priority > action.to else None
    if isinstance(action, Protect):
        return protected(action, alarm)
    if isinstance(action, OpenIncident):
        zh, en = KIND_TEXTS[action.type]
        return Said(f"立警情:{zh}", f"incident: {en}")
    if isinstance(action, StartProcedure):
        name = procedure(action.procedure, alarm.area)
        return failed("procedure", NO_PROCEDURE) if name is None else started(name)
    if isinstance(action, NotifyPeople):
        return notifies(action)
    return shown_said(action)


def notifies(action: NotifyPeople) -> Said:
    """Whom, by what they are."""
    texts = [POST_TEXTS[Post(one)] for one in action.posts] + ([("在岗巡防单元", "units on duty")] if action.units else [])
    return Said(f"通知:{'、'.join(zh for zh, _ in texts)}", f"notify {', '.join(en for _, en in texts)}")


def notified(count: int) -> Said:
    """How many; who they are stands with the notice."""
    return Said(f"通知 {count} 人", f"notify {count} {'person' if count == 1 else 'people'}")


def started(name: str) -> Said:
    """A procedure."""
    return Said(f"启动预案“{name}”", f"start procedure “{name}”")


def forwarded(title: str) -> Said:
    """To a system that is called so."""
    return Said(f"转发至“{title}”", f"forward to “{title}”")


def switched(name: str, seconds: int) -> Said:
    """An output, for so long."""
    return Said(f"接通“{name}” {seconds} 秒", f"switch “{name}” on for {seconds} s")


def shown_said(action: ShowCameras) -> Said:
    """How many are shown."""
    return Said(f"列出 {len(action.cameras)} 个摄像机", f"show {_cameras(len(action.cameras))}")


def protected(action: Protect, alarm: Alarm) -> Said | None:
    """Of how many cameras the recording is kept; None: there is none."""
    count = len(cameras_of(action, alarm))
    if not count:
        return None
    before, after, days = action.before_s, action.after_s, action.days
    zh = f"保护录像:{count} 个摄像机,报警前 {before} 秒至后 {after} 秒,{days} 天"
    return Said(zh, f"protect from −{before} s to +{after} s for {days} d; {_cameras(count)}")


def _cameras(count: int) -> str:
    """Which ones stands in the record alone: not everybody who sees an alarm sees each camera."""
    return "1 camera" if count == 1 else f"{count} cameras"


def cameras_of(action: Protect, alarm: Alarm) -> list[str]:
    """Whose recording it protects."""
    return list(dict.fromkeys(code for code in (alarm.camera, *action.cameras) if code))
