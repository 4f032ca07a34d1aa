"""Codes with their words. Pure. Sources: GB/T 28181-2022 A.2.1.2 where the standard numbers them; else the national collection
sheet as public implementations agree on it, not confirmed against the sheet in force (appraisal §4, §7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Words = tuple[str, str]
CodeList = Mapping[str, Words]

YES_NO: Final[CodeList] = {"1": ("是", "yes"), "2": ("否", "no")}
MAKERS: Final[CodeList] = {
    "1": ("海康威视", "Hikvision"),
    "2": ("大华", "Dahua"),
    "3": ("天地伟业", "Tiandy"),
    "4": ("科达", "Kedacom"),
    "5": ("安讯士", "Axis"),
    "6": ("博世", "Bosch"),
    "7": ("亚安", "Yaan"),
    "8": ("英飞拓", "Infinova"),
    "9": ("宇视", "Uniview"),
    "10": ("海信", "Hisense"),
    "11": ("中星电子", "Vimicro"),
    "12": ("明景", "Minking"),
    "13": ("联想", "Lenovo"),
    "14": ("中兴", "ZTE"),
    "99": ("其他", "other"),
}
POINT_CLASSES: Final[CodeList] = {
    "1": ("一类视频监控点", "class 1"),
    "2": ("二类视频监控点", "class 2"),
    "3": ("三类视频监控点", "class 3"),
    "4": ("公安内部视频监控点", "inside the police"),
    "9": ("其他点位", "other"),
}
CAMERA_TYPES: Final[CodeList] = {
    "1": ("球机", "dome"),
    "2": ("半球", "half dome"),
    "3": ("固定枪机", "fixed bullet"),
    "4": ("遥控枪机", "steerable bullet"),
    "5": ("卡口枪机", "checkpoint"),
    "99": ("未知", "unknown"),
}
FUNCTION_TYPES: Final[CodeList] = {
    "1": ("车辆卡口", "vehicle checkpoint"),
    "2": ("人员卡口", "person checkpoint"),
    "3": ("微卡口", "small checkpoint"),
    "4": ("特征摄像机", "feature camera"),
    "5": ("普通监控", "plain surveillance"),
    "6": ("高空瞭望摄像机", "high lookout"),
    "99": ("其他", "other"),
}
FILL_LIGHTS: Final[CodeList] = {
    "1": ("无补光", "none"),
    "2": ("红外补光", "infrared"),
    "3": ("白光补光", "white light"),
    "9": ("其他补光", "other"),
}
CODECS: Final[CodeList] = {one: (one, one) for one in ("MPEG-4", "H.264", "SVAC", "H.265")}
PLACE_TYPES: Final[CodeList] = {
    "1": ("省际检查站", "checkpoint between provinces"),
    "2": ("党政机关", "party and government"),
    "3": ("车站码头", "station or port"),
    "4": ("中心广场", "central square"),
    "5": ("体育场馆", "stadium"),
    "6": ("商业中心", "commercial centre"),
    "7": ("宗教场所", "religious site"),
    "8": ("校园周边", "around a school"),
    "9": ("治安复杂区域", "area of frequent incidents"),
    "10": ("交通干线", "traffic artery"),
    "99": ("其他", "other"),
}
DIRECTIONS: Final[CodeList] = {
    "1": ("东", "east"),
    "2": ("西", "west"),
    "3": ("南", "south"),
    "4": ("北", "north"),
    "5": ("东南", "south-east"),
    "6": ("东北", "north-east"),
    "7": ("西南", "south-west"),
    "8": ("西北", "north-west"),
    "9": ("全向", "all round"),
}
NETWORKED: Final[CodeList] = {"已联网": ("已联网", "networked"), "未联网": ("未联网", "not networked")}
"""In words: sheets in the field number the two differently, so that a digit tells nothing."""
STATUSES: Final[CodeList] = {"1": ("在用", "in use"), "2": ("维修", "in repair"), "3": ("拆除", "removed")}
SECTORS: Final[CodeList] = {
    "1": ("公安", "police"),
    "2": ("教育", "schools"),
    "3": ("交通运输", "transport"),
    "4": ("卫生健康", "health"),
    "5": ("住建城管", "housing and city"),
    "6": ("文化旅游", "culture and tourism"),
    "7": ("市场监管", "markets"),
    "8": ("金融", "banks"),
    "9": ("水利", "water"),
    "10": ("应急消防", "emergency and fire"),
    "11": ("生态环境", "environment"),
    "12": ("自然资源林业", "land and forest"),
    "13": ("邮政电信", "post and telecoms"),
    "14": ("能源电力", "energy"),
    "99": ("其他", "other"),
}
REGISTER_WAYS: Final[CodeList] = {
    "1": ("标准认证(RFC 3261)", "RFC 3261"),
    "2": ("口令双向认证", "password both ways"),
    "3": ("证书双向认证", "certificate both ways"),
    "4": ("证书单向认证", "certificate one way"),
}
SECURITY_LEVELS: Final[CodeList] = {
    "0": ("不具备", "none"),
    "A": ("GB 35114 A 级", "GB 35114 A"),
    "B": ("GB 35114 B 级", "GB 35114 B"),
    "C": ("GB 35114 C 级", "GB 35114 C"),
}
SECRECY: Final[CodeList] = {"0": ("不涉密", "not secret"), "1": ("涉密", "secret")}
IMAGING: Final[CodeList] = {
    "1": ("可见光", "visible light"),
    "2": ("热成像", "thermal"),
    "3": ("雷达", "radar"),
    "4": ("X 光", "X-ray"),
    "5": ("深度光场", "depth"),
    "9": ("其他", "other"),
}
ROOMS: Final[CodeList] = {"1": ("室外", "outdoors"), "2": ("室内", "indoors")}
MOBILE: Final[CodeList] = {
    "1": ("机器人", "robot"),
    "2": ("执法记录仪", "body-worn"),
    "3": ("移动单兵设备", "single-soldier unit"),
    "4": ("车载设备", "vehicle"),
    "5": ("无人机", "unmanned aircraft"),
    "9": ("其他移动设备", "other"),
}
ACCESS_WAYS: Final[CodeList] = {
    "1": ("直接接入", "directly"),
    "2": ("经录像机接入", "by a recorder"),
    "3": ("经下级平台接入", "by a lower platform"),
}
MOUNTINGS: Final[CodeList] = {
    "1": ("立杆", "pole"),
    "2": ("壁装", "wall"),
    "3": ("吊装", "ceiling"),
    "4": ("借杆", "shared pole"),
    "9": ("其他", "other"),
}
NETWORKS: Final[CodeList] = {
    "1": ("公安视频传输网", "police video network"),
    "2": ("政务外网", "government network"),
    "3": ("互联网", "internet"),
    "4": ("专线", "leased line"),
    "9": ("其他", "other"),
}
PROTOCOLS: Final[CodeList] = {
    "1": ("GB/T 28181", "GB/T 28181"),
    "2": ("ONVIF", "ONVIF"),
    "3": ("RTSP", "RTSP"),
    "4": ("SDK", "SDK"),
    "9": ("其他", "other"),
}
INSPECTIONS: Final[CodeList] = {
    "1": ("合格", "passed"),
    "2": ("整改中", "to be rectified"),
    "3": ("未检查", "not inspected"),
}
STORAGES: Final[CodeList] = {
    "1": ("云存储", "cloud"),
    "2": ("中心存储", "central"),
    "3": ("录像机", "recorder"),
    "4": ("前端卡", "card in the camera"),
}
FAULTS: Final[CodeList] = {
    "1": ("无信号", "no signal"),
    "2": ("画面冻结", "frozen"),
    "3": ("黑屏", "black"),
    "4": ("过亮", "too bright"),
    "5": ("过暗", "too dark"),
    "6": ("模糊", "blurred"),
    "7": ("偏色", "colour cast"),
    "8": ("日间黑白", "mono by day"),
    "9": ("雪花噪声", "noise"),
    "10": ("条纹", "stripes"),
    "11": ("干扰", "interference"),
    "12": ("对比度低", "low contrast"),
    "13": ("遮挡", "covered"),
    "14": ("抖动", "shaking"),
    "15": ("场景偏移", "scene shifted"),
    "16": ("云台失灵", "dead pan-tilt"),
    "17": ("字符缺失", "overlay missing"),
    "18": ("卡顿", "stuttering"),
}
BUILDERS: Final[CodeList] = {
    "1": ("政府建设", "government"),
    "2": ("公共场所经营管理单位建设", "operating unit"),
    "3": ("负有安全防范义务的单位建设", "unit with a duty of security"),
}
REGIMES: Final[CodeList] = {
    "1": ("公共安全视频图像系统管理条例第七条第一款", "Order 799 art. 7(1)"),
    "2": ("公共安全视频图像系统管理条例第七条第二款", "Order 799 art. 7(2)"),
    "3": ("公共安全视频图像系统管理条例第九条", "Order 799 art. 9"),
    "4": ("非公共场所(第三十三条)", "not public, art. 33"),
}
RETENTION_CLASSES: Final[CodeList] = {"1": ("一般视频", "video"), "2": ("重点目标视频", "video of key targets")}
FUNDS: Final[CodeList] = {
    "1": ("财政专项", "earmarked"),
    "2": ("单位自筹", "the unit's own"),
    "3": ("租赁服务", "rented"),
    "9": ("其他", "other"),
}
