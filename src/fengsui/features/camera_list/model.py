"""One change for many cameras: what it is, what it would do to each, and what can be wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fengsui.errors import FengsuiError, OperatorFault
from fengsui.features.access import CLASS_TEXTS, CameraClass
from fengsui.features.cameras import Camera

MOST: Final = 100_000
"""Cameras in one edit."""
MOST_NAMED: Final = 20_000
"""Cameras that are chosen one by one, or left out."""
MOST_TAGS, LONGEST_NAME = 32, 256
"""As for a single camera."""
UNSAID: Final = ("未指定", "not said")


class NameHow(StrEnum):
    """What an edit does to the name that is shown."""

    PREFIX = "prefix"
    SUFFIX = "suffix"
    REPLACE = "replace"
    DEVICE = "device"
    """The device's own word again."""


@dataclass(frozen=True, slots=True)
class NameEdit:
    """`find`: what `text` takes the place of, wherever it stands in a name."""

    how: NameHow
    text: str = ""
    find: str = ""

    @property
    def says_something(self) -> bool:
        """There is a text to add, or one to look for."""
        return self.how is NameHow.DEVICE or bool(self.find if self.how is NameHow.REPLACE else self.text)

    def of(self, camera: Camera) -> str:
        """The operators' own name after it; empty: the device's word. Raises NameEmpty, NameTooLong."""
        match self.how:
            case NameHow.DEVICE:
                return ""
            case NameHow.PREFIX:
                name = self.text + camera.name
            case NameHow.SUFFIX:
                name = camera.name + self.text
            case NameHow.REPLACE:
                name = camera.name.replace(self.find, self.text)
        if name == camera.name:
            return camera.own_name
        if not name.strip():
            raise NameEmpty(name=camera.name)
        if len(name) > LONGEST_NAME:
            raise NameTooLong(length=len(name), most=LONGEST_NAME)
        return name


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change; None and empty: that stays.

    `own_area` empty: the device's word again; `camera_class` empty: by the node's setting.
    """

    name: NameEdit | None = None
    tags_add: tuple[str, ...] = ()
    tags_remove: tuple[str, ...] = ()
    own_area: str | None = None
    camera_class: str | None = None
    file: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing would change anywhere."""
        return self == Edit()

    def tags_of(self, camera: Camera) -> tuple[str, ...]:
        """In the order in which they were given. Raises TagsFull."""
        kept = tuple(tag for tag in camera.tags if tag not in self.tags_remove)
        tags = (*kept, *(tag for tag in self.tags_add if tag not in kept))
        if len(tags) > MOST_TAGS:
            raise TagsFull(count=len(tags), most=MOST_TAGS)
        return tags


class Outcome(StrEnum):
    """What an edit would do to a camera."""

    CHANGE = "change"
    ASK = "ask"
    """Some of it, or all, takes two persons: that is asked for."""
    SAME = "same"
    REFUSED = "refused"


class Result(StrEnum):
    """What it did."""

    DONE = "done"
    ASKED = "asked"
    PARTLY = "partly"
    """What one person may is done; what takes two could not be asked for."""
    FAILED = "failed"


class Phase(StrEnum):
    """How far an edit is."""

    LOOKING = "looking"
    READY = "ready"
    """Nothing is changed yet."""
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a camera. `field`: as cameras have it, or of the device file after `file.`. `two`: it takes a second person."""

    field: str
    before: str
    after: str
    two: bool = False

    @property
    def request(self) -> bool:
        """It is asked for; a change of a file waits with the file."""
        return self.two and not self.field.startswith("file.")


@dataclass(slots=True)
class Row:
    """One camera of an edit. `seen`: what was looked at; who finds it otherwise does not write. `version`: of its file."""

    code: str
    name: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    seen: int = 0
    version: int = 0
    error: FengsuiError | None = None
    result: Result | None = None


def seen_of(camera: Camera) -> int:
    """What operators say of a camera, and what decides who may, as a number: a change of it makes a preview stale."""
    place = (camera.longitude, camera.latitude) if camera.own_place else None
    words = camera.own_name, camera.reported_name, camera.own_area, camera.tags, camera.audio_basis, place
    return hash((camera.device, camera.shown_area, camera.camera_class, camera.class_said, *words))


def class_words(stored: str) -> tuple[str, str]:
    """Of a class as it is stored."""
    return CLASS_TEXTS[CameraClass(stored)] if stored else UNSAID


class NothingToDo(OperatorFault):
    """No camera, or nothing to change."""

    code = "camera.edit_nothing"
    status = 422
    zh = "没有选择摄像机,或没有选择要修改的内容"
    en = "No camera is chosen, or nothing that is to change"
    remedy_zh = "请先选择摄像机和要修改的内容"
    remedy_en = "Choose cameras, and what is to change"


class NothingLeft(OperatorFault):
    """The preview has no camera that would be changed."""

    code = "camera.edit_nothing_left"
    status = 409
    zh = "预览中没有会被修改的摄像机"
    en = "The preview has no camera that would be changed"
    remedy_zh = "请查看各行的原因,改正后重新预览"
    remedy_en = "See the reasons beside the cameras, and make the preview anew"


class TooManyCameras(OperatorFault):
    """More than one edit takes."""

    code = "camera.edit_too_many"
    status = 422
    zh = "选中 {count} 台摄像机,一次最多修改 {most} 台"
    en = "{count} cameras are chosen; one edit takes {most} at most"
    remedy_zh = "请用筛选条件分批修改"
    remedy_en = "Narrow the list and go on in parts"


class UnfitText(OperatorFault):
    """Characters that nobody can read."""

    code = "camera.edit_text"
    status = 422
    zh = "“{text}”含有不可见字符或首尾空格"
    en = "“{text}” has characters that cannot be seen, or blanks at an end"
    remedy_zh = "请重新输入,不要带不可见字符和首尾空格"
    remedy_en = "Type it anew without them"


class UnknownArea(OperatorFault):
    """No division of this code."""

    code = "camera.edit_area"
    status = 422
    zh = "没有代码为 {area} 的区划"
    en = "No division has the code {area}"
    remedy_zh = "请从列表中选择区划"
    remedy_en = "Choose a division from the list"


class UnknownEdit(OperatorFault):
    """Somebody else's, or of an hour ago."""

    code = "camera.edit_unknown"
    status = 404
    zh = "没有这次批量修改,或已超过一小时"
    en = "There is no such edit, or it is more than an hour old"
    remedy_zh = "请重新预览"
    remedy_en = "Make the preview anew"


