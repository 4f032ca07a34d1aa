"""The `f=` line: codec, resolution, rates. Source: GB/T 28181-2022 annex G. Codes are kept as codes; empty: not said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

VIDEO_CODECS: Final[Mapping[str, str]] = {"1": "MPEG-4", "2": "H.264", "3": "SVAC", "4": "3GP", "5": "H.265"}
RESOLUTIONS: Final[Mapping[str, str]] = {"1": "QCIF", "2": "CIF", "3": "4CIF", "4": "D1", "5": "720P", "6": "1080P"}
"""Other resolutions are written `WxH`."""
AUDIO_CODECS: Final[Mapping[str, str]] = {
    "1": "G.711", "2": "G.723.1", "3": "G.729", "4": "G.722.1", "5": "SVAC", "6": "AAC",
}  # fmt: skip
_CODE: Final = re.compile(r"[0-9.xX*]{1,16}")
CONSTANT_RATE: Final = "1"
VARIABLE_RATE: Final = "2"


@dataclass(frozen=True, slots=True)
class MediaFormat:
    """`f=v/codec/resolution/fps/rate type/kbit/s` and, without a blank, `a/codec/bit-rate code/sampling code`."""

    video_codec: str = ""
    resolution: str = ""
    frames_per_s: str = ""
    rate_type: str = ""
    kbit_s: str = ""
    audio_codec: str = ""
    audio_rate: str = ""
    sampling: str = ""

    @classmethod
    def parse(cls, text: str) -> MediaFormat:
        """Lenient: fields that are missing, or hold what no code can, are not said; fields too many are skipped."""
        video, _, audio = text.replace(" ", "").partition("a/")
        said = (video.removeprefix("v/").split("/") + [""] * 5)[:5] if video.startswith("v/") else [""] * 5
        heard = (audio.split("/") + [""] * 3)[:3]
        return cls(*(part if _CODE.fullmatch(part) else "" for part in (*said, *heard)))

    def to_text(self) -> str:
        """All slashes always."""
        video = "/".join((self.video_codec, self.resolution, self.frames_per_s, self.rate_type, self.kbit_s))
        return f"v/{video}a/{self.audio_codec}/{self.audio_rate}/{self.sampling}"
