"""The life of a device file, who may do which act of it, and what can be wrong. Pure. Source: appraisal of device files, §4.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fengsui.errors import NodeFault, OperatorFault

Values = Mapping[str, str]
"""Field → what was written, letter by letter; an empty field is absent."""


class FileState(StrEnum):
    """Where a file stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under-review"
    RETURNED = "returned"
    APPROVED = "approved"
    IN_USE = "in-use"
    REPAIR = "repair"
    REMOVED = "removed"
    ARCHIVED = "archived"


class FileAct(StrEnum):
    """What moves a file on, beside writing it."""

    SUBMIT = "submit"
    TAKE = "take"
    RETURN = "return"
    APPROVE = "approve"
    USE = "use"
    REPAIR = "repair"
    REPAIRED = "repaired"
    REMOVE = "remove"
    ARCHIVE = "archive"


class Severity(StrEnum):
    """An error keeps a file from being submitted; a warning is for the reviewer's eyes."""

    ERROR = "error"
    WARNING = "warning"


S, A = FileState, FileAct
WAYS: Final[Mapping[FileAct, tuple[frozenset[FileState], FileState]]] = {
    A.SUBMIT: (frozenset((S.DRAFT, S.RETURNED)), S.SUBMITTED),
    A.TAKE: (frozenset((S.SUBMITTED,)), S.UNDER_REVIEW),
    A.RETURN: (frozenset((S.UNDER_REVIEW,)), S.RETURNED),
    A.APPROVE: (frozenset((S.UNDER_REVIEW,)), S.APPROVED),
    A.USE: (frozenset((S.APPROVED,)), S.IN_USE),
    A.REPAIR: (frozenset((S.IN_USE,)), S.REPAIR),
    A.REPAIRED: (frozenset((S.REPAIR,)), S.IN_USE),
    A.REMOVE: (frozenset((S.IN_USE, S.REPAIR)), S.REMOVED),
    A.ARCHIVE: (frozenset((S.REMOVED,)), S.ARCHIVED),
}
"""From which states an act leads where."""
REVIEWERS: Final = frozenset((A.TAKE, A.RETURN, A.APPROVE))
"""Done by somebody who did not write the file."""
NEEDS_REASON: Final = frozenset((A.RETURN, A.REMOVE))
WRITTEN_FREELY: Final = frozenset((S.DRAFT, S.RETURNED))
IN_FORCE: Final = frozenset((S.APPROVED, S.IN_USE, S.REPAIR))
"""Approved: some changes of these wait for a reviewer, while the file stays as it is."""
STATUS_OF: Final[Mapping[FileState, str]] = {S.IN_USE: "1", S.REPAIR: "2", S.REMOVED: "3"}
"""What an act writes into the field `status`, as a change of its own in the history."""


