"""Who asks, and the errors of signing in and of keeping people. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.errors import OperatorFault
from fengsui.features.access.decision import Person
from fengsui.features.audit import NO_GROUND, Ground


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, by which session, from where."""

    person: Person
    session: str
    address: str
    must_change_password: bool = False
    must_enrol: bool = False
    """The policy asks for a second factor and this person has none."""
    workstation: str = ""
    """How the browser named itself when the session began."""
    role: str = ""
    """The posts in force when this was made, for the record."""
    is_program: bool = False
    """Signed in by a token, not by a person at a workstation."""
    has_networks: bool = False
    """The token opens from some networks alone."""
    ground: Ground = NO_GROUND
    """What the door opened to them by, for the records of what they do then."""

    @property
    def user_id(self) -> int:
        """Of the account."""
        return self.person.user_id

    @property
    def name(self) -> str:
        """Of the account."""
        return self.person.name

    @property
    def unit(self) -> str:
        """The body that the person belongs to."""
        return self.person.unit


class NotSignedIn(OperatorFault):
    """No session, or one that has ended."""

    code = "access.not_signed_in"
    status = 401
    zh = "尚未登录或登录已过期"
    en = "Not signed in, or the session has ended"
    remedy_zh = "请重新登录"
    remedy_en = "Sign in again"


class SignedInElsewhere(NotSignedIn):
    """One person works at one workstation: a later sign-in ended this session."""

    code = "access.signed_in_elsewhere"
    zh = "您的账号已在另一工作站({address})登录,本机会话已结束"
    en = "Your account was signed in at another workstation ({address}): the session here has ended"
    remedy_zh = "如非本人操作,请立即重新登录并修改口令,同时报告安全管理员"
    remedy_en = "If that was not you, sign in at once, change the password, and tell the security administrator"


class WrongPassword(OperatorFault):
    """Name or password is wrong; which of them is not said."""

    code = "access.wrong_password"
    status = 401
    zh = "用户名或口令不正确"
    en = "Name or password is wrong"
    remedy_zh = "请检查后重试;多次错误会暂时锁定"
    remedy_en = "Check and try again; many wrong tries lock for a while"


class SecondFactorNeeded(OperatorFault):
    """The password was right; the code of the second factor is missing."""

    code = "access.second_factor_needed"
    status = 401
    zh = "请输入动态验证码"
    en = "Type the code of your authenticator"
    remedy_zh = "打开身份验证器应用,输入 6 位验证码;手机不在身边时可用恢复码"
    remedy_en = "Open your authenticator app and type its six digits, or use a recovery code"


class PasskeyNeeded(OperatorFault):
    """The only second factor of this user is a passkey, which signs in by itself."""

    code = "access.passkey_needed"
    status = 401
    zh = "该用户使用通行密钥登录"
    en = "This user signs in with a passkey"
    remedy_zh = "请点击“用通行密钥登录”;密钥丢失请联系管理员"
    remedy_en = "Use “Sign in with a passkey”; if it is lost, ask the administrator"


class WrongCode(OperatorFault):
    """The code is wrong, old, or was used before."""

    code = "access.wrong_code"
    status = 401
    zh = "验证码不正确或已使用"
    en = "The code is wrong or was used before"
    remedy_zh = "等待下一个验证码后重试;请检查手机时间是否准确"
    remedy_en = "Wait for the next code; check the time of your telephone"


class MustEnrol(OperatorFault):
    """The policy asks for a second factor and this user has none yet."""

    code = "access.must_enrol"
    status = 403
    zh = "请先设置双因素登录"
    en = "Set up a second factor first"
    remedy_zh = "在“我的账户”中设置动态验证码或通行密钥"
    remedy_en = "Set up a code or a passkey under “My account”"


class FactorNeeded(OperatorFault):
    """The act asks for the second factor anew."""

    code = "access.factor_needed"
    rule = "A10"
    status = 403
    zh = "须当场验证双因素"
    en = "This takes your second factor anew"
    remedy_zh = "请输入动态验证码或使用通行密钥;尚未设置的,先在“我的账户”中设置"
    remedy_en = "Type a code or use a passkey; whoever has none sets one up under “My account” first"


class ProofNeeded(OperatorFault):
    """A way to sign in comes or goes only with a proof that it is still the same person."""

    code = "access.proof_needed"
    rule = "A10"
    status = 403
    zh = "变更登录方式前须再次验证本人"
    en = "A way to sign in changes only with a proof that it is still you"
    remedy_zh = "请输入本人口令;已设置双因素的,输入动态验证码或使用通行密钥"
    remedy_en = "Type your password; whoever has a second factor types a code or uses a passkey"


class NumberMissing(OperatorFault):
    """Two persons are told apart by their personnel numbers."""

    code = "access.number_missing"
    rule = "A10"
    status = 409
    zh = "账户 {person} 未登记人员编号,不能担任有审批权的岗位或管理员"
    en = "{person} has no personnel number: no post that approves, and no office"
    remedy_zh = "请先登记人员编号,再申请任命"
    remedy_en = "Enter the number first, then ask for the appointment"


