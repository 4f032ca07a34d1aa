"""How the door says no: the sentence, the rule, and the lawful way instead (rule A65). Pure."""

from __future__ import annotations

from fengsui.errors import OperatorFault
from fengsui.features.audit import NO_GROUND, Ground


class Refusal(OperatorFault):
    """A right is missing. Recorded as refused; the answer names rule, lawful way and the audit office."""

    code = "access.refused"
    status = 403
    rule = "A7"
    recorded = False
    """The audit record of this very refusal stands."""
    ground: Ground = NO_GROUND
    """Of the ticket that did not open this."""


class NotAllowed(Refusal):
    """No post of this person gives the function."""

    code = "access.not_allowed"
    zh = "您的岗位没有“{function_zh}”的权限"
    en = "Your post may not {function_en}"
    remedy_zh = "有此权限的岗位:{posts_zh};确有需要,请由所在单位的安全管理员任命"
    remedy_en = "Posts that may: {posts_en}. If your work needs it, ask the security administrator of your unit for the appointment"


class OfficeSeesNothing(Refusal):
    """An administrator's office opens no footage, nor what another office does."""

    code = "access.office"
    rule = "A35"
    zh = "{post_zh}职务不得{function_zh}"
    en = "The office of {post_en} may not {function_en}"
    remedy_zh = "三类管理员职务相互分离,且不得查看视频;请由有此权限的岗位办理:{posts_zh}"
    remedy_en = "The three administrators' offices are separate and see no footage; it is done by: {posts_en}"


class OutOfScope(Refusal):
    """The post gives the function, but not here."""

    code = "access.out_of_scope"
    zh = "{what} 不在您的管辖范围内({function_zh})"
    en = "{what} is outside your area ({function_en})"
    remedy_zh = "请由当地有权人员办理,或请安全管理员把该区域列入您的任命"
    remedy_en = "Ask somebody with rights there, or ask the security administrator to put the area into your appointment"


class ClassWithheld(Refusal):
    """The area is right; this class of cameras is not."""

    code = "access.class_withheld"
    zh = "您的任命不含此类摄像机({class_zh})"
    en = "Your appointment does not hold cameras of this class ({class_en})"
    remedy_zh = "请安全管理员在任命中列入该类别,并写明理由"
    remedy_en = "Ask the security administrator to put the class into your appointment, with the reason"


class AppointmentNotInForce(Refusal):
    """It would be allowed by an appointment that has ended or has not begun."""

    code = "access.appointment_not_in_force"
    zh = "您的任命({post_zh})不在有效期内"
    en = "Your appointment ({post_en}) is not in force"
    remedy_zh = "请安全管理员核实后重新任命"
    remedy_en = "Ask the security administrator to look at it and appoint you anew"


class AccountClosed(Refusal):
    """Vetting, undertaking or training is missing or has lapsed."""

    code = "access.account_closed"
    rule = "A9"
    zh = "账户已关闭:{why_zh}"
    en = "The account is closed: {why_en}"
    remedy_zh = "补办后由安全管理员登记日期,账户随即恢复"
    remedy_en = "Have it done and the date entered by the security administrator: the account opens at once"


class NotOnDuty(Refusal):
    """Live viewing by duty staff needs an open duty ticket; everybody else needs a use ticket."""

    code = "access.not_on_duty"
    rule = "A5"
    zh = "您未在班,不能{function_zh}"
    en = "You are not on duty and may not {function_en}"
    remedy_zh = "请先在值班台签到上岗,或开立使用单"
    remedy_en = "Sign on to your shift first, or open a use ticket"


class NoCentre(Refusal):
    """No duty centre answers for the area, so that nobody can be on duty there; the policy does not open it otherwise."""

    code = "access.no_centre"
    rule = "A5"
    zh = "没有值班中心负责该区域({area}),不能{function_zh}"
    en = "No duty centre answers for this area ({area}): you may not {function_en}"
    remedy_zh = "请值班长在“值班”页为该区域设立值班中心,签到后即可;或开立使用单"
    remedy_en = "Have a duty supervisor set up a centre for it on the duty page and sign on there, or open a use ticket"


class BeyondDuty(Refusal):
    """On duty, but the post that takes the shift does not hold cameras of this class, or lies elsewhere."""

    code = "access.beyond_duty"
    rule = "A5"
    zh = "您的值班岗位不含该摄像机({class_zh}),不能{function_zh}"
    en = "Your post on duty does not hold this camera ({class_en}): you may not {function_en}"
    remedy_zh = "请由含该类别的值班人员查看,或开立使用单"
    remedy_en = "Ask somebody on duty whose post holds the class, or open a use ticket"


class TicketNeeded(Refusal):
    """Recorded footage needs an open use ticket."""

    code = "ACC-TICKET"
    rule = "A1"
    zh = "{function_zh}需要已开立的使用单"
    en = "An open use ticket is needed to {function_en}"
    remedy_zh = "请开立使用单:用途、案(事)件编号、法律依据、摄像机、时段"
    remedy_en = "Open a use ticket: purpose, case number, legal basis, cameras, time"


class NoPolicy(Refusal):
    """Without a policy pack recorded functions stay closed."""

    code = "access.no_policy"
    rule = "A8"
    zh = "节点未加载策略包,录像功能关闭"
    en = "No policy pack is loaded: recorded footage stays closed"
    remedy_zh = "请安全管理员加载已签名的策略包"
    remedy_en = "Ask the security administrator to load a signed policy pack"


class FootageUnsaid(Refusal):
    """Recorded footage is asked for without its time."""

    code = "access.footage_unsaid"
    rule = "A2"
    zh = "未说明所请求录像的起止时间"
    en = "The request does not say which time of the recordings it asks for"
    remedy_zh = "请写明起止时间,并在使用单所写时段之内"
    remedy_en = "Say from when to when, within the window of the use ticket"


class FootageTooOld(Refusal):
    """Older footage than the policy opens to this post."""

    code = "access.footage_too_old"
    rule = "A8"
    zh = "该录像已超过 {days} 天,须由上级批准"
    en = "This footage is older than {days} days and needs the approval of a superior"
    remedy_zh = "办理案件需要的,请在摄像机页面为该案件申请录像保全;经上级批准后,该案件的使用单可查看所保全的时段,不得超出"
    remedy_en = (
        "For a case, ask on the camera's page for a hold of that time: once a superior has approved it, tickets of the case open "
        "what is held, and no more"
    )


class FootageHeld(Refusal):
    """Footage beyond its time is there for the case that it is held for, and for nobody else."""

    code = "access.footage_held"
    rule = "A52"
    zh = "{before} 以前的录像已过保存期,仅为案件保全,不在普通检索与回放之列"
    en = "Footage before {before} is beyond its time and is held for a case: it is left out of ordinary search and playback"
    remedy_zh = "办理该案件的,请以该案件的使用单查看;本案也需要的,请在摄像机页面申请录像保全;其他人员请只查看 {before} 以后的录像"
    remedy_en = (
        "Whoever works the case sees it under a use ticket of that case; for another case ask for a hold on the camera's page; "
        "others ask for footage from {before} on"
    )


class PostsConflict(Refusal):
    """Two offices, or an office and a post that sees footage, in one hand."""

    code = "access.posts_conflict"
    status = 409
    rule = "A35"
    zh = "同一人不得兼任{one_zh}与{other_zh}"
    en = "One person cannot be {one_en} and {other_en}"
    remedy_zh = "三类管理员职务相互分离,管理员不得查看视频:请任命另一人,或先撤销现有任命"
    remedy_en = "The three administrators' offices are separate and see no footage: appoint somebody else"