def acts_in(state: FileState, *, change_waits: bool) -> list[FileAct]:
    """The acts a file is open for; while a change waits, that is decided first."""
    if change_waits:
        return [A.RETURN, A.APPROVE]
    return [act for act, (sources, _) in WAYS.items() if state in sources]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with a field: `check` names it in `checks.CHECKS`, `facts` fill its sentences."""

    check: str
    field: str
    facts: Mapping[str, object]


class UnknownFile(OperatorFault):
    """No device file has this code."""

    code = "file.unknown"
    status = 404
    zh = "点位 {file} 尚未建档"
    en = "There is no device file of {file}"
    remedy_zh = "请核对 20 位编码,或为它新建档案"
    remedy_en = "Check the 20 digits, or open a file for it"


class FileExists(OperatorFault):
    """One camera point, one file."""

    code = "file.exists"
    status = 409
    zh = "点位 {file} 已有档案"
    en = "{file} has a device file already"
    remedy_zh = "请打开已有的档案修改"
    remedy_en = "Open that file and change it"


class FileChanged(OperatorFault):
    """Somebody else wrote it meanwhile."""

    code = "file.changed"
    status = 409
    zh = "档案已被 {by} 修改(第 {version} 版),您看到的是第 {seen} 版"
    en = "{by} has changed the file meanwhile: it is at version {version}, you saw {seen}"
    remedy_zh = "请刷新后对照再改"
    remedy_en = "Load it anew, compare, and change it again"


class FileLocked(OperatorFault):
    """Under review, or past its life."""

    code = "file.locked"
    status = 409
    zh = "档案处于“{state_zh}”,现在不能修改"
    en = "The file is {state_en}: it cannot be changed now"
    remedy_zh = "审核中的档案退回后可以修改;已拆除、已归档的不再修改"
    remedy_en = "One under review can be changed when it is returned; one that is removed or archived stays as it is"


class ActNotOpen(OperatorFault):
    """Not in this state."""

    code = "file.act_not_open"
    status = 409
    zh = "档案处于“{state_zh}”,不能“{act_zh}”"
    en = "The file is {state_en}: “{act_en}” is not open to it"
    remedy_zh = "请刷新页面,按当前状态办理"
    remedy_en = "Load the page anew and go on from its present state"


class FileFaulty(OperatorFault):
    """Not to be submitted, approved or kept as approved with errors in it."""

    code = "file.faulty"
    status = 409
    zh = "档案还有 {count} 处错误,例如:{first_zh}"
    en = "The file has {count} errors, such as: {first_en}"
    remedy_zh = "请按各栏旁的提示逐项改正"
    remedy_en = "Mend what stands beside the fields"


class OwnFile(OperatorFault):
    """Reviewed by who did not write it (appraisal §4.1)."""

    code = "file.own"
    status = 403
    zh = "您参与填写了这份档案(或与填写人是同一人),不能由您审核"
    en = "You wrote in this file, or are the same person as who did: it is not for you to review"
    remedy_zh = "请由未参与填写的人员审核"
    remedy_en = "Let somebody review it who did not write it"


class ReasonNeeded(OperatorFault):
    """A return or a removal says why."""

    code = "file.reason"
    status = 422
    zh = "“{act_zh}”须写明原因"
    en = "“{act_en}” needs a reason"
    remedy_zh = "请写明原因(至少 2 个字)"
    remedy_en = "Say why, in two characters at least"


class UnknownField(OperatorFault):
    """No such column."""

    code = "file.unknown_field"
    status = 422
    zh = "档案中没有字段“{field}”"
    en = "A device file has no field “{field}”"
    remedy_zh = "字段见 /api/v1/device-file-fields"
    remedy_en = "The fields are in /api/v1/device-file-fields"


class NotForMany(OperatorFault):
    """What each point has of its own is not written to many at once."""

    code = "file.not_for_many"
    status = 422
    zh = "字段“{field}”不能批量填写"
    en = "The field “{field}” is not written to many files at once"
    remedy_zh = "各点位自有的内容请逐份填写,或用表格导入"
    remedy_en = "Write what a point has of its own file by file, or import it as a table"


class NotAFileCode(OperatorFault):
    """A file lies under the 20 digits of its point."""

    code = "file.not_a_file_code"
    status = 422
    zh = "“{code}”不是 20 位数字编码,无法建档"
    en = "“{code}” is not a code of 20 digits: no file can be opened by it"
    remedy_zh = "请填写 GB/T 28181 的 20 位编码"
    remedy_en = "Give the 20-digit code of GB/T 28181"


class ChangeWaits(OperatorFault):
    """One change after approval at a time."""

    code = "file.change_waits"
    status = 409
    zh = "{by} 提出的变更正在等待审核,审核之前不能再改"
    en = "A change by {by} waits for a reviewer; until then the file stays as it is"
    remedy_zh = "请先审核该变更"
    remedy_en = "Let that change be reviewed first"


class StatusByAct(OperatorFault):
    """After approval the status follows the acts."""

    code = "file.status_by_act"
    status = 409
    zh = "批准后的设备状态由“启用、转维修、修复启用、拆除”改变,不能直接填写"
    en = "After approval the status follows the acts (in use, repair, removed); it is not written"
    remedy_zh = "请使用页面上的相应操作"
    remedy_en = "Use these acts"


class UnusablePhoto(OperatorFault):
    """Not a picture that is kept."""

    code = "file.photo"
    status = 422
    zh = "照片不能使用:{why_zh}"
    en = "The photo cannot be used: {why_en}"
    remedy_zh = "请上传 JPEG、PNG 或 WebP,不超过 {megapixels} 百万像素"
    remedy_en = "Send a JPEG, PNG or WebP of {megapixels} megapixels at most"


class PhotoNotKept(NodeFault):
    """The disk did not take it."""

    code = "file.photo_not_kept"
    status = 503
    zh = "照片未能写入磁盘:{what}"
    en = "The photo could not be written: {what}"
    remedy_zh = "档案没有改动;请检查节点磁盘,腾出空间后重新上传"
    remedy_en = "The file is as it was; look at the node's disk, make room and send the photo again"


class NoPhoto(OperatorFault):
    """Nobody has added one."""

    code = "file.no_photo"
    status = 404
    zh = "点位 {file} 没有照片"
    en = "{file} has no photo"
    remedy_zh = "可在档案页上传"
    remedy_en = "Add one on the page of the file"


class FileNotWhole(OperatorFault):
    """The database says something that the node did not write."""

    code = "file.not_whole"
    status = 409
    zh = "档案 {file} 在数据库中被绕过节点改动,不予采信"
    en = "The file of {file} was changed in the database past the node, and is not believed"
    remedy_zh = "请报告审计管理员;由系统管理员核对历史版本后重新填写"
    remedy_en = "Tell the audit office; a keeper of devices compares its history and writes it anew"


STATE_TEXTS: Final[Mapping[FileState, tuple[str, str]]] = {
    S.DRAFT: ("草稿", "a draft"),
    S.SUBMITTED: ("已提交", "submitted"),
    S.UNDER_REVIEW: ("审核中", "under review"),
    S.RETURNED: ("已退回", "returned"),
    S.APPROVED: ("已批准", "approved"),
    S.IN_USE: ("在用", "in use"),
    S.REPAIR: ("维修", "in repair"),
    S.REMOVED: ("已拆除", "removed"),
    S.ARCHIVED: ("已归档", "archived"),
}
ACT_TEXTS: Final[Mapping[FileAct, tuple[str, str]]] = {
    A.SUBMIT: ("提交审核", "submit"),
    A.TAKE: ("开始审核", "take up the review"),
    A.RETURN: ("退回", "return"),
    A.APPROVE: ("批准", "approve"),
    A.USE: ("启用", "put in use"),
    A.REPAIR: ("转维修", "send to repair"),
    A.REPAIRED: ("修复启用", "back in use"),
    A.REMOVE: ("拆除", "remove"),
    A.ARCHIVE: ("归档", "archive"),
}
