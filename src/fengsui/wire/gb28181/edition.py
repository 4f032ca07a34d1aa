"""Which edition of GB/T 28181 a peer speaks. Source: GB/T 28181-2022 annex I (X-GB-Ver)."""

from __future__ import annotations

from enum import IntEnum


class Edition(IntEnum):
    """Ordered; parse everything of every edition always, emit by the peer's."""

    V2011 = 10
    V2014 = 11
    V2016 = 20
    V2022 = 30

    @classmethod
    def announced(cls, header: str) -> Edition:
        """From `X-GB-Ver`; absent or odd means 2016, the one that works."""
        return {"1.0": cls.V2011, "1.1": cls.V2014, "2.0": cls.V2016, "3.0": cls.V2022}.get(header.strip(), cls.V2016)

    @property
    def header(self) -> str:
        """The value of `X-GB-Ver`."""
        return f"{self // 10}.{self % 10}"

    @property
    def charset(self) -> str:
        """The label of the XML declaration (§6.10)."""
        return "GB18030" if self >= Edition.V2022 else "GB2312"
