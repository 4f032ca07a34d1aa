"""What a sender has to prove before it is believed, and what it may ask until then: rates, nonces, digests, guesses. Bounded.

Source: GB/T 28181-2022 §9.1; RFC 3261 §22. Times: seconds of one monotonic clock.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum

from prometheus_client import Counter

from fengsui.features.devices.model import Guesses, Nonces, TokenBucket
from fengsui.settings import SignallingSection
from fengsui.wire.errors import WireError
from fengsui.wire.sip.digest import Challenge, Credentials

FORGOTTEN = Counter("fengsui_strangers_forgotten_total", "Strangers whose requests or guesses are no longer counted", ["what"])
REQUESTS, GUESSES = FORGOTTEN.labels("requests"), FORGOTTEN.labels("guesses")


class Proof(Enum):
    """What credentials are worth."""

    GIVEN = "given"
    ABSENT = "absent"
    """To be challenged."""
    STALE = "stale"
    """Right, but of a nonce that is not ours or too old: to be challenged again."""
    WRONG = "wrong password"
    MALFORMED = "malformed credentials"


class Strangers:
    """`key` makes the nonces: who has it accepts them too."""

    def __init__(self, key: bytes, settings: SignallingSection) -> None:
        self._nonces = Nonces(key)
        self._settings = settings
        self._guesses: OrderedDict[tuple[str, str], Guesses] = OrderedDict()
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def may_speak(self, host: str, now_s: float) -> bool:
        """Bounds what one address can ask of us before it has proved itself."""
        rate = float(self._settings.max_requests_per_address_per_s)
        bucket = self._buckets.get(host)
        if bucket is None:
            if len(self._buckets) >= self._settings.max_remembered_addresses:
                self._buckets.popitem(last=False)
                REQUESTS.inc()
            bucket = self._buckets[host] = TokenBucket(rate, now_s)
        else:
            self._buckets.move_to_end(host)
        return bucket.take(rate, now_s)

    def challenge(self, realm: str, code: str, host: str, now_s: float, *, stale: bool) -> str:
        """The value of WWW-Authenticate for this device at this address."""
        return Challenge(realm, self._nonces.make(code, host, now_s), stale=stale).to_text()

    def is_locked(self, code: str, host: str, now_s: float) -> bool:
        """Whether this address has guessed too often for this code."""
        guesses = self._guesses.get((code, host))
        return guesses is not None and now_s < guesses.locked_until_s

    def forgive(self, code: str, host: str) -> None:
        """It has proved itself."""
        self._guesses.pop((code, host), None)

    def weigh(self, header: str, code: str, host: str, password: str, now_s: float) -> tuple[Proof, bool]:
        """What an Authorization value is worth, and whether it was one wrong guess too many (told once)."""
        if not header:
            return Proof.ABSENT, False
        try:
            credentials = Credentials.parse(header)
        except WireError:
            return Proof.MALFORMED, False
        nonce = self._nonces.judge(credentials.nonce, code, host, now_s)
        if nonce == Nonces.FOREIGN and self._is_deaf(code, host, now_s):
            return Proof.ABSENT, False
        if credentials.username == code and credentials.verify(password, "REGISTER"):
            if nonce != Nonces.FRESH:
                return Proof.STALE, False
            self.forgive(code, host)
            return Proof.GIVEN, False
        if nonce == Nonces.FOREIGN:
            # Anybody can write this sender's address on a datagram: it must not lock the sender out, nor be a way to guess.
            self._count_foreign(code, host, now_s)
            return Proof.ABSENT, False
        return Proof.WRONG if nonce == Nonces.FRESH else Proof.ABSENT, self._count_guess(code, host, now_s)

    def _is_deaf(self, code: str, host: str, now_s: float) -> bool:
        guesses = self._guesses.get((code, host))
        return guesses is not None and now_s < guesses.deaf_until_s

    def _guesses_of(self, code: str, host: str) -> Guesses:
        guesses = self._guesses.setdefault((code, host), Guesses())
        self._guesses.move_to_end((code, host))
        if len(self._guesses) > self._settings.max_remembered_addresses:
            self._guesses.popitem(last=False)
            GUESSES.inc()
        return guesses

    def _count_foreign(self, code: str, host: str, now_s: float) -> None:
        guesses = self._guesses_of(code, host)
        guesses.foreign += 1
        if guesses.foreign >= self._settings.wrong_passwords_limit:
            guesses.foreign, guesses.deaf_until_s = 0, now_s + self._settings.lockout_s

    def _count_guess(self, code: str, host: str, now_s: float) -> bool:
        guesses = self._guesses_of(code, host)
        guesses.wrong += 1
        if guesses.wrong < self._settings.wrong_passwords_limit:
            return False
        guesses.wrong = 0
        guesses.locked_until_s = now_s + self._settings.lockout_s
        return True