class NumberHeld(OperatorFault):
    """Who is who does not change under a post that approves."""

    code = "access.number_held"
    rule = "A10"
    status = 409
    zh = "账户 {person} 担任有审批权的岗位或管理员,不能更改已登记的人员编号"
    en = "{person} holds an office or a post that approves: the personnel number stays"
    remedy_zh = "登记有误的,先撤销这些岗位,改正编号后重新申请任命(须第二人批准)"
    remedy_en = "If it is wrong, withdraw those posts, correct it, and ask for them anew: a second person approves"


class EnableNeedsTwo(OperatorFault):
    """An account that was disabled comes back with its posts by two persons, as it got them."""

    code = "access.enable_needs_two"
    rule = "A14"
    status = 409
    zh = "账户 {person} 仍有岗位,不能由一人启用"
    en = "{person} still holds posts: one person alone does not enable it"
    remedy_zh = "请写明理由提交启用申请,由另一名有审批权的人员批准;确无他人可批时,由主机运维人员设置 access.set_up_on"
    remedy_en = (
        "Ask for it with a reason; another person who approves decides. Where nobody else is left, whoever runs the host sets "
        "access.set_up_on"
    )


class DatesNeedTwo(OperatorFault):
    """Vetting, undertaking and training open an account as its posts do: one person does not vouch for what takes two."""

    code = "access.dates_need_two"
    rule = "A14"
    status = 409
    zh = "“{person}”担任管理员、可审批或可查看画面,登记或延长其审查、承诺、培训日期须两人办理"
    en = "{person} holds an office, approves or sees pictures: setting or extending their prerequisites takes two persons"
    remedy_zh = "请写明理由提交申请,由另一名有审批权的人员批准;确无他人可批时,由主机运维人员设置 access.set_up_on"
    remedy_en = (
        "Ask for it with a reason; another person who approves decides. Where nobody else is left, whoever runs the host sets "
        "access.set_up_on"
    )


class PasskeysToSettle(OperatorFault):
    """A new password says whether the passkeys stay: they sign in without any."""

    code = "access.passkeys_to_settle"
    rule = "A10"
    status = 409
    zh = "您有 {count} 个通行密钥({names}),不凭口令即可登录:请说明保留还是停用"
    en = "You have {count} passkeys ({names}), which sign in without a password: say whether they stay"
    remedy_zh = "都认得的可以保留;有不认识的请全部停用(须用动态验证码或通行密钥验证),并报告安全管理员"
    remedy_en = "Keep them if you know each; if not, end them all (with a code or a passkey), and tell the security administrator"


class NoEnrolment(OperatorFault):
    """No second factor waits or is in force."""

    code = "access.no_enrolment"
    status = 409
    zh = "尚未设置动态验证码"
    en = "No authenticator is set up"
    remedy_zh = "请重新开始设置"
    remedy_en = "Begin to set it up again"


class SecondFactorInUse(OperatorFault):
    """An authenticator is in force already."""

    code = "access.second_factor_in_use"
    status = 409
    zh = "已设置动态验证码"
    en = "An authenticator is set up already"
    remedy_zh = "更换手机请先停用当前验证码"
    remedy_en = "End the present one before you set up another"


class PasskeyRefused(OperatorFault):
    """The passkey's answer proves nothing."""

    code = "access.passkey_refused"
    status = 401
    zh = "通行密钥未通过验证"
    en = "The passkey was not accepted"
    remedy_zh = "请重试,或改用口令登录"
    remedy_en = "Try again, or sign in with your password"


class UnknownPasskey(OperatorFault):
    """No such passkey of this user."""

    code = "access.unknown_passkey"
    status = 404
    zh = "没有这个通行密钥"
    en = "There is no such passkey"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class UnknownToken(OperatorFault):
    """No such token of this user."""

    code = "access.unknown_token"
    status = 404
    zh = "没有这个令牌"
    en = "There is no such token"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class UnknownSignIn(OperatorFault):
    """No such session of this user."""

    code = "access.unknown_session"
    status = 404
    zh = "该登录会话不存在或已结束"
    en = "There is no such session, or it has ended"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class LockedOut(OperatorFault):
    """Too many wrong passwords."""

    code = "access.locked_out"
    status = 429
    zh = "错误次数过多,请在 {seconds} 秒后重试"
    en = "Too many wrong tries; try again in {seconds} s"
    remedy_zh = "等待后重试,或联系管理员"
    remedy_en = "Wait, or ask the administrator"


class Disabled(OperatorFault):
    """The user may not sign in any more."""

    code = "access.disabled"
    status = 403
    zh = "该用户已停用"
    en = "This user is disabled"
    remedy_zh = "请联系管理员"
    remedy_en = "Ask the administrator"


class MustChangePassword(OperatorFault):
    """A password that another chose opens nothing but its own change."""

    code = "access.must_change_password"
    status = 403
    zh = "请先设置新口令"
    en = "Set a new password first"
    remedy_zh = "重新登录后设置新口令"
    remedy_en = "Sign in again and set a new password"


