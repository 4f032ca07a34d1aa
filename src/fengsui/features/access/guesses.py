"""Wrong passwords and codes: who is made to wait. Pure but for the clock it is handed.

A stranger's tries are counted for the name and for the address; a workstation on which this person signed in before (it shows a
signed cookie) has a count of its own. So guessing at a name from elsewhere locks that name for strangers, never for the person at
her own workstation: the lock-out is no weapon. Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict
from itertools import islice

from fengsui.clock import Clock
from fengsui.features.access.model import LockedOut, Tries
from fengsui.features.access.workstation import canonical
from fengsui.settings import SignInSection

MAX_KEPT = 10_000
"""Names, addresses and workstations each; those that are not locked go first."""
FORGET_S = 3_600.0
"""A count that did not grow for so long is forgotten."""
ADDRESS_FACTOR = 4
"""A gateway's address stands for many people."""
LOOKED_AT = 64
NAMES_KEPT = 32


class _Counts:
    """Tries by key, bounded: a flood of new keys pushes out what is not locked."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, Tries] = OrderedDict()
        self._names: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._tries)

    def get(self, key: str, now_s: float) -> Tries | None:
        """What was counted and is not forgotten."""
        found = self._tries.get(key)
        if found is not None and now_s >= max(found.locked_until_s, found.last_s) + FORGET_S:
            self.forget(key)
            return None
        return found

    def at(self, key: str, now_s: float) -> Tries:
        """The same, begun where there is none."""
        found = self.get(key, now_s)
        if found is None:
            if len(self._tries) >= MAX_KEPT:
                oldest = list(islice(self._tries, LOOKED_AT))
                free = (one for one in oldest if now_s >= self._tries[one].locked_until_s)
                self.forget(next(free, oldest[0]))
            found = self._tries[key] = Tries()
        found.last_s = now_s
        self._tries.move_to_end(key)
        return found

    def forget(self, key: str) -> None:
        """It was right at last."""
        self._tries.pop(key, None)
        self._names.pop(key, None)

    def tried(self, key: str, name: str) -> None:
        """This name was tried from there; the latest few are kept."""
        names = self._names.setdefault(key, {})
        names.pop(name, None)
        names[name] = None
        if len(names) > NAMES_KEPT:
            names.pop(next(iter(names)))

    def tried_from(self, key: str, name: str) -> bool:
        """Whether the name is among those that were tried there."""
        return name in self._names.get(key, ())

    def locked(self, now_s: float) -> list[str]:
        """Keys that must wait now."""
        return [key for key, tries in self._tries.items() if now_s < tries.locked_until_s]


class Guesses:
    """`key`: 32 octets, for the cookies of known workstations."""

    def __init__(self, clock: Clock, settings: SignInSection, key: bytes) -> None:
        self._clock = clock
        self._settings = settings
        self._key = key
        self._names, self._addresses, self._workstations = _Counts(), _Counts(), _Counts()

    def cookie_for(self, name: str) -> str:
        """For the browser on which `name` just signed in."""
        payload = base64.urlsafe_b64encode(f"{secrets.token_hex(8)}|{name}".encode()).decode()
        return f"{payload}.{self._mac(payload)}"

    def known(self, cookie: str, name: str) -> str:
        """The workstation's id when the cookie is genuine and of this name; empty otherwise."""
        payload, _, mac = cookie.partition(".")
        if not (payload.isascii() and mac.isascii()) or not hmac.compare_digest(mac, self._mac(payload)):
            return ""
        number, _, whose = base64.urlsafe_b64decode(payload).decode().partition("|")
        return number if whose == name and name else ""

    def _mac(self, payload: str) -> str:
        return hmac.digest(self._key, b"known workstation|" + payload.encode(), hashlib.sha256).hex()

    def pseudonym(self, name: str) -> str:
        """What stands on record for a name that nobody has: the same for the same name, and nobody reads the name from it.

        48 bits of a keyed hash behind a word with a blank, which no account's name has.
        """
        return f"unknown {hmac.digest(self._key, b'unknown name|' + name.encode(), hashlib.sha256).hex()[:12]}"

    def refuse_locked(self, name: str, address: str, workstation: str = "") -> None:
        """`workstation`: as `known` gives it. Raises LockedOut."""
        now_s = self._clock.monotonic_s()
        for counts, key, _ in self._counted(name, address, workstation):
            tries = counts.get(key, now_s)
            if tries is not None and now_s < tries.locked_until_s:
                raise LockedOut(seconds=int(tries.locked_until_s - now_s) + 1)

    def wrong(self, name: str, address: str, workstation: str = "") -> None:
        """One more."""
        now_s = self._clock.monotonic_s()
        for counts, key, factor in self._counted(name, address, workstation):
            limit = self._settings.wrong_passwords_limit * factor
            counts.at(key, now_s).count(now_s=now_s, limit=limit, lockout_s=self._settings.lockout_s)
            counts.tried(key, name)

    def right(self, name: str, address: str, workstation: str = "") -> None:
        """The count begins anew. Guesses of strangers at the name are forgotten only by whoever is counted with them."""
        for counts, key, _ in self._counted(name, address, workstation):
            counts.forget(key)

    def locked_names(self) -> set[str]:
        """Names that are locked for strangers now."""
        return set(self._names.locked(self._clock.monotonic_s()))

    def unlock(self, name: str) -> None:
        """Forgets the wrong passwords of a name, and opens the locked addresses and workstations from which it was tried.

        The others stay locked: whoever keeps the people of one area opens nothing for guesses at those of another.
        """
        now_s = self._clock.monotonic_s()
        self._names.forget(name)
        for counts in (self._addresses, self._workstations):
            for key in counts.locked(now_s):
                if counts.tried_from(key, name):
                    counts.forget(key)

    def kept(self) -> int:
        """Counts in memory."""
        return len(self._names) + len(self._addresses) + len(self._workstations)

    def _counted(self, name: str, address: str, workstation: str) -> list[tuple[_Counts, str, int]]:
        """What a try counts for, with the factor of the limit; a passkey's answer names nobody."""
        if workstation:
            return [(self._workstations, workstation, 1)]
        of_address = (self._addresses, _host(address), ADDRESS_FACTOR)
        return [(self._names, name, 1), of_address] if name else [of_address]


def _host(address: str) -> str:
    """One IPv6 host has a whole /64 of addresses."""
    try:
        found = ipaddress.ip_address(canonical(address))
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ipaddress.ip_network(f"{found}/64", strict=False))
