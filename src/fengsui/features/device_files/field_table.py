"""Every field of a device file, once: form, checks, import, export and comparison with the catalogue go by this table. Pure.

Sources: the base set of 27 fields and the extended sheets by appraisal §4; the GB/T 28181-2022 catalogue additions; the legal group
is our own. A device's user name and password are in the sheets seen, and have no row here: they are never in a file or its export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fengsui.features.device_files import code_lists as lists
from fengsui.features.device_files.code_lists import CodeList


class Group(StrEnum):
    """Part of the file."""

    BASE = "base"
    GB2022 = "gb2022"
    LOCAL = "local"
    LEGAL = "legal"


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    LONG = "long"
    DIGITS = "digits"
    CHOICE = "choice"
    CHOICES = "choices"
    """Codes joined by `/`."""
    DATE = "date"
    """YYYY-MM-DD."""
    INTEGER = "integer"
    DECIMAL = "decimal"
    MAC = "mac"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    PHONE = "phone"
    CODE = "code"
    """20 digits."""
    CIVIL = "civil"
    """6 to 12 digits of a division."""


GROUP_TEXTS: Final[Mapping[Group, tuple[str, str]]] = {
    Group.BASE: ("基本信息(27 项)", "Base set (27 fields)"),
    Group.GB2022: ("GB/T 28181-2022 目录信息", "GB/T 28181-2022 catalogue"),
    Group.LOCAL: ("地方扩展信息", "Local extension"),
    Group.LEGAL: ("合法合规信息", "Legal basis"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """`code`: as the sheets head the column. `keepers`: seen and written only by who keeps devices there. `reviewed`: a change
    after approval waits for a reviewer (place, angle, owner, retention, class). `longest`: characters. `least`, `most`: of numbers.
    """

    key: str
    code: str
    group: Group
    kind: Kind
    zh: str
    en: str
    mandatory: bool = False
    options: CodeList | None = None
    keepers: bool = False
    reviewed: bool = False
    longest: int = 128
    least: float | None = None
    most: float | None = None
    past: bool = False
    """Of a date: not after today."""


K = Kind


def _base() -> Sequence[Field]:
    g = Group.BASE
    return (
        Field("device_code", "SBBM", g, K.CODE, "设备编码", "Device code", mandatory=True, longest=20),
        Field("name", "SBMC", g, K.TEXT, "设备名称", "Name", mandatory=True),
        Field("maker", "SBCS", g, K.CHOICE, "设备厂商", "Maker", mandatory=True, options=lists.MAKERS),
        Field("civil_code", "XZQY", g, K.CIVIL, "行政区域", "Division", mandatory=True, reviewed=True, longest=12),
        Field("point_class", "JKDWLX", g, K.CHOICE, "监控点位类型", "Point class", True, lists.POINT_CLASSES, reviewed=True),
        Field("model", "SBXH", g, K.TEXT, "设备型号", "Model"),
        Field("common_name", "DWSC", g, K.TEXT, "点位俗称", "Common name"),
        Field("ipv4", "IPV4", g, K.IPV4, "IPv4 地址", "IPv4 address", keepers=True, longest=15),
        Field("ipv6", "IPV6", g, K.IPV6, "IPv6 地址", "IPv6 address", keepers=True, longest=45),
        Field("mac", "MACDZ", g, K.MAC, "MAC 地址", "MAC address", mandatory=True, keepers=True, longest=17),
        Field("camera_type", "SXJLX", g, K.CHOICE, "摄像机类型", "Camera type", True, lists.CAMERA_TYPES, reviewed=True),
        Field("function_type", "SXJGNLX", g, K.CHOICES, "摄像机功能类型", "Function type", True, lists.FUNCTION_TYPES),
        Field("fill_light", "BGSX", g, K.CHOICE, "补光属性", "Fill light", options=lists.FILL_LIGHTS),
        Field("codec", "SXJBMGS", g, K.CHOICE, "编码格式", "Codec", True, lists.CODECS),
        Field("address", "AZDZ", g, K.TEXT, "安装地址", "Address", mandatory=True, reviewed=True, longest=256),
        Field("lon", "JD", g, K.DECIMAL, "经度", "Longitude", True, reviewed=True, longest=20, least=-180, most=180),
        Field("lat", "WD", g, K.DECIMAL, "纬度", "Latitude", True, reviewed=True, longest=20, least=-90, most=90),
        Field("place_type", "SXJWZLX", g, K.CHOICES, "位置类型", "Place type", True, lists.PLACE_TYPES),
        Field("direction", "JSFW", g, K.CHOICE, "监视方位", "Direction", True, lists.DIRECTIONS, reviewed=True),
        Field("networked", "LWSX", g, K.CHOICE, "联网属性", "Networked", True, lists.NETWORKED),
        Field("police_org", "SSXQGAJG", g, K.DIGITS, "所属公安机关", "Police organ", mandatory=True, longest=12),
        Field("installed_on", "AZSJ", g, K.DATE, "安装时间", "Installed on", mandatory=True, past=True, longest=10),
        Field("managing_unit", "GLDW", g, K.TEXT, "管理单位", "Managing unit", mandatory=True, reviewed=True),
        Field("managing_contact", "GLDWLXFS", g, K.PHONE, "管理单位联系方式", "Its contact", True, keepers=True, longest=32),
        Field("retention_days", "LXBCTS", g, K.INTEGER, "录像保存天数", "Days kept", True, reviewed=True, least=0, most=36_500),
        Field("status", "SBZT", g, K.CHOICE, "设备状态", "Status", True, lists.STATUSES),
        Field("sector", "SSBMHY", g, K.CHOICES, "所属部门/行业", "Sector", options=lists.SECTORS),
    )


def _gb2022() -> Sequence[Field]:
    g = Group.GB2022
    return (
        Field("parent", "FJSBBM", g, K.DIGITS, "父设备编码", "Parent", longest=20),
        Field("register_way", "ZCFS", g, K.CHOICE, "注册方式", "Register way", options=lists.REGISTER_WAYS),
        Field("security_level", "AQDJ", g, K.CHOICE, "安全能力等级", "Security level", options=lists.SECURITY_LEVELS),
        Field("secrecy", "BMSX", g, K.CHOICE, "保密属性", "Secrecy", options=lists.SECRECY),
        Field("business_group", "YWFZ", g, K.DIGITS, "业务分组编码", "Business group", longest=20),
        Field("imaging", "GDCX", g, K.CHOICES, "光电成像类型", "Imaging", options=lists.IMAGING),
        Field("capture_position", "CJBW", g, K.DIGITS, "采集部位类型", "Capture position", longest=7),
        Field("room", "SNW", g, K.CHOICE, "室内外", "Indoors or out", options=lists.ROOMS, reviewed=True),
        Field("resolution", "FBL", g, K.TEXT, "分辨率", "Resolution"),
        Field("streams", "MLS", g, K.TEXT, "码流编号", "Stream numbers"),
        Field("download_speed", "XZBS", g, K.TEXT, "下载倍速", "Download speed"),
        Field("mobile_kind", "YDSB", g, K.CHOICE, "移动采集设备类型", "Mobile device", options=lists.MOBILE),
        Field("horizontal_angle", "SPJD", g, K.DECIMAL, "水平视场角(°)", "Horizontal angle (°)", reviewed=True, least=0, most=360),
        Field("vertical_angle", "CZJD", g, K.DECIMAL, "竖直视场角(°)", "Vertical angle (°)", reviewed=True, least=0, most=360),
        Field("view_distance", "KSJL", g, K.DECIMAL, "最大可视距离(m)", "View distance (m)", least=0, most=50_000),
        Field("grassroots", "JCZZ", g, K.DIGITS, "基层组织编码", "Grass-roots code", longest=6),
        Field("industry", "HYBM", g, K.TEXT, "行业编码(GB/T 4754)", "Industry (GB/T 4754)", longest=8),
    )


def _local() -> Sequence[Field]:
    g = Group.LOCAL
    return (
        Field("old_code", "JBM", g, K.DIGITS, "原设备编码", "Old code", longest=20),
        Field("builder", "JSDW", g, K.TEXT, "建设单位", "Builder"),
        Field("builder_code", "JSDWDM", g, K.TEXT, "建设单位代码", "Builder's code", longest=18),
        Field("police_branch", "JZMC", g, K.TEXT, "所属警种", "Police branch"),
        Field("admin_name", "GLYXM", g, K.TEXT, "管理员姓名", "Administrator", keepers=True, longest=64),
        Field("admin_phone", "GLYDH", g, K.PHONE, "管理员电话", "Administrator's phone", keepers=True, longest=32),
        Field("contractor", "CJDW", g, K.TEXT, "承建单位", "Contractor"),
        Field("maintainer", "WHDW", g, K.TEXT, "运维单位", "Maintainer"),
        Field("maintainer_phone", "WHDH", g, K.PHONE, "运维电话", "Maintainer's phone", keepers=True, longest=32),
        Field("access_way", "JRFS", g, K.CHOICE, "接入方式", "Access way", options=lists.ACCESS_WAYS),
        Field("lens", "JT", g, K.TEXT, "镜头参数", "Lens"),
        Field("mounting", "AZFS", g, K.CHOICE, "安装方式", "Mounting", options=lists.MOUNTINGS),
        Field("height", "AZGD", g, K.DECIMAL, "安装高度(m)", "Height (m)", reviewed=True, least=0, most=500),
        Field("landmark", "BZW", g, K.TEXT, "附近标志物", "Landmark"),
        Field("pole", "LGBH", g, K.TEXT, "立杆编号", "Pole number", longest=64),
        Field("access_network", "JRWL", g, K.CHOICE, "接入网络", "Access network", options=lists.NETWORKS),
        Field("port", "DK", g, K.INTEGER, "端口", "Port", keepers=True, least=1, most=65_535),
        Field("encoder_code", "BMQBM", g, K.DIGITS, "编码器编码", "Encoder", longest=20),
        Field("channel", "TDH", g, K.INTEGER, "通道号", "Channel", least=0, most=65_535),
        Field("protocol", "XY", g, K.CHOICE, "接入协议", "Protocol", options=lists.PROTOCOLS),
        Field("enabled_on", "QYSJ", g, K.DATE, "启用时间", "Enabled on", past=True, longest=10),
        Field("scrapped_on", "BFSJ", g, K.DATE, "报废时间", "Scrapped on", past=True, longest=10),
        Field("inspection", "XJZT", g, K.CHOICE, "巡检状态", "Inspection", options=lists.INSPECTIONS),
        Field("faults", "GZBZ", g, K.CHOICES, "图像故障", "Picture faults", options=lists.FAULTS),
        Field("online_hours", "ZXSC", g, K.DECIMAL, "在线时长(h)", "Online (h)", least=0, most=1_000_000),
        Field("offline_hours", "LXSC", g, K.DECIMAL, "离线时长(h)", "Offline (h)", least=0, most=1_000_000),
        Field("signalling_delay", "XLSY", g, K.INTEGER, "信令时延(ms)", "Signalling delay (ms)", least=0, most=600_000),
        Field("stream_delay", "SPLSY", g, K.INTEGER, "视频流时延(ms)", "Stream delay (ms)", least=0, most=600_000),
        Field("key_frame_delay", "IZSY", g, K.INTEGER, "关键帧时延(ms)", "Key-frame delay (ms)", least=0, most=600_000),
        Field("recorder_code", "LXJBM", g, K.DIGITS, "录像设备编码", "Recorder", longest=20),
        Field("recorder_channel", "LXJTD", g, K.INTEGER, "录像设备通道", "Recorder's channel", least=0, most=65_535),
        Field("storage_type", "CCLX", g, K.CHOICE, "存储类型", "Storage", options=lists.STORAGES),
        Field("cache", "HC", g, K.CHOICE, "前端缓存", "Cache in the camera", options=lists.YES_NO),
    )


def _legal() -> Sequence[Field]:
    g = Group.LEGAL
    return (
        Field("builder_type", "JSZT", g, K.CHOICE, "建设主体", "Standing of the builder", options=lists.BUILDERS, reviewed=True),
        Field("owner", "QSDW", g, K.TEXT, "权属单位", "Owner", reviewed=True),
        Field("key_point", "ZDDW", g, K.CHOICE, "重点点位", "Key point", options=lists.YES_NO, reviewed=True),
        Field("regime", "FLYJ", g, K.CHOICE, "法律适用", "Legal regime", options=lists.REGIMES, reviewed=True),
        Field("necessity", "BYXSM", g, K.LONG, "必要性说明", "Necessity", longest=1000),
        Field("purpose", "SYMD", g, K.TEXT, "使用目的", "Purpose", longest=256),
        Field("view_drawing", "SCTBH", g, K.TEXT, "视场图编号", "Field-of-view drawing", reviewed=True),
        Field("mask_version", "ZBBB", g, K.TEXT, "隐私遮挡版本", "Mask set and version"),
        Field("sign_on", "BSRQ", g, K.DATE, "提示标识核查日期", "Sign checked on", past=True, longest=10),
        Field("sign_photo", "BSZP", g, K.TEXT, "提示标识照片编号", "Sign photo"),
        Field("filing_number", "BABH", g, K.TEXT, "备案编号", "Filing number"),
        Field("filed_on", "BARQ", g, K.DATE, "备案日期", "Filed on", past=True, longest=10),
        Field("consent", "TYWJ", g, K.TEXT, "同意文件", "Consent document"),
        Field("impact_file", "YXPG", g, K.TEXT, "个人信息影响评估", "Impact assessment"),
        Field(
            "retention_class", "BCLB", g, K.CHOICE, "保存类别", "Retention class", options=lists.RETENTION_CLASSES, reviewed=True
        ),
        Field("joint_agreement", "GYXY", g, K.TEXT, "共建共用协议", "Joint-use agreement"),
        Field("audio_basis", "YPYJ", g, K.TEXT, "音频依据", "Audio basis", longest=256),
        Field("certificate", "ZSXLH", g, K.TEXT, "证书序列号", "Certificate serial"),
        Field("certificate_end", "ZSDQ", g, K.DATE, "证书有效期至", "Certificate ends", longest=10),
        Field("clock_offset", "SZPC", g, K.DECIMAL, "最近时钟偏差(s)", "Last clock offset (s)", least=-86_400, most=86_400),
        Field("funds", "JFLY", g, K.CHOICE, "经费来源", "Funds", options=lists.FUNDS),
        Field("acceptance", "YSJL", g, K.TEXT, "验收记录", "Acceptance record"),
        Field("last_inspection", "ZJJC", g, K.DATE, "最近检查日期", "Last inspection", past=True, longest=10),
    )


FIELDS: Final[tuple[Field, ...]] = (*_base(), *_gb2022(), *_local(), *_legal())
BY_KEY: Final[Mapping[str, Field]] = {one.key: one for one in FIELDS}
MANDATORY: Final = tuple(one.key for one in FIELDS if one.mandatory)
FOR_KEEPERS: Final = frozenset(one.key for one in FIELDS if one.keepers)
REVIEWED: Final = frozenset(one.key for one in FIELDS if one.reviewed)
_ITS_OWN: Final = frozenset(
    (
        *("device_code", "name", "common_name", "civil_code", "ipv4", "ipv6", "mac", "lon", "lat", "status", "old_code", "pole"),
        *("channel", "recorder_channel", "landmark", "online_hours", "offline_hours", "signalling_delay", "stream_delay"),
        *("key_frame_delay", "view_drawing", "sign_photo", "certificate", "certificate_end", "clock_offset"),
    )
)
"""What two points do not have in common, or an act and a measurement write."""
FOR_MANY: Final = frozenset(BY_KEY) - _ITS_OWN
"""What may be written to many files at once."""
