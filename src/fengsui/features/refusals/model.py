"""R1–R12 of the accountability rules in one table: a sentence, the lawful way instead, and the act that is recorded. Pure.

The functions themselves do not exist; `checks.refusals` fails on code that would be part of one. What is here says no.
"""

from __future__ import annotations

from typing import ClassVar, Final

from fengsui.errors import OperatorFault
from fengsui.features.audit import Act


class Refusal(OperatorFault):
    """Not to be had from this platform, by nobody's permission. `remedy_*` is the lawful way instead."""

    code = "REF"
    status = 403
    act: ClassVar[Act]
    basis: ClassVar[str] = ""
    """Rules and laws it rests on."""


class Identification(Refusal):
    """R1: by face, gait, voice or other features of the body."""

    rule = "R1"
    code = "REF-BIO"
    act = Act.REFUSED_IDENTIFICATION
    zh = "本平台不按人体特征识别人员(人脸、步态、声音或其他生物特征)"
    en = "This platform does not identify persons by body features (face, gait, voice or any other)"
    remedy_zh = "凭案件使用单人工查看现场画面"
    remedy_en = "View the scene under a case ticket"
    basis = "A64, A66; PIPL 26, 28"


class Following(Refusal):
    """R2: from camera to camera, and search by clothing or build."""

    rule = "R2"
    code = "REF-FOLLOW"
    act = Act.REFUSED_FOLLOWING
    zh = "本平台不自动跨摄像机跟踪人员,也不按衣着、体型检索人员"
    en = "No automatic following of persons from camera to camera, and no search by clothing or build"
    remedy_zh = "民警可在使用单范围内人工查看相邻摄像机"
    remedy_en = "Officers may look at neighbouring cameras by hand within the ticket"
    basis = "A64; PIPL 26"


class Classification(Refusal):
    """R3: of people by origin, belief, health and the like."""

    rule = "R3"
    code = "REF-CLASS"
    act = Act.REFUSED_CLASSIFICATION
    zh = "本平台不按民族、籍贯、宗教、政治、健康、性取向或贫富对人员分类"
    en = "No classification of people by ethnicity, origin, religion, politics, health, sexuality or poverty"
    remedy_zh = "没有替代方式"
    remedy_en = "There is none"
    basis = "A19, A64; PIPL 28"


class Inference(Refusal):
    """R4: of emotions, intentions, lies, or who is abnormal."""

    rule = "R4"
    code = "REF-MIND"
    act = Act.REFUSED_INFERENCE
    zh = "本平台不推断人的情绪、意图、真伪,也不判定“异常人员”"
    en = "No inference about minds: no emotions, intentions, lies or “abnormal persons”"
    remedy_zh = "使用报警输入,由人判断"
    remedy_en = "Use alarm inputs and human judgement"
    basis = "A64"


class Prediction(Refusal):
    """R5: scores or forecasts about persons."""

    rule = "R5"
    code = "REF-SCORE"
    act = Act.REFUSED_PREDICTION
    zh = "本平台不对人员评分或作预测"
    en = "No prediction about persons, and no scores of them"
    remedy_zh = "使用关于地点和警情的统计"
    remedy_en = "Use statistics on places and incidents"
    basis = "A64"


class MovementProfile(Refusal):
    """R6: life patterns of vehicles, home and work."""

    rule = "R6"
    code = "REF-PROFILE"
    act = Act.REFUSED_PROFILE
    zh = "本平台不生成车辆的活动规律,不推断住处或工作地点"
    en = "No movement profiles of vehicles, and no inference of home or work"
    remedy_zh = "按单个案件查询过车"
    remedy_en = "Search passages for a single case"
    basis = "A26, A64; PIPL 28"


class Association(Refusal):
    """R7: convoys and who is linked with whom."""

    rule = "R7"
    code = "REF-ASSOC"
    act = Act.REFUSED_ASSOCIATION
    zh = "本平台不作伴随或关联分析"
    en = "No convoy or association analysis"
    remedy_zh = "按单个案件查询过车"
    remedy_en = "Search passages for a single case"
    basis = "A26, A64"


class Sweep(Refusal):
    """R8: who was somewhere, without an incident's time and place."""

    rule = "R8"
    code = "REF-SWEEP"
    act = Act.REFUSED_SWEEP
    zh = "没有警情的时间和地点,不能对区域作普遍排查"
    en = "No sweep of an area without an incident's time and place"
    remedy_zh = "填写带警情、地点和分钟范围的使用单"
    remedy_en = "Open a ticket with incident, place and minutes"
    basis = "A2, A22, A64"


class OpenWatch(Refusal):
    """R9: watches without end, or of groups."""

    rule = "R9"
    code = "REF-WL-REASON"
    act = Act.REFUSED_WATCH
    zh = "每项布控必须有案件和截止时间;不接受群体或无期限布控"
    en = "Every watch needs a case and an end; no group and no open-ended watches"
    remedy_zh = "按规定事由逐项申请布控,经两人审批"
    remedy_en = "Ask for a single watch with one of the listed reasons, approved by two persons"
    basis = "A17–A19, A64"


class BulkSupply(Refusal):
    """R10: bulk export, bulk interfaces to passages, training sets."""

    rule = "R10"
    code = "REF-BULK"
    act = Act.REFUSED_BULK
    zh = "本平台不批量提供录像或过车数据,也不提供训练数据"
    en = "No bulk supply of footage or passages, and no training sets"
    remedy_zh = "按案件导出单个封存证据包"
    remedy_en = "Export a single sealed package for a case"
    basis = "A22, A46, A64"


class HiddenUse(Refusal):
    """R11: hidden accounts, unlogged or unmarked viewing, editing the log."""

    rule = "R11"
    code = "REF-HIDDEN"
    act = Act.REFUSED_HIDDEN
    zh = "每次使用都有记录:没有隐藏账号、无痕查看,日志不能修改"
    en = "Every use is recorded: no hidden accounts, no unlogged or unmarked viewing, no editing of the log"
    remedy_zh = "需要暂不告知权属单位的,申请延迟告知"
    remedy_en = "Where an owner must not know yet, ask for a delayed notice"
    basis = "A27, A45, A49, A64"


class OutsidePersons(Refusal):
    """R12: joining in outside databases about persons."""

    rule = "R12"
    code = "REF-OUTSIDE"
    act = Act.REFUSED_OUTSIDE
    zh = "本平台不接入人口、出行、通信、支付等外部人员数据库"
    en = "No outside person databases: population, travel, telephone, payment"
    remedy_zh = "在平台之外的办案系统中查询;被盗车辆名单只能逐项布控"
    remedy_en = "Query the case system outside the platform; lists of stolen vehicles come in only as single watches"
    basis = "A17, A64"


REFUSALS: Final[tuple[type[Refusal], ...]] = (
    Identification,
    Following,
    Classification,
    Inference,
    Prediction,
    MovementProfile,
    Association,
    Sweep,
    OpenWatch,
    BulkSupply,
    HiddenUse,
    OutsidePersons,
)
