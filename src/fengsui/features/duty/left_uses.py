"""Use tickets that whoever leaves a seat still holds: they pass with it by name, and stay their holder's (rules A1, A15)."""

from __future__ import annotations

from datetime import datetime, tzinfo

from fengsui.features.duty.ports import Matter
from fengsui.features.policy import POLICY_TEXTS
from fengsui.features.tickets import Tickets


class LeftUses:
    """`ports.Uses`. An emergency access and its ticket pass as a matter of the centre. `zone`: the node's."""

    def __init__(self, tickets: Tickets, zone: tzinfo) -> None:
        self._tickets = tickets
        self._zone = zone

    def left_by(self, user_id: int) -> list[Matter]:
        """By number: the purpose and until when, and nothing of the case, which is the holder's."""
        found = []
        for one in self._tickets.held(user_id):
            if one.automatic:
                continue
            zh, en = POLICY_TEXTS[f"purpose.{one.purpose}"]
            until = f"{datetime.fromtimestamp(one.expires_at, self._zone):%m-%d %H:%M}"
            words = f"使用单 {one.number}({zh},至 {until})", f"use ticket {one.number} ({en}, until {until})"
            found.append(Matter(f"ticket:{one.number}", *words, one.bounds.area))
        return found
