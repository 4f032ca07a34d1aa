"""A device's state and the rules of its registration. Pure: times are handed in. Source: GB/T 28181-2022 §9.1, §9.6."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal, NamedTuple

NONCE_LIFE_S = 300
REFRESH_SHARE = 0.4
"""Of a registration's life: a refresh comes at half of it or later."""
Status = Literal["online", "offline", "fault"]
"""Of a device, as operators see it."""


class Peer(NamedTuple):
    """Where a message came from and where answers go. `connection` 0 on UDP."""

    transport: str
    host: str
    port: int
    connection: int = 0


class Told(NamedTuple):
    """Our address as a device is told it. `source`: network, public (both configured) or route; warnings: empty without doubt."""

    address: str
    source: Literal["network", "public", "route"]
    warning_zh: str = ""
    warning_en: str = ""


@dataclass(slots=True)
class DeviceState:
    """One known device. `*_at`: seconds since 1970; `*_s`: the monotonic clock."""

    code: str
    password: str = ""
    name: str = ""
    maker: str = ""
    model: str = ""
    firmware: str = ""
    channels: int = 0
    peer: Peer | None = None
    call_id: str = ""
    edition: int = 20
    user_agent: str = ""
    registered_at: float = 0.0
    expires_at: float = 0.0
    last_seen_at: float = 0.0
    online: bool = False
    faulty: bool = False
    """Its last keep-alive said ERROR (§9.6.1); an offline one is not known to be."""
    names_itself: bool = False
    """Since it started, it has kept alive under its own code: where it names another, it means that one."""
    names_another: str = ""
    """The first other code that it kept alive under."""
    arrivals: int = 0
    """How often it came online or started anew since our start."""
    registered_s: float = 0.0
    """When it registered, on the monotonic clock."""
    ends_s: float = 0.0
    """When its registration ends, on the monotonic clock: a wall clock that is put right ends none. Shown is `expires_at`."""
    silent_at_s: float = 0.0
    """When it counts as silent, on the monotonic clock."""
    awaited: bool = False
    """In the queue of those that may fall silent."""
    media_transport: str = "auto"
    """The way media is asked for: auto, udp, tcp-passive, tcp-active."""
    worked_transport: str = ""
    """The way that media last came; tried first."""
    media_port: str = "auto"
    """auto, shared or own: for devices that send another SSRC than they were asked for (fact sheet, quirks 20 and 21)."""
    charset: str = ""
    """Of its XML, whatever it declares (quirk 2); empty: as declared and as it looks."""
    sub_stream: str = "auto"
    """How its sub stream is asked for; see SUB_STREAM_FORMS."""
    pinned_edition: int = 0
    """The edition it is spoken to in, whatever it announces; 0: as announced."""
    ignore_notified_status: bool = False
    """Its catalogue notifications tell wrong states (quirk 12)."""
    marker: str = "learn"
    """Whether the RTP marker ends its pictures: learn, trust, ignore."""
    after_loss: str = "next-picture"
    """When its picture goes on after a loss: next-picture, next-key-frame."""
    unmapped_sound: str = "drop"
    """What its sound is where no stream map says so: drop, g711a, g711u."""
    ssrc: str = "source"
    """Whose packets with another SSRC than it was asked for are: its address's (source), or nobody's (strict)."""
    ssrc_change: str = "auto"
    """What follows when it changes its SSRC in mid-stream: auto, when-silent, refuse."""
    reorder: str = "standard"
    """How long a missing packet is waited for: standard, long, none."""
    parameter_sets: str = "insert"
    """Whether key frames get the parameter sets they lack: insert, leave."""
    subscribe_alarms: bool = True
    """It is asked to report its alarms, which many devices keep to themselves otherwise (quirk 39)."""
    position_datum: str = "wgs84"
    """What the places are that it tells: wgs84, as the standard has it, or gcj02 (quirk 56)."""
    believed: str = ""
    """What it believes of its registration (BasicParam), as JSON; empty: not asked or not told."""
    conflict: str = ""
    """Address of a second device that claims the same code."""
    displaced: Peer | None = None
    """Where it was bound before it registered anew from another port of the same host: a second device, if that is heard again."""
    proved: Peer | None = None
    """Where it registered from."""
    displaced_call_id: str = ""
    """The registration that a new one from the same host put an end to."""

    @property
    def status(self) -> Status:
        """As operators see it."""
        return "offline" if not self.online else "fault" if self.faulty else "online"

    @property
    def spoken_edition(self) -> int:
        """The edition that bodies to it are written in."""
        return self.pinned_edition or self.edition

    def is_another(self, peer: Peer, call_id: str) -> bool:
        """Whether a registration from there is a second device's while this one is alive: it does not continue the same one.

        Behind one NAT both have the same host: a device that starts anew comes from another port as well, but is not heard
        from the old one, nor with its old registration, again.
        """
        if self.peer is None:
            return False
        displaced = peer == self.displaced or (bool(call_id) and call_id == self.displaced_call_id)
        return self.call_id != call_id and (self.peer.host != peer.host or displaced)

    def registers(self, peer: Peer, call_id: str, now_s: float, *, alive: bool) -> bool:
        """A registration comes into force; whether the device has started anew. `alive`: it was heard in its rhythm until now.

        A new Call-ID says so (§9.1), but some stacks begin a new one for each refresh: one that comes when a refresh is due, from
        where the last one came. A second device behind one NAT has a port of its own; a device may speak from one port and
        register from another.
        """
        anew = bool(self.call_id) and self.call_id != call_id
        due_s = self.registered_s + (self.ends_s - self.registered_s) * REFRESH_SHARE
        refreshes = alive and peer == self.proved and now_s >= due_s
        if anew and self.peer is not None:
            elsewhere = self.peer.host == peer.host and peer != self.proved
            self.displaced_call_id = self.call_id if elsewhere else ""
            self.displaced = self.peer if elsewhere and self.peer != peer else None
        self.proved, self.call_id, self.registered_s = peer, call_id, now_s
        return anew and not refreshes


