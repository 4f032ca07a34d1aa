"""The register of cases that numbers are reconciled with: a file, or a service over HTTP (rule A3)."""

from __future__ import annotations

import asyncio
import base64
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Protocol, TypeVar

from fengsui.errors import NodeFault

ANSWER_LIMIT_S = 10.0
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="case-register")
"""A register that hangs keeps these busy, and nothing else of the node."""
T = TypeVar("T")


class RegisterAway(NodeFault):
    """The register gives no answer: nobody is blamed for that."""

    code = "ticket.register_away"
    status = 503
    zh = "案(事)件登记系统无法访问:{why}"
    en = "The register of cases cannot be asked: {why}"
    remedy_zh = "检查设置 tickets.case_register 与网络;恢复后自动对账"
    remedy_en = "Check the setting tickets.case_register and the network; it is asked again"


class CaseRegister(Protocol):
    """Knows which case numbers exist."""

    async def known(self, numbers: Collection[str]) -> frozenset[str]:
        """Those of them that exist. Raises RegisterAway."""
        ...


async def ask(register: CaseRegister, numbers: Collection[str]) -> frozenset[str]:
    """Those of them that it knows. Whatever goes wrong in a register is no answer. Raises RegisterAway."""
    try:
        return await register.known(numbers)
    except RegisterAway:
        raise
    except Exception as error:  # a surprise in what others keep must end neither the nightly run nor an order
        raise RegisterAway(why=f"{type(error).__name__}: {error}") from error


async def _in_thread(act: Callable[..., T], *facts: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, act, *facts)


class FileRegister:
    """One number a line; what follows a comma or blank is not read. Read anew each time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def known(self, numbers: Collection[str]) -> frozenset[str]:
        """Those that the file holds. Raises RegisterAway."""
        try:
            text = await _in_thread(self._path.read_text, "utf-8-sig")  # spreadsheets write a mark before the first line
        except (OSError, UnicodeDecodeError) as error:
            raise RegisterAway(why=str(error)) from error
        held = {words[0] for line in text.splitlines() if (words := line.replace(",", " ").replace("\uff0c", " ").split())}
        return frozenset(number for number in numbers if number in held)


class HttpRegister:
    """`GET <address>?number=…`: 200 knows it, 404 does not; anything else is no answer.

    Name and password in the address are shown by basic authentication, and stand in no error.
    """

    def __init__(self, address: str) -> None:
        parts = urllib.parse.urlsplit(address)
        shown, _, place = parts.netloc.rpartition("@")
        self._address = parts._replace(netloc=place).geturl()
        known = base64.b64encode(urllib.parse.unquote(shown).encode()).decode()
        self._headers = {"Authorization": f"Basic {known}"} if shown else {}

    async def known(self, numbers: Collection[str]) -> frozenset[str]:
        """Asked one by one. Raises RegisterAway."""
        return frozenset([number for number in numbers if await _in_thread(self._knows, number)])

    def _knows(self, number: str) -> bool:
        joint = "&" if "?" in self._address else "?"
        asked = f"{self._address}{joint}{urllib.parse.urlencode({'number': number})}"
        request = urllib.request.Request(asked, headers=self._headers)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_LIMIT_S) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return False
            raise RegisterAway(why=f"HTTP {error.code}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise RegisterAway(why=str(error)) from error
        if status != HTTPStatus.OK:
            raise RegisterAway(why=f"HTTP {status}")
        return True


def register_of(setting: str) -> CaseRegister | None:
    """`file:/path`, `http://…` or `https://…`; empty: none is connected. Raises ValueError."""
    if not setting:
        return None
    if setting.startswith(("http://", "https://")):
        return HttpRegister(setting)
    if setting.startswith("file:"):
        return FileRegister(Path(setting.removeprefix("file:")))
    raise ValueError(setting)
