"""What a bookmark is, and what is refused about one. Pure. Rules A1, A2 and A6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from fengsui.errors import OperatorFault
from fengsui.features.access import Footage, Refusal
from fengsui.features.audit import Ground

LONGEST: Final = timedelta(hours=24)
AHEAD: Final = timedelta(seconds=10)
"""Clocks of a browser and a device differ by less; what is to come has no footage."""
ASKED: Final = timedelta(days=31)
"""One question."""
MOST_TEXT: Final = 500
MOST_LISTED: Final = 1_000
MOST_OF_CAMERA: Final = 10_000
"""In force, of one camera; who marks more writes a report."""
MOST_A_DAY: Final = 500
"""Made by one person within a day, those that were withdrawn with them."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def micros_of(at: datetime) -> int:
    """Exact: a float of seconds is not."""
    return (at - EPOCH) // MICROSECOND


def moment_of(us: int) -> datetime:
    """The same backwards."""
    return EPOCH + timedelta(microseconds=us)


@dataclass(frozen=True, slots=True)
class Span:
    """Of footage: an instant where both are the same. Microseconds since 1970."""

    since_us: int
    until_us: int

    @classmethod
    def marked(cls, since: datetime, until: datetime | None, now: datetime) -> Self:
        """What a bookmark may be about. Raises UnusableBookmark."""
        end = since if until is None else until
        if end < since:
            raise UnusableBookmark(why_zh="结束早于开始", why_en="it ends before it begins")
        if end - since > LONGEST:
            raise UnusableBookmark(why_zh="时段超过 24 小时", why_en="it is longer than 24 hours")
        if end > now + AHEAD:
            raise UnusableBookmark(why_zh="时间在将来", why_en="it lies in the future")
        return cls(micros_of(since), micros_of(end))

    @classmethod
    def asked(cls, since: datetime, until: datetime) -> Self:
        """What is looked through. Raises UnusableBookmark."""
        if not since < until:
            raise UnusableBookmark(why_zh="起始不早于结束", why_en="it does not begin before it ends")
        if until - since > ASKED:
            raise UnusableBookmark(why_zh="一次最多查询 31 天", why_en="31 days at most are looked through at once")
        return cls(micros_of(since), micros_of(until))

    @property
    def footage(self) -> Footage:
        """As the door asks for it."""
        return Footage(self.since_us / 1e6, self.until_us / 1e6)

    @property
    def text(self) -> str:
        """For records."""
        begin = moment_of(self.since_us).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.since_us == self.until_us:
            return begin
        return f"{begin}/{moment_of(self.until_us).isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"


def words_of(text: str) -> str:
    """What is kept of what somebody wrote: without blanks around it and without what cannot be seen. Raises UnusableWords."""
    seen = "".join(one if one.isprintable() or one == "\n" else " " for one in text).strip()
    if not seen:
        raise UnusableWords(why_zh="没有文字", why_en="there are none")
    if len(seen) > MOST_TEXT:
        raise UnusableWords(why_zh=f"超过 {MOST_TEXT} 字", why_en=f"more than {MOST_TEXT} characters")
    return seen


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """It stays, and is told apart: nothing that was noted vanishes. Seconds since 1970."""

    at: float
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Somebody's words about footage of one camera. `ground`: the use ticket it was made under, with its case; times: seconds since
    1970, `edited_at` 0 where its words are the first ones.
    """

    id: int
    camera: str
    span: Span
    text: str
    author_id: int
    author: str
    unit: str
    ground: Ground
    made_at: float
    edited_at: float
    withdrawn: Withdrawn | None


class UnusableBookmark(OperatorFault):
    """No such bookmark can be made or asked for."""

    code = "bookmark.unusable"
    status = 422
    zh = "标记无效:{why_zh}"
    en = "The bookmark cannot be used: {why_en}"
    remedy_zh = "请更正后重试:时间不在将来,时段不超过 24 小时"
    remedy_en = "Correct it: not in the future, 24 hours at most"


class UnusableWords(OperatorFault):
    """Words that say nothing, or too many."""

    code = "bookmark.words"
    status = 422
    zh = "文字无效:{why_zh}"
    en = "These words cannot be kept: {why_en}"
    remedy_zh = "请写 1 至 500 字"
    remedy_en = "Write 1 to 500 characters"


class MaskedBookmark(Refusal):
    """What was seen of a masked camera is noted, and read, as its footage is: under a lift."""

    code = "bookmark.masked"
    rule = "A40"
    zh = "摄像机 {camera} 设有隐私遮挡,其录像标记与录像一样,须解除遮挡后才能查看或添加"
    en = "Camera {camera} has privacy masks: bookmarks of its footage are read and made under a lift, as the footage is"
    remedy_zh = "请申请解除遮挡(双人审批),在批准的时间内办理"
    remedy_en = "Ask for a mask lift (two persons) and do it within the time that is granted"


class UnknownBookmark(OperatorFault):
    """No such bookmark of this camera."""

    code = "bookmark.unknown"
    status = 404
    zh = "没有这个标记,或已撤回"
    en = "There is no such bookmark, or it was withdrawn"
    remedy_zh = "请刷新标记列表"
    remedy_en = "Load the list of bookmarks again"


class ForeignBookmark(OperatorFault):
    """Somebody else's words stay as they wrote them."""

    code = "bookmark.foreign"
    status = 403
    zh = "只有标记人本人({author})可以修改或撤回"
    en = "Only whoever made it ({author}) edits or withdraws it"
    remedy_zh = "请由本人办理;有不同看法的,另加一个标记"
    remedy_en = "Let them do it; where you see it otherwise, make a bookmark of your own"


class TooManyBookmarks(OperatorFault):
    """A camera, or a person, has as many as may be."""

    code = "bookmark.too_many"
    status = 409
    zh = "标记已达上限:{what_zh}"
    en = "No more bookmarks: {what_en}"
    remedy_zh = "请撤回不再需要的标记,或把所见写入案件材料"
    remedy_en = "Withdraw those that are not needed any more, or write what was seen into the case"
