"""Settings of alarm hosts: where their frames come in, and how much of them at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fengsui.settings_section import ListenAddress, Seconds, Section

Clock = tuple[Seconds, Seconds, Seconds]


class AlarmHostsSection(Section):
    """ANSI/SIA DC-09 over TCP and UDP. Times in seconds."""

    host: ListenAddress = "0.0.0.0"
    port: Annotated[int, Field(ge=0, le=65535)] = 12300
    """TCP and UDP; 0: no alarm host is heard."""
    unknown: Literal["refuse", "silence"] = "refuse"
    """What an account that nobody has entered is told: that it is not handled here (DUH), and its host stops; or nothing, and it
    tries another path. It stands on the waiting list in either case."""
    max_connections: Annotated[int, Field(ge=1)] = 10_000
    max_connections_per_address: Annotated[int, Field(ge=1)] = 256
    frame_s: Seconds = 10
    """A frame over TCP is whole after so long, or the connection ends."""
    idle_s: Seconds = 3600
    """A connection over which no frame comes for so long ends: its host opens another."""
    max_frames_per_address_per_s: Annotated[int, Field(ge=10)] = 5_000
    """On the average of four seconds. What is above is dropped over UDP and read later over TCP."""
    max_pending: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    """Alarms that wait to be on disk, of one account a quarter at most. One more gets no acknowledgement, and is sent again."""
    claim_s: Clock = (30, 90, 600)
    """So long an alarm may wait until somebody takes it, by priority from 1 to 3; then the supervisor is told."""
    claim_at_most_s: Clock = (60, 180, 1800)
    """Longer than that, nobody may let it wait."""
    verify_s: Clock = (60, 300, 1800)
    """So long after it was taken it may be unknown what is the matter; then others may take it."""
    close_s: Clock = (600, 900, 14_400)
    """So long after that it may stay open; then others may take it."""
    max_waiting: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    max_waiting_per_address: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Unknown accounts on the waiting list; the oldest makes room for the newest."""
    waiting_days: Annotated[float, Field(gt=0, le=3650)] = 30
    """Unknown accounts that nobody has reported for since are forgotten."""