class EditNotReady(OperatorFault):
    """Being looked through, or done already."""

    code = "camera.edit_not_ready"
    status = 409
    zh = "这次批量修改现在不能执行"
    en = "This edit cannot be done now"
    remedy_zh = "请等待预览完成;已执行的请重新预览"
    remedy_en = "Wait for the preview; one that is done is previewed anew"


class EditBusy(OperatorFault):
    """Too many at once."""

    code = "camera.edit_busy"
    status = 503
    zh = "正在进行的批量修改过多"
    en = "Too many edits at once"
    remedy_zh = "请稍后再试"
    remedy_en = "Try again later"


class EditStopped(OperatorFault):
    """Whoever began it stopped it before this camera."""

    code = "camera.edit_stopped"
    status = 409
    zh = "批量修改已被停止,这台摄像机没有修改"
    en = "The edit was stopped before this camera: it is as it was"
    remedy_zh = "需要时重新预览"
    remedy_en = "Make the preview anew if you need it"


class LookStopped(OperatorFault):
    """Whoever began it stopped the preview."""

    code = "camera.edit_look_stopped"
    status = 409
    zh = "预览已被停止,没有修改任何摄像机"
    en = "The preview was stopped: no camera was changed"
    remedy_zh = "需要时重新预览"
    remedy_en = "Make the preview anew if you need it"


class TooManyNamed(OperatorFault):
    """More codes than one request names."""

    code = "camera.edit_named"
    status = 422
    zh = "逐台选中了 {count} 台摄像机,一次最多逐台选 {most} 台"
    en = "{count} cameras are chosen one by one; {most} are the most"
    remedy_zh = "请用筛选条件缩小列表,再选“全部符合条件的”(Ctrl+A),然后去掉不要的"
    remedy_en = "Narrow the list, choose all that match (Ctrl+A), and take away what is not meant"


class CameraChanged(OperatorFault):
    """The preview says something else."""

    code = "camera.edit_stale"
    status = 409
    zh = "摄像机 {camera} 在预览之后已被修改,没有改动"
    en = "Somebody has changed the camera {camera} since the preview: it is left as it is"
    remedy_zh = "请对它重新预览,按最新的内容再改"
    remedy_en = "Make the preview anew for it: it is compared with what is there now"


class NameEmpty(OperatorFault):
    """Nothing would be left."""

    code = "camera.edit_name_empty"
    status = 422
    zh = "“{name}”修改后名称为空"
    en = "Nothing would be left of the name “{name}”"
    remedy_zh = "请换一种改名方式,或恢复设备上报的名称"
    remedy_en = "Change it in another way, or take the device's word again"


class NameTooLong(OperatorFault):
    """Longer than names are."""

    code = "camera.edit_name_long"
    status = 422
    zh = "修改后名称有 {length} 个字,最多 {most} 个"
    en = "The name would have {length} characters; {most} are the most"
    remedy_zh = "请缩短要添加的文字"
    remedy_en = "Add less"


class TagsFull(OperatorFault):
    """More than a camera has."""

    code = "camera.edit_tags"
    status = 422
    zh = "修改后有 {count} 个标签,最多 {most} 个"
    en = "It would have {count} tags; {most} are the most"
    remedy_zh = "请先移除不用的标签"
    remedy_en = "Take away tags that are not used"


class OneRequestAtATime(OperatorFault):
    """The first that takes effect makes the other void."""

    code = "camera.edit_one_request"
    status = 409
    zh = "类别和所列区划的变更都须两人办理,对同一台摄像机须先后申请"
    en = "Its class and its area would both take two persons: the one is asked for after the other"
    remedy_zh = "请分两次修改:先改一项,生效后再改另一项"
    remedy_en = "Change the one now, and the other when it has taken effect"


class NoteNotWhole(OperatorFault):
    """The database says something that the node did not write."""

    code = "camera.note_not_whole"
    status = 409
    zh = "摄像机 {camera} 的登记内容在数据库中被绕过节点改动,不予采信"
    en = "What operators said of {camera} was changed in the database past the node, and is not believed"
    remedy_zh = "请报告审计管理员;核对后由两人重新确定其类别"
    remedy_en = "Tell the audit office; two persons decide about its class anew"