class UnknownUser(OperatorFault):
    """No such user."""

    code = "access.unknown_user"
    status = 404
    zh = "没有这个用户"
    en = "There is no such user"
    remedy_zh = "请刷新用户列表"
    remedy_en = "Load the list of users again"


class NameTaken(OperatorFault):
    """Two users cannot have one name."""

    code = "access.name_taken"
    status = 409
    zh = "用户名 {name} 已被使用"
    en = "The name {name} is taken"
    remedy_zh = "请换一个用户名"
    remedy_en = "Choose another name"


class NumberTaken(OperatorFault):
    """One person has one account of this node."""

    code = "access.number_taken"
    rule = "A10"
    status = 409
    zh = "该人员编号已属于账户“{name}”:一人一账户"
    en = "The account {name} has this personnel number: one person, one account"
    remedy_zh = "请使用该账户,或更正人员编号"
    remedy_en = "Use that account, or correct the number"


class UnknownUnit(OperatorFault):
    """No such unit."""

    code = "access.unknown_unit"
    status = 404
    zh = "没有这个单位"
    en = "There is no such unit"
    remedy_zh = "请刷新单位列表"
    remedy_en = "Load the list of units again"


class UnitTaken(OperatorFault):
    """One area has a unit of that name already."""

    code = "access.unit_taken"
    status = 409
    zh = "该区域已有名为“{name}”的单位"
    en = "The area has a unit named “{name}” already"
    remedy_zh = "请换一个名称"
    remedy_en = "Choose another name"


class UnitNotEmpty(OperatorFault):
    """People belong to it."""

    code = "access.unit_not_empty"
    status = 409
    zh = "该单位还有 {people} 名人员"
    en = "{people} people belong to this unit"
    remedy_zh = "请先把人员调到其他单位"
    remedy_en = "Move them to another unit first"


class UnknownAppointment(OperatorFault):
    """No such appointment of this user, or it has ended."""

    code = "access.unknown_appointment"
    status = 404
    zh = "没有这项任命或已撤销"
    en = "There is no such appointment, or it was withdrawn"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class WrongTime(OperatorFault):
    """The end comes before the beginning."""

    code = "access.wrong_time"
    status = 422
    zh = "失效时间须晚于生效时间和当前时间"
    en = "The end must come after the beginning, and after now"
    remedy_zh = "请修改有效期"
    remedy_en = "Mend the dates"


class LastAdministrator(OperatorFault):
    """Somebody must be able to let others in, everywhere."""

    code = "access.last_administrator"
    status = 409
    zh = "不能停用最后一个管辖全域的安全管理员,也不能撤销其任命"
    en = "The last security administrator of the whole node cannot be disabled, nor the appointment withdrawn"
    remedy_zh = "请先任命另一个管辖全域的安全管理员"
    remedy_en = "Appoint another one for the whole node first"


class OwnUser(OperatorFault):
    """What one does not do to oneself."""

    code = "access.own_user"
    status = 409
    zh = "不能停用自己、重置自己的口令、修改自己的任命或档案"
    en = "You cannot disable yourself, reset your own password, or change your own appointments or dates"
    remedy_zh = "口令请用“修改口令”;其余由另一名安全管理员办理"
    remedy_en = "Change your password under “My account”; the rest is done by another security administrator"


class ResetNeedsTwo(OperatorFault):
    """Whoever resets an account could use it: one person does not reach offices, approvals or pictures that way."""

    code = "access.reset_needs_two"
    rule = "A14"
    status = 409
    zh = "“{person}”担任管理员、可审批或可查看画面,重置其密码或验证须两人办理"
    en = "{person} holds an office, approves or sees pictures: a reset takes two persons"
    remedy_zh = "请写明理由提交重置申请,由另一名有审批权的人员批准;确无他人可批时,由主机运维人员设置 access.set_up_on"
    remedy_en = (
        "Ask for the reset with a reason; another person who approves decides. Where nobody else is left, whoever runs the host "
        "sets access.set_up_on"
    )


class WeakPassword(OperatorFault):
    """A new password that is too short."""

    code = "access.weak_password"
    zh = "新口令至少 10 个字符"
    en = "A new password has at least 10 characters"
    remedy_zh = "请输入更长的口令"
    remedy_en = "Choose a longer one"


class PersonsOnly(OperatorFault):
    """A program's token does not open what concerns a person's account."""

    code = "access.persons_only"
    status = 403
    zh = "程序令牌不能执行此操作"
    en = "A program's token may not do this"
    remedy_zh = "请由本人登录控制台操作"
    remedy_en = "Sign in to the console yourself"


@dataclass(slots=True)
class Tries:
    """Wrong passwords of one name or address. Times: seconds of the monotonic clock."""

    wrong: int = 0
    locked_until_s: float = 0.0
    last_s: float = 0.0

    def count(self, *, now_s: float, limit: int, lockout_s: float) -> None:
        """One more wrong password; each lock-out after the first lasts twice as long, at most sixteen times."""
        self.wrong += 1
        if self.wrong >= limit:
            doublings = min(4, self.wrong - limit)
            self.locked_until_s = now_s + lockout_s * 2**doublings
