"""What is refused about methods."""

from __future__ import annotations

from fengsui.errors import OperatorFault


class UnknownMethod(OperatorFault):
    """No such method, or none that one may see."""

    code = "method.unknown"
    status = 404
    zh = "没有这条技战法"
    en = "There is no such method"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class MethodChanged(OperatorFault):
    """Somebody was first."""

    code = "method.changed"
    status = 409
    zh = "技战法“{title}”刚被他人更改"
    en = "Somebody has just changed the method “{title}”"
    remedy_zh = "请刷新后再修改"
    remedy_en = "Load it again, then change it"


class MethodTitleTaken(OperatorFault):
    """A method is told apart by its title."""

    code = "method.title_taken"
    status = 409
    zh = "已有名为“{title}”的技战法"
    en = "There is a method “{title}” already"
    remedy_zh = "请换一个标题"
    remedy_en = "Choose another title"


class UnusableMethod(OperatorFault):
    """No such method can be kept."""

    code = "method.unusable"
    status = 422
    zh = "技战法无效:{why_zh}"
    en = "The method cannot be kept: {why_en}"
    remedy_zh = "请按提示修改"
    remedy_en = "Change what is said"


class MethodNotPublished(OperatorFault):
    """Only what is published is said to have served."""

    code = "method.not_published"
    status = 409
    zh = "技战法“{title}”未发布"
    en = "The method “{title}” is not published"
    remedy_zh = "请选择已发布的技战法"
    remedy_en = "Choose one that is published"


class IncidentNotClosed(OperatorFault):
    """What worked is known at the end."""

    code = "method.incident_not_closed"
    status = 409
    zh = "警情 {number} 不是已结束状态,不能关联技战法"
    en = "Incident {number} does not stand as closed, so no method is linked to it or parted from it"
    remedy_zh = "请在警情结束后、归档前关联"
    remedy_en = "Link it once the incident is closed and before it is archived"


class MethodLinked(OperatorFault):
    """Once is enough."""

    code = "method.linked"
    status = 409
    zh = "警情已关联技战法“{title}”"
    en = "The method “{title}” is linked to the incident already"
    remedy_zh = "请刷新"
    remedy_en = "Load it again"


class MethodNotLinked(OperatorFault):
    """There is nothing to take away."""

    code = "method.not_linked"
    status = 409
    zh = "警情没有关联这条技战法"
    en = "The method is not linked to the incident"
    remedy_zh = "请刷新"
    remedy_en = "Load it again"


class TooManyMethods(OperatorFault):
    """Of one incident."""

    code = "method.too_many"
    status = 409
    zh = "一起警情最多关联 {most} 条技战法"
    en = "{most} methods are linked to one incident at most"
    remedy_zh = "请只保留确实用到的"
    remedy_en = "Keep those that were used"
