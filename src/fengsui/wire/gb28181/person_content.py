"""Faces, persons and their features in a body, found and cut out before anybody reads or keeps it (rules A66, R1).

GB/T 28181 has no such object; makers put theirs, or GA/T 1400's, into bodies and extension elements (A.4 names `personType`), into
`Info` of an alarm, or into a JSON body. Found by the names of elements, attributes and JSON members, in any charset and however
escaped; in alarms and events by their texts as well. A place's or device's own name may say 人脸: inventory is no person.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass
from typing import Final

from fengsui.wire.gb28181.xml_text import decode

_NEEDLES: Final = (
    *(b"face", b"facial", b"person", b"pedestrian", b"human", b"gait", b"biometric", b"voice", b"feature", b"similarity"),
    *(b"credential", b"&#", b"&lt;"),
)
_WORD_NEEDLES: Final = tuple(
    word.encode(charset) for charset in ("utf-8", "gb18030") for word in ("人", "步态", "声纹", "生物特征", "黑名单")
)
"""A body without any of these in small letters holds nothing that is looked for: the way of nearly all of them."""
_LISTS: Final = (b"<cmdtype>catalog<", b"<cmdtype>keepalive<")
"""What comes most, and whose texts are names of places."""
_NAME: Final = re.compile(r"<\s*(?:[\w.\-]+:)?([A-Za-z_][\w.\-]*)|[\s\"']([A-Za-z_][\w.\-]*)\s*=\s*[\"']|\"([A-Za-z_]\w*)\"\s*:")
_REFUSED_NAME: Final = re.compile(
    r"^(?:[a-z]{0,8}_?)?(?:"
    r"face(?!t|plate|book|less)\w*"
    r"|facial\w*|humans?(?:_?(?:face|body|list|object|objects|info|attr|attribute|attributes|feature|features|id|data|image|img|"
    r"rect|capture|recognition|detection)\w*)?"
    r"|persons?(?:_?(?:id|list|objects?|objectlist|info|infos|data|image|img|pic|picture|rect|attr|attribute|attributes|feature|"
    r"features|type|name|recognition|capture|detect|detection|event|library|lib|match|identity|reid|compare|code|no|org)\w*)?"
    r"|pedestrian\w*|gait\w*|biometric\w*|voice_?print\w*|credential_?(?:type|no|id)?"
    r"|(?:body|human|face|person)?_?feature_?(?:vector|list|info|infolist|infoobject|data|value|template)\w*"
    r"|(?:match|face|person)_?similarity)$"
)
"""The whole name in small letters; a maker's prefix of a few letters may stand before it."""
_INNOCENT: Final = re.compile(
    r"^(?:[a-z]*(?:inter|sur|type|pre)faces?|ifaces?|(?:contact|responsible|duty)_?person|\w*personnel\w*|personal\w*|facet\w*|human_?readable\w*)"
)
_SAYS: Final = re.compile(
    r"(?:人脸|人员|人体|行人)(?:识别|比对|匹配|检测|侦测|抓拍|报警|布控|名单|库|特征|属性|再识别)"
    r"(?!(?:摄像|照相|相)?机|球机|枪机|卡口|设备|终端|门禁|点位)|步态|声纹|生物特征|陌生人|黑名单"
    r"|\b(?:face|facial|human|person|pedestrian|gait)[\s_\-]*(?:recogni|detect|captur|compar|match|contrast|snap|alarm|identif|"
    r"search|library|feature|blacklist|whitelist)[a-z]*(?!\s*(?:camera|device|unit|terminal))\b"
    r"|^\s*(?:face|human|human_?face|person|pedestrian|人脸|人体|行人)\s*$",
    re.IGNORECASE,
)
"""What an event says of somebody; not the name of a camera that was bought for it."""
_FAULT: Final = re.compile(r"<\s*AlarmMethod\s*>\s*6\s*<", re.IGNORECASE)
_TEXT: Final = re.compile(r">([^<>]{2,2000})<|\"([^\"\\]{2,400})\"|=\s*'([^']{2,400})'|<!\[CDATA\[(.{2,2000}?)\]\]>", re.DOTALL)
_COMMAND: Final = re.compile(r"<\s*CmdType\s*>\s*(\w{1,40})\s*<", re.IGNORECASE)
_INVENTORY: Final = frozenset(
    (
        *("catalog", "deviceinfo", "devicestatus", "configdownload", "deviceconfig", "devicecontrol"),
        *("recordinfo", "presetquery", "keepalive", "homepositionquery", "cruisetracklistquery", "cruisetrackquery"),
        *("mobileposition", "mediastatus", "broadcast", "sdcardstatus"),
    )
)
"""Bodies that the node needs in order to work with a device: what is refused is cut out of them, and the rest is kept."""


@dataclass(frozen=True, slots=True)
class Screened:
    """`kept`: what may be read on, None when nothing may; `found`: the first name or word that was refused, in small letters."""

    kept: bytes | None
    found: str


def screen(body: bytes) -> Screened | None:
    """None for a body without any face, person or feature: as it came, it may be kept. Never raises."""
    small = body.lower()
    if b"\x00" in small:
        small = small.replace(b"\x00", b"")  # UTF-16
    if not any(needle in small for needle in _NEEDLES) and (
        any(known in small for known in _LISTS) or not any(needle in small for needle in _WORD_NEEDLES)
    ):
        return None
    wide = body.count(b"\x00") > len(body) // 4
    text = decode(body.replace(b"\x00", b"") if wide else body)
    command = _COMMAND.search(text)
    inventory = command is not None and command[1].lower() in _INVENTORY
    plain = html.unescape(text) if "&" in text else text
    found = _refused_name(plain) or ("" if inventory or _FAULT.search(text) else _refused_word(plain))
    if not found:
        return None
    if not inventory or wide:
        return Screened(None, found)
    kept = _cut_out(text)
    if _refused_name(html.unescape(kept)):
        return Screened(None, found)
    return Screened(codecs.BOM_UTF8 + kept.encode("utf-8"), found)


def _is_refused(name: str) -> bool:
    small = name.lower()
    return _REFUSED_NAME.match(small) is not None and _INNOCENT.match(small) is None


def _refused_name(text: str) -> str:
    for found in _NAME.finditer(text):
        name = found[1] or found[2] or found[3]
        if _is_refused(name):
            return name.lower()[:40]
    return ""


def _refused_word(text: str) -> str:
    for found in _TEXT.finditer(text):
        said = _SAYS.search(found[1] or found[2] or found[3] or found[4] or "")
        if said is not None:
            return said[0].lower()[:40]
    return ""


def _cut_out(text: str) -> str:
    """Without the refused elements and all that is in them."""
    while True:
        for found in _NAME.finditer(text):
            if found[1] and _is_refused(found[1]):
                break
        else:
            return text
        end = _end_of(text, found.start(), found[1])
        text = text[: found.start()] + text[end:]


def _end_of(text: str, start: int, name: str) -> int:
    """Behind the element that begins at `start`; the end of the text where it is never closed."""
    close = text.find(">", start)
    if close < 0:
        return len(text)
    if text[close - 1] == "/":
        return close + 1
    depth, at = 1, close + 1
    tag = re.compile(rf"<\s*(/?)\s*(?:[\w.\-]+:)?{re.escape(name)}\b[^<>]*?(/?)\s*>")
    while depth:
        found = tag.search(text, at)
        if found is None:
            return len(text)
        depth += -1 if found[1] else 0 if found[2] else 1
        at = found.end()
    return at