SUB_STREAM_FORMS: dict[str, tuple[str, str]] = {
    "streamnumber": ("", "streamnumber:1"),
    "streamprofile": ("streamprofile:0", "streamprofile:1"),
    "streamMode": ("streamMode:MAIN", "streamMode:SUB"),
    "stream": ("stream:0", "stream:1"),
    "none": ("", ""),
}
"""SDP attributes for the main and the sub stream: the standard's (2022) and the makers' before it (fact sheet 5.5)."""
MAKERS_FORMS = {"dahua": "streamprofile", "tp-link": "streamMode", "mercury": "streamMode"}


def stream_attribute(state: DeviceState, stream: str) -> str:
    """The SDP attribute that asks this device for `main` or `sub`; empty where there is none to ask with."""
    form = state.sub_stream
    if form == "auto":
        maker = state.maker.lower()
        form = next((form for name, form in MAKERS_FORMS.items() if name in maker), "streamnumber")
    main, sub = SUB_STREAM_FORMS.get(form, ("", ""))
    return sub if stream == "sub" else main


class Nonces:
    """Nonces that prove themselves: bound to device, address and a time window, nothing is stored."""

    FRESH, AGED, FOREIGN = "fresh", "aged", "foreign"

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, code: str, host: str, now_s: float) -> str:
        """A nonce of NONCE_LIFE_S for this device at this address."""
        window = f"{int(now_s):x}"
        return f"{window}.{self._sign(window, code, host)}"

    def judge(self, nonce: str, code: str, host: str, now_s: float) -> str:
        """FRESH: we made it for this device and address, not too long ago; AGED: before that; FOREIGN: no word of ours.

        Who sends one of ours has received what was sent to that address.
        """
        window, _, signature = nonce.partition(".")
        try:
            age_s = now_s - int(window, 16)
        except ValueError:
            return self.FOREIGN
        if age_s < -1 or not hmac.compare_digest(signature, self._sign(window, code, host)):
            return self.FOREIGN
        return self.FRESH if age_s + 1 <= NONCE_LIFE_S else self.AGED

    def _sign(self, window: str, code: str, host: str) -> str:
        return hmac.digest(self._key, f"{window}|{code}|{host}".encode("utf-8", "replace"), hashlib.sha256).hex()[:24]


@dataclass(slots=True)
class Guesses:
    """Wrong passwords for one code from one address. `foreign`: with nonces that are none of ours, so maybe from elsewhere."""

    wrong: int = 0
    locked_until_s: float = 0.0
    foreign: int = 0
    deaf_until_s: float = 0.0


class TokenBucket:
    """Requests allowed to strangers of one address."""

    __slots__ = ("_at_s", "_tokens")

    def __init__(self, rate_s: float, now_s: float) -> None:
        self._tokens = rate_s
        self._at_s = now_s

    def take(self, rate_s: float, now_s: float) -> bool:
        """False when the address has used up its share."""
        self._tokens = min(rate_s, self._tokens + (now_s - self._at_s) * rate_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
