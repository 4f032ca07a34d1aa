"""What speaks against a request or its approval: a sentence each, with the lawful way."""

from __future__ import annotations

from fengsui.errors import OperatorFault


class UnfitContent(OperatorFault):
    """It has no single written form, so it cannot be signed."""

    code = "approvals.unfit_content"
    zh = "申请内容无法固定为唯一的书写形式({what})"
    en = "The content has no single written form ({what})"
    remedy_zh = "内容只能包含文字、整数、是否、列表和对象"
    remedy_en = "Use text, whole numbers, true or false, lists and objects only"


class UnknownRequest(OperatorFault):
    """No such request, or none that this person may see."""

    code = "approvals.unknown"
    status = 404
    zh = "没有这个申请"
    en = "There is no such request"
    remedy_zh = "请刷新审批列表"
    remedy_en = "Load the list of requests again"


class NotOpen(OperatorFault):
    """The step does not exist in this state."""

    code = "approvals.not_open"
    status = 409
    zh = "该申请的状态是“{state_zh}”,不能再执行此操作"
    en = "The request is {state}; this cannot be done any more"
    remedy_zh = "请刷新页面查看处理结果;如仍需要,请重新提出申请"
    remedy_en = "Load the page to see what became of it; ask anew if it is still needed"


class OwnRequest(OperatorFault):
    """The approver and the requester are one account."""

    code = "approvals.own_request"
    rule = "A15"
    status = 403
    zh = "不能审批自己(或自己的程序令牌)提出的申请"
    en = "Nobody approves what they, or a token of theirs, asked for"
    remedy_zh = "请由另一名有权限的人员审批"
    remedy_en = "Let another person with this right approve it"


class SameWorkstation(OperatorFault):
    """Both sit at one workstation, so that nobody can tell whether there are two of them."""

    code = "approvals.same_workstation"
    rule = "A15"
    status = 403
    zh = "审批人与申请人在同一工作站({address}),不能视为两个人"
    en = "Requester and approver sit at one workstation ({address}): that does not show two persons"
    remedy_zh = "请审批人在自己的工作站登录后审批"
    remedy_en = "Let the approver sign in at a workstation of their own"


class RankTooLow(OperatorFault):
    """The policy pack wants a higher rank for this act."""

    code = "approvals.rank"
    rule = "A14"
    status = 403
    zh = "此事项须由{needed_zh}及以上批准,您在此处的级别:{held_zh}"
    en = "This is approved by a {needed_en} or above; your rank here: {held_en}"
    remedy_zh = "请由有相应级别的人员审批:{who_zh}"
    remedy_en = "Let somebody of that rank approve it: {who_en}"


class Subordinate(OperatorFault):
    """The approver stands below the requester: whoever can be told to approve is no second person."""

    code = "approvals.subordinate"
    rule = "A15"
    status = 403
    zh = "您是申请人 {asker} 的下级,不能审批其申请"
    en = "You are subordinate to {asker}, who asked: you cannot approve it"
    remedy_zh = "请由非下级人员审批:{who_zh}"
    remedy_en = "Let somebody approve it who is not below them: {who_en}"


class ConcernsYou(OperatorFault):
    """The act is about the approver."""

    code = "approvals.concerns_you"
    rule = "A15"
    status = 403
    zh = "不能审批关于本人的申请"
    en = "Nobody approves what is about themselves"
    remedy_zh = "请由他人审批"
    remedy_en = "Let somebody else approve it"


class GaveAccount(OperatorFault):
    """One of the two knew how to sign in as the other."""

    code = "approvals.gave_account"
    rule = "A15"
    status = 403
    zh = "账户 {given} 由 {giver} 开立或重置,{giver} 可能以该账户登录过,二者不能互为第二人"
    en = "{giver} made or reset the account {given} and could have signed in with it: these two are not two persons"
    remedy_zh = "请由其他有权限的人员审批"
    remedy_en = "Let somebody else with this right approve it"


class AskerMayNot(OperatorFault):
    """Whoever asked has lost the right to ask, or the account."""

    code = "approvals.asker"
    rule = "A15"
    status = 409
    zh = "申请人 {asker} 已无权提出此申请"
    en = "{asker}, who asked, may not ask for this any more"
    remedy_zh = "如仍需要,请由有权人员重新提出申请"
    remedy_en = "If it is still needed, let somebody with the right ask anew"


class ApproverMayNot(OperatorFault):
    """Whoever approved has no account any more when the act is about to happen."""

    code = "approvals.approver"
    rule = "A15"
    status = 409
    zh = "审批人 {approver} 的账户已停用"
    en = "The account of {approver}, who approved, is disabled"
    remedy_zh = "如仍需要,请重新提出申请"
    remedy_en = "If it is still needed, ask anew"


class NotRead(OperatorFault):
    """The approver has not opened what they approve."""

    code = "approvals.not_read"
    rule = "A15"
    status = 409
    zh = "您还没有打开该申请的完整内容"
    en = "You have not opened the full content of this request"
    remedy_zh = "请先打开申请、阅读全部内容,再审批"
    remedy_en = "Open the request and read all of it first"


class ContentChanged(OperatorFault):
    """What would happen is not what was read, asked or approved."""

    code = "approvals.content_changed"
    rule = "A15"
    status = 409
    zh = "内容与所读、所批的不一致,该申请已失效"
    en = "What would happen is not what was read and approved; the request is void"
    remedy_zh = "请核对现状后重新提出申请"
    remedy_en = "Look at the present state and ask anew"


class OtherHash(OperatorFault):
    """The approval names another content than the request holds."""

    code = "approvals.other_hash"
    rule = "A15"
    status = 409
    zh = "审批所签的内容不是该申请的内容"
    en = "The approval is for another content than the request holds"
    remedy_zh = "请重新打开申请,阅读后再审批"
    remedy_en = "Open the request again, read it and then approve"


class NotYours(OperatorFault):
    """Only whoever asked takes a request back, and while an approved one waits whoever could have approved it."""

    code = "approvals.not_yours"
    status = 403
    zh = "只有申请人可以撤回待审批的申请"
    en = "Only whoever asked may withdraw a request that waits for approval"
    remedy_zh = "不同意时请选择“拒绝”并写明理由"
    remedy_en = "If you do not agree, refuse it with a reason"


class DocumentMissing(OperatorFault):
    """The act needs a paper (rule A16)."""

    code = "approvals.document_missing"
    rule = "A16"
    zh = "此操作须附法律文书:文号、签发机关、批准人职级和日期"
    en = "This act needs its legal document: number, issuing organ, rank of its approver, and date"
    remedy_zh = "请填写文书信息后再提交"
    remedy_en = "Give the document and submit again"


class ReasonMissing(OperatorFault):
    """A request or a refusal without a reason."""

    code = "approvals.reason_missing"
    zh = "请写明理由"
    en = "Give a reason"
    remedy_zh = "理由会写入审计日志,并显示给另一方"
    remedy_en = "It goes into the audit log and is shown to the other person"


class TooMany(OperatorFault):
    """One person's requests fill nobody's list."""

    code = "approvals.too_many"
    status = 429
    zh = "您已有 {limit} 个申请待审批"
    en = "{limit} requests of yours wait for approval already"
    remedy_zh = "请等待审批,或撤回不再需要的申请"
    remedy_en = "Wait for the approvals, or withdraw what is not needed any more"
