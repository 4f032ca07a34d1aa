"""Why nobody was signed in through an identity provider."""

from __future__ import annotations

from fengsui.errors import OperatorFault, PeerFault
from fengsui.features.access.refusals import Refusal


class UnknownProvider(OperatorFault):
    """The settings name no such provider."""

    code = "access.unknown_provider"
    status = 404
    zh = "本节点没有配置身份提供方“{provider}”"
    en = "This node knows no identity provider “{provider}”"
    remedy_zh = "请刷新登录页后重试"
    remedy_en = "Load the sign-in page again"


class ProviderAway(PeerFault):
    """The provider cannot be asked, or answers otherwise than the standard says."""

    code = "access.provider_away"
    zh = "身份提供方“{provider}”暂不可用:{why}"
    en = "The identity provider “{provider}” cannot be used now: {why}"
    remedy_zh = "稍后重试;本节点的账户仍可用口令登录。请运维人员检查网络、证书与配置 [single_sign_on.{provider}]"
    remedy_en = (
        "Try again later; accounts of this node sign in with their password. "
        "Maintenance: look at network, certificate and [single_sign_on.{provider}]"
    )


class NotBegun(OperatorFault):
    """No sign-in waits for this answer on this workstation: never begun here, used, or too old."""

    code = "access.provider_not_begun"
    status = 401
    zh = "此次登录不是在本工作站发起的,或已使用、已过期"
    en = "This sign-in was not begun on this workstation, or was used before, or is too old"
    remedy_zh = "请回到登录页,重新点击统一身份登录"
    remedy_en = "Go back to the sign-in page and begin again"


class ProviderDenied(OperatorFault):
    """The provider itself says that nobody signed in."""

    code = "access.provider_denied"
    status = 401
    zh = "身份提供方未完成登录({why})"
    en = "The identity provider did not sign you in ({why})"
    remedy_zh = "请重新登录;仍然失败请联系身份提供方的管理员"
    remedy_en = "Begin again; if it stays, ask the provider's administrator"


class TokenRefused(OperatorFault):
    """The provider's token proves nothing."""

    code = "access.provider_token"
    status = 401
    zh = "身份提供方给出的登录凭证未通过核验:{why_zh}"
    en = "The identity provider's token was not accepted: {why_en}"
    remedy_zh = "请重新登录;仍然失败请运维人员核对签发者、客户端编号与两端时间"
    remedy_en = "Begin again; if it stays, maintenance compares issuer, client id and both clocks"


class UnusableName(OperatorFault):
    """The provider names the person in a way that no account can have."""

    code = "access.provider_name"
    status = 403
    zh = "身份提供方的声明 {claim} 不能用作用户名"
    en = "The provider's claim {claim} cannot be the name of an account"
    remedy_zh = "用户名为 2 至 47 个字符,不含空格和 < > \" ' / \\;请在身份提供方修改,或在配置中换用其他声明(name_claim)"
    remedy_en = "2 to 47 characters without blanks and < > \" ' / \\: mend it at the provider, or name another claim (name_claim)"


class NameHeld(OperatorFault):
    """Another account has the name: a person is never taken for another one because of a name."""

    code = "access.provider_name_taken"
    status = 409
    zh = "用户名 {name} 属于另一个账户"
    en = "The name {name} belongs to another account"
    remedy_zh = "同名不等于同一人:请在身份提供方改用其他用户名"
    remedy_en = "The same name is not the same person: take another name at the provider"


class NoMappedGroup(Refusal):
    """None of the person's groups gives a post here."""

    code = "access.no_mapped_group"
    zh = "您在身份提供方的用户组没有对应的岗位,不能登录"
    en = "None of your groups at the identity provider gives a post here"
    remedy_zh = "请由所在单位把您加入相应的用户组,或请安全管理员按职责任命"
    remedy_en = "Ask your unit to put you into the right group, or ask the security administrator for an appointment"


class ProviderAccount(OperatorFault):
    """The account comes from an identity provider: it has no password or passkey here."""

    code = "access.provider_account"
    status = 409
    zh = "该账户来自身份提供方“{provider}”,本节点不保管其口令和通行密钥"
    en = "This account comes from the identity provider “{provider}”: no password or passkey of it is kept here"
    remedy_zh = "请在身份提供方修改口令;动态验证码可在“我的账户”设置"
    remedy_en = "Change the password at the provider; an authenticator can be set up under “My account”"


class ProofNeedsAuthenticator(OperatorFault):
    """Whoever has no password here proves with an authenticator's code that it is still the same person."""

    code = "access.proof_needs_authenticator"
    status = 403
    zh = "此操作须再次证明身份:请先设置动态验证码"
    en = "This asks for a proof that it is still you: set up an authenticator first"
    remedy_zh = "在“我的账户”中设置动态验证码后重试"
    remedy_en = "Set one up under “My account”, then try again"


class ProofNeedsSignIn(OperatorFault):
    """Whoever has neither password nor factor here proves by a fresh sign-in at the provider that it is still the same person."""

    code = "access.proof_needs_sign_in"
    rule = "A10"
    status = 403
    zh = "设置双因素前须重新登录:请退出后经身份提供方“{provider}”登录,并在 5 分钟内设置"
    en = "A first second factor takes a fresh sign-in at the identity provider “{provider}”, at most five minutes ago"
    remedy_zh = "退出登录,重新登录后立即设置"
    remedy_en = "Sign out, sign in again and set it up at once"
