"""Argon2id off the loop. It is slow and takes memory on purpose, so strangers may not use it without bound."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from fengsui.errors import OperatorFault

COST: Parameters = RFC_9106_LOW_MEMORY
"""RFC 9106 §4, second choice: 64 MiB, 3 passes, 4 lanes."""
STRANGERS, KNOWN = 2, 2
"""Threads, 64 MB each while one hashes."""
MAX_WAITING = 64


class TooManyTries(OperatorFault):
    """More passwords are being tried than this machine compares."""

    code = "access.too_many_tries"
    status = 429
    zh = "正在核对的口令过多,请稍后重试"
    en = "Too many passwords are being tried; try again in a moment"
    remedy_zh = "等待几秒后重试;在以前登录过的工作站上不受影响"
    remedy_en = "Wait a few seconds; workstations on which you signed in before are not concerned"


class Hashing:
    """Known workstations have threads of their own: a storm of guesses does not make them wait."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(COST)
        self._strangers = ThreadPoolExecutor(STRANGERS, thread_name_prefix="passwords")
        self._known = ThreadPoolExecutor(KNOWN, thread_name_prefix="passwords-known")
        self._waiting = 0
        self.nobody = self._hasher.hash(secrets.token_hex(16))
        """An unknown name costs the same time as a wrong password."""

    async def hash(self, password: str) -> str:
        """For whoever has passed the door."""
        return await asyncio.get_running_loop().run_in_executor(self._known, self._hasher.hash, password)

    async def matches(self, hashed: str, password: str, *, known: bool) -> bool:
        """Whether it is the password. Raises TooManyTries."""
        if not known and self._waiting >= MAX_WAITING:
            raise TooManyTries()
        self._waiting += not known
        try:
            threads = self._known if known else self._strangers
            return await asyncio.get_running_loop().run_in_executor(threads, self._hasher.verify, hashed, password)
        except (VerificationError, InvalidHashError):
            return False
        finally:
            self._waiting -= not known
