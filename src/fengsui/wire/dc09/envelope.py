"""The frame itself, in clear also where its content is not (ANSI/SIA DC-09)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from fengsui.wire.dc09.crc import crc16
from fengsui.wire.errors import WireError

TOKENS: Final = frozenset({"SIA-DCS", "ADM-CID", "NULL", "XNM"})
"""What a receiver of ours takes; all others are told so (`duh`)."""
MAX_BYTES: Final = 4_096
LF: Final = b"\n"
CR: Final = b"\r"
_BODY: Final = re.compile(
    rb'"(\*?)([A-Z0-9-]{1,16})"(\d{4})(?:R([0-9A-Fa-f]{1,6}))?L([0-9A-Fa-f]{0,6})(?:#([0-9A-Fa-f]{3,16})|A0)?\[(.*)', re.DOTALL
)


class MalformedDc09(WireError):
    """No frame, or one with a wrong checksum: a receiver does not answer it, and the host sends it again."""

    code = "dc09.malformed"


class Envelope(NamedTuple):
    """A frame with a right checksum. `content`: the octets behind the first `[`, encrypted or not."""

    token: str
    encrypted: bool
    sequence: str
    """Four digits; 0001 to 9999 in turn, `NULL` often 0000."""
    receiver: str | None
    """Hexadecimal digits of `R`; None: not sent."""
    line: str
    """Hexadecimal digits of `L`, the account prefix; may be empty."""
    account: str | None
    """Hexadecimal digits of `#`, as they were sent; None: not sent, as in NAK."""
    content: bytes
    right_length: bool = True
    """False: the length that the frame tells is not its own (seen with panels that write it in decimal digits)."""

    @classmethod
    def read(cls, raw: bytes) -> Envelope:
        """Of what stands between LF and CR. Raises MalformedDc09."""
        if len(raw) > MAX_BYTES:
            raise MalformedDc09(f"a frame of more than {MAX_BYTES} octets")
        begins = 6 if raw[6:7] == b'"' else 8  # behind a checksum of two octets, each of which may look like a quotation mark
        if raw[begins : begins + 1] != b'"':
            raise MalformedDc09("no checksum and length before the first quotation mark")
        body = raw[begins:]
        told = raw[: begins - 4]
        try:
            checksum = int(told, 16) if begins == 8 else int.from_bytes(told, "big")  # two octets: seen with some panels
            length = int(raw[begins - 4 : begins], 16)
        except ValueError:
            raise MalformedDc09("checksum or length are not hexadecimal digits") from None
        if checksum != crc16(body):
            raise MalformedDc09("the checksum is wrong")
        found = _BODY.fullmatch(body)
        if found is None:
            raise MalformedDc09("behind the checksum stands no frame")
        star, token, sequence, receiver, line, account, content = found.groups()
        return cls(
            token=token.decode("ascii"),
            encrypted=bool(star),
            sequence=sequence.decode("ascii"),
            receiver=None if receiver is None else receiver.decode("ascii"),
            line=line.decode("ascii"),
            account=None if account is None else account.decode("ascii"),
            content=content,
            right_length=length == len(body),
        )

    def head(self, token: str, *, encrypted: bool = False) -> str:
        """The head of an answer to it: sequence, receiver, line and account as they came."""
        receiver = "" if self.receiver is None else f"R{self.receiver}"
        account = "" if self.account is None else f"#{self.account}"
        return f'"{"*" if encrypted else ""}{token}"{self.sequence}{receiver}L{self.line}{account}['


def framed(body: bytes) -> bytes:
    """LF, checksum, length, body, CR."""
    return b"\n%04X%04X%s\r" % (crc16(body), len(body), body)
