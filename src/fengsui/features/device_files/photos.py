"""Photos of points: read as a picture, turned upright, written anew without what else the file said, and kept by their hash."""

from __future__ import annotations

import hashlib
import re
import warnings
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from fengsui.features.device_files.model import PhotoNotKept, UnusablePhoto
from fengsui.whole_files import remove_halves, write_whole

FOLDER: Final = "device-photos"
FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_PIXELS: Final = 40_000_000
MEGAPIXELS: Final = MOST_PIXELS // 1_000_000
EDGE, QUALITY = 1920, 85
"""Pixels of the longer edge; JPEG."""
NAME: Final = re.compile(r"[0-9a-f]{64}")


def _unusable(why_zh: str, why_en: str) -> UnusablePhoto:
    return UnusablePhoto(why_zh=why_zh, why_en=why_en, megapixels=MEGAPIXELS)


def rewritten(octets: bytes) -> bytes:
    """As JPEG, upright, of at most `EDGE`: nothing of the file but its pixels. Raises UnusablePhoto."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(octets), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _unusable(
                        f"{opened.width}×{opened.height} 像素过大", f"{opened.width}×{opened.height} pixels are too many"
                    )
                opened.draft("RGB", (EDGE, EDGE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((EDGE, EDGE))
                plain = Image.new("RGB", upright.size, "white")
                shape = upright.convert("RGBA")
                plain.paste(shape, mask=shape.getchannel("A"))
    except UnidentifiedImageError as error:
        raise _unusable("不是 JPEG、PNG 或 WebP 图片", "it is no JPEG, PNG or WebP") from error
    except Image.DecompressionBombWarning as error:
        raise _unusable("像素过大", "it has too many pixels") from error
    except UnusablePhoto:
        raise
    except Exception as error:  # decoders raise what they like over a broken file
        raise _unusable("文件已损坏", "the file is broken") from error
    written = BytesIO()
    plain.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


class Photos:
    """A folder of photos."""

    def __init__(self, data: Path, folder: str = FOLDER) -> None:
        self._folder = data / folder

    def keep(self, octets: bytes) -> str:
        """Its name: the hash of what is kept. Raises UnusablePhoto, PhotoNotKept."""
        made = rewritten(octets)
        name = hashlib.sha256(made).hexdigest()
        path = self._path(name)
        if self.read(name) is None:  # one that the disk has spoilt is mended so
            try:
                write_whole(path, made)
            except OSError as error:
                raise PhotoNotKept(what=error.strerror or str(error)) from error
        return name

    def tidy(self) -> None:
        """Once, at the start: what was half-written goes."""
        remove_halves(self._folder)

    def read(self, name: str) -> bytes | None:
        """None where it is not there, or is not what was kept."""
        if NAME.fullmatch(name) is None:
            return None
        try:
            octets = self._path(name).read_bytes()
        except OSError:
            return None
        return octets if hashlib.sha256(octets).hexdigest() == name else None

    def forget(self, name: str) -> None:
        """One that nothing names any more; one that is gone already is no fault."""
        if NAME.fullmatch(name) is not None:
            with suppress(OSError):
                self._path(name).unlink()

    def names(self) -> list[str]:
        """Of all that are kept."""
        return [path.stem for path in self._folder.glob("??/*.jpg")]

    def old(self, before: float) -> list[str]:
        """Names of those that were written before then. Raises OSError."""
        return [path.stem for path in self._folder.glob("??/*.jpg") if path.stat().st_mtime < before]

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.jpg"
