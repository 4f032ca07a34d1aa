"""What the node writes down for whoever goes round: the log has the Chinese, consoles in English say the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from fengsui.features.video_patrols.model import FindingKind, Outcome, Round, RoundState, StopResult

KIND_TEXTS: Final[Mapping[FindingKind, tuple[str, str]]] = {
    FindingKind.DANGER: ("人身危险", "danger to people"),
    FindingKind.FIRE: ("烟火", "smoke or fire"),
    FindingKind.WATER: ("积水、水情", "water"),
    FindingKind.ROAD: ("道路交通", "road and traffic"),
    FindingKind.CROWDING: ("拥挤、堵塞", "crowding, blocked way"),
    FindingKind.FACILITY: ("设施损坏", "damage"),
    FindingKind.PICTURE: ("画面、设备异常", "picture or device"),
    FindingKind.OTHER: ("其他", "other"),
}


class Words(NamedTuple):
    """One entry in both languages; what people wrote in it stays as they wrote it."""

    zh: str
    en: str


def of_finding(plan: str, stop: int, camera: str, kind: FindingKind, text: str) -> Words:
    """`camera`: its name."""
    zh, en = KIND_TEXTS[kind]
    return Words(
        f"视频巡逻“{plan}”第 {stop} 点 {camera}:{zh}。{text}", f"Video patrol “{plan}”, stop {stop}, {camera}: {en}. {text}"
    )


def of_walk(when: str, place: str, text: str) -> Words:
    """`when`: `HH:MM` of the node's zone."""
    return Words(f"徒步巡逻 {when} {place}:{text}", f"Patrol on foot {when}, {place}: {text}")


def of_end(plan: str, one: Round, results: Sequence[StopResult]) -> Words:
    """Of a round that is done or broken off."""
    count = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    done, late = one.state is RoundState.DONE, one.state is RoundState.DONE and not one.in_time
    confirmed, found, not_possible = (count[one] for one in (Outcome.CONFIRMED, Outcome.FINDING, Outcome.NOT_POSSIBLE))
    left, watched = count[Outcome.OPEN], round(sum(result.watched_s for result in results))
    how = "完成" if done else f"中止:{one.reason}"
    seen = f"确认 {confirmed} 点,发现 {found} 处,无法查看 {not_possible} 点"
    zh = f"视频巡逻“{plan}”{how}{'(超时)' if late else ''}:{seen}{f',未看 {left} 点' if left else ''},观看 {watched} 秒"
    how = "done" if done else f"broken off ({one.reason})"
    seen = f"confirmed {confirmed}, findings {found}, not possible {not_possible}"
    more = f", {left} not looked at" if left else ""
    return Words(zh, f"Video patrol “{plan}” {how}{', late' if late else ''}: {seen}{more}; watched {watched} s")
