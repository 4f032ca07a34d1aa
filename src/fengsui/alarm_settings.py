"""Settings of alarm hosts and of systems that report alarms: where they come in, and how much of them at once."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from fengsui.settings_section import ListenAddress, Seconds, Section

Clock = tuple[Seconds, Seconds, Seconds]
LONGEST_SUPERVISION_S: Final = 32 * 86_400
"""The slowest path of EN 50136, SP1."""


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
    shelve_at_most_s: Annotated[float, Field(ge=60, le=7 * 86_400)] = 86_400
    """So long somebody may shelve a source of alarms; then it ends by itself."""
    shelve_wide_at_most_s: Annotated[float, Field(ge=60, le=86_400)] = 14_400
    """So long a supervisor may shelve whole premises or a whole area."""
    supervision_s: Annotated[float, Field(ge=0, le=LONGEST_SUPERVISION_S)] = 90_000
    """A host that has no interval of its own is heard at least so often; 0: it may be silent. The default, 25 h, is what EN 50136
    asks of the slowest paths, and a day's test report keeps it."""
    supervision_grace: Annotated[float, Field(ge=0, le=10)] = 0.25
    """So much of its interval more a host may be late before it counts as silent."""
    supervision_priority: Annotated[int, Field(ge=1, le=3)] = 2
    """Of the alarm then: a line may have been cut."""
    supervision_many: Annotated[int, Field(ge=2, le=100_000)] = 20
    """So many hosts of one area that fall silent within `supervision_window_s` have one alarm."""
    supervision_window_s: Seconds = 60
    cause_many: Annotated[int, Field(ge=2, le=1_000)] = 5
    """So many points of one place that report power or line lost within `cause_window_s` have one alarm."""
    cause_window_s: Seconds = 60
    device_silence_s: Annotated[float, Field(ge=0, le=86_400)] = 60
    """A GB/T 28181 device with an alarm input that is offline for so long has an alarm; 0: none has."""
    max_waiting: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    max_waiting_per_address: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Unknown accounts on the waiting list; the oldest makes room for the newest."""
    waiting_days: Annotated[float, Field(gt=0, le=3650)] = 30
    """Unknown accounts that nobody has reported for since are forgotten."""


class AlarmIntakeSection(Section):
    """Alarms of other systems over HTTPS."""

    max_per_source_per_s: Annotated[float, Field(gt=0, le=10_000)] = 50
    """On the average of ten seconds. One more is told to wait (429)."""
    max_body_kb: Annotated[int, Field(ge=1, le=1024)] = 64
    clock_s: Annotated[float, Field(ge=1, le=3600)] = 300
    """A signature of a time further away from the node's clock counts for nothing."""
    answer_s: Seconds = 10
    """What is not on disk after so long is not taken over: its sender is told to send it again (503)."""


def _a_network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError("a network such as 10.1.2.0/24, or one address in figures") from error
    return value


class DispatchSection(Section):
    """Units and their tasks."""

    photo_days: Annotated[int, Field(ge=30, le=3650)] = 365
    """So long a photo of the place is kept once its incident is over; then it goes, on record."""
    position_interval_s: Annotated[int, Field(ge=1, le=3600)] = 5
    """So often a device by which a unit's place is known is asked to tell it."""


class DispatchLinksSection(Section):
    """Other systems that are told of incidents and alarms, and tell of theirs."""

    plain_to: list[Annotated[str, AfterValidator(_a_network)]] = Field(default_factory=list)
    """Networks to which a link may go in the clear; else over HTTPS alone, or to this machine."""
    ca: str = ""
    """A file of the CA certificates (PEM) by which they are known; empty: those of the operating system."""
    job_files: bool = False
    """Jobs come as files as well, in `jobs-in` of the data folder: whoever may write there speaks for the source."""
    keep_days: Annotated[int, Field(ge=7, le=3650)] = 90
    """So long it is known under which keys jobs came, and their files lie in `done` and `refused`."""
    answer_s: Seconds = 10
    """What is not answered after so long is sent again."""
    first_wait_s: Seconds = 1
    """So long after an attempt in vain; twice as long after each further one, up to `longest_wait_s`."""
    longest_wait_s: Seconds = 300
