"""Why a pack is not taken, and why a function stays closed without one: a sentence each, with the way out."""

from __future__ import annotations

from fengsui.errors import OperatorFault


class PackFault(OperatorFault):
    """A pack that cannot be used."""

    code = "policy.fault"
    zh = "策略包不可用"
    en = "The policy pack cannot be used"


class MalformedPack(PackFault):
    """Not a pack, or one with a wrong entry."""

    code = "policy.malformed"
    zh = "策略包格式有误:{what}"
    en = "The policy pack is malformed: {what}"
    remedy_zh = "请向发布单位索取正确的文件;发布单位可用 fengsui policy show 检查"
    remedy_en = "Ask the publisher for a correct file; publishers check theirs with fengsui policy show"


class UnknownPublisher(PackFault):
    """Signed by a key that this node does not trust."""

    code = "policy.unknown_publisher"
    zh = "策略包由未受信任的发布者签名(密钥 {key})"
    en = "The pack is signed by a publisher whom this node does not trust (key {key})"
    remedy_zh = "确认发布单位后,请系统管理员把其公钥放入数据目录的 trusted-publishers 文件夹"
    remedy_en = (
        "Be sure of the publisher; then the system administrator puts its public key into trusted-publishers in the data folder"
    )


class WrongSignature(PackFault):
    """The signature is not of these bytes."""

    code = "policy.wrong_signature"
    zh = "策略包的签名与内容不符,文件可能被改动"
    en = "The signature does not fit the content: the file was changed or damaged"
    remedy_zh = "请向发布单位重新索取文件"
    remedy_en = "Get the file from the publisher again"


class ChangedPast(PackFault):
    """The database says otherwise than the log which pack is in force or waits."""

    code = "policy.changed_past"
    zh = "数据库中生效或待生效的策略包与审计日志不一致:数据库被直接改动"
    en = "Which policy pack is in force or waits is not as the audit log holds it: the database was changed past the node"
    remedy_zh = "请审计员查看日志中的 database.changed;从备份恢复数据库,或由两名安全管理员批准更高版本号的策略包"
    remedy_en = "Auditors look at database.changed in the log; restore the database, or let two persons approve a newer pack"


class OlderVersion(PackFault):
    """A version below one that was in force here already."""

    code = "policy.older_version"
    status = 409
    zh = "{name} 第 {version} 版早于本节点用过的第 {newest} 版"
    en = "Version {version} of {name} is older than version {newest}, which this node has used"
    remedy_zh = "请使用更新的版本;需要回退时,由发布单位以新版本号重新发布"
    remedy_en = "Use a newer one; to go back, the publisher issues the old content under a new number"


class SameVersion(PackFault):
    """In force already, or the same number with another content."""

    code = "policy.same_version"
    status = 409
    zh = "{name} 第 {version} 版已在使用"
    en = "Version {version} of {name} is in force already"
    remedy_zh = "内容有变化的策略包必须使用新的版本号"
    remedy_en = "A pack of other content needs a new number"


class FloorAboveCeiling(PackFault):
    """Nothing could satisfy both."""

    code = "policy.floor_above_ceiling"
    rule = "A51"
    zh = "“{class_zh}”的保存下限 {floor} 天高于上限 {ceiling} 天"
    en = "{class_en}: the floor of {floor} days is above the ceiling of {ceiling} days"
    remedy_zh = "请发布单位更正"
    remedy_en = "The publisher must correct it"


class EmptyCeiling(PackFault):
    """A class of data that would be kept for ever (rule A51)."""

    code = "policy.empty_ceiling"
    rule = "A51"
    zh = "“{class_zh}”没有保存上限"
    en = "{class_en}: there is no ceiling"
    remedy_zh = "每类数据都必须有上限,到期自动删除;请发布单位补上"
    remedy_en = "Each class of data has a ceiling, at which it is deleted; the publisher must set one"


class BelowLegalFloor(PackFault):
    """Logs are kept for six months at least (rule A31)."""

    code = "policy.below_legal_floor"
    rule = "A31"
    zh = "审计日志的保存下限 {floor} 天低于法定的 {legal} 天(网络安全法:不少于六个月)"
    en = "The floor of {floor} days for the audit log is below the law's {legal} days (Cybersecurity Law: six months at least)"
    remedy_zh = "请发布单位更正"
    remedy_en = "The publisher must correct it"


class ClosedByPolicy(OperatorFault):
    """No usable pack is in force, or it opens this for no purpose."""

    code = "policy.closed"
    rule = "A1"
    status = 403
    zh = "未启用策略包,{function_zh}功能关闭"
    en = "No policy pack is in force, so that one cannot {function_en}"
    remedy_zh = "请安全管理员在“策略”页加载本地区有效的签名策略包(须两人审批)"
    remedy_en = "Ask the security administrator to load the signed pack of your jurisdiction on the page “Policy” (two persons)"


class PurposeOpensNot(OperatorFault):
    """The pack does not open this function for this purpose."""

    code = "policy.purpose"
    rule = "A4"
    status = 403
    zh = "按现行策略,用途“{purpose_zh}”不能{function_zh}"
    en = "By the policy in force, the purpose “{purpose_en}” does not open: {function_en}"
    remedy_zh = "请选择与事由相符的用途,或由有权人员办理"
    remedy_en = "Choose the purpose that fits the case, or let somebody who may do it"
