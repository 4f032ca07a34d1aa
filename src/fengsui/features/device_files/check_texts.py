"""Every check of a device file: its code, how grave it is, what it says and what to do, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fengsui.features.device_files.model import Issue, Severity

E, W = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Check:
    """Sentences are format strings over an issue's facts."""

    code: str
    severity: Severity
    zh: str
    en: str
    do_zh: str
    do_en: str


_ALL: Final = (
    Check("value.missing", E, "必填项未填", "Mandatory, and empty", "请填写", "Fill it in"),
    Check("value.space", E, "首尾有空格", "A space before or after", "请删除首尾空格", "Take the space away"),
    Check(
        "value.control", E, "含有换行或不可见字符", "A line break or an unseen character in it", "请删除后重新录入", "Write it anew"
    ),
    Check("value.long", E, "超过 {most} 个字符(现 {length} 个)", "More than {most} characters ({length})", "请缩短", "Shorten it"),
    Check(
        *("value.option", E, "“{value}”不在代码表内", "“{value}” is not in the list of codes"),
        *("请填写代码,例如 {known_zh}", "Write a code, such as {known_en}"),
    ),
    Check(
        *("value.word", E, "填写了名称“{value}”,应填代码", "A word, “{value}”, where a code is due"),
        *("“{value}”的代码是 {option}", "The code of “{value}” is {option}"),
    ),
    Check("value.twice", E, "“{value}”重复填写", "“{value}” twice", "每个代码只填一次", "Each code once"),
    Check(
        *("value.number", E, "“{value}”不是数字", "“{value}” is not a number"),
        *("只填数字,例如 {example},不带单位和千分位", "Digits alone, such as {example}, no unit and no thousands sign"),
    ),
    Check(
        *(
            "value.scientific",
            E,
            "“{value}”被表格软件改成了科学计数法,原值已丢失",
            "A spreadsheet has made “{value}” of it: digits are lost",
        ),
        *("把该列设为“文本”格式后重新录入原值", "Set the column to text and write the value anew"),
    ),
    Check(
        *(
            "value.bare_number",
            E,
            "单元格是数值格式,前导零或末位数字可能已丢失",
            "The cell is a number: leading zeros or last digits may be lost",
        ),
        *("把该列设为“文本”格式后核对原值重新录入", "Set the column to text, compare, and write the value anew"),
    ),
    Check(
        *("value.formula", E, "单元格是公式“{value}”,不读取计算结果", "The cell is a formula, “{value}”: its result is not read"),
        *("复制后“选择性粘贴—数值”,再上传", "Paste its value in its place"),
    ),
    Check(
        *("value.date_cell", E, "被表格软件改成了日期 {value}", "A spreadsheet has made the date {value} of it"),
        *("把该列设为“文本”格式后重新录入原值", "Set the column to text and write the value anew"),
    ),
    Check(
        *("row.scope", E, "该点位不在您管理的区划或类别内", "This point lies where you keep no devices"),
        *("请由当地的系统管理员导入", "Let the administrator there bring it in"),
    ),
    Check(
        *("row.locked", E, "已有档案处于“{state_zh}”,现在不能修改", "Its file is {state_en}: it cannot be changed now"),
        *("审核结束后再导入,或删除此行", "Bring it in after the review, or delete the row"),
    ),
    Check(
        *(
            "row.status",
            E,
            "已批准的档案,状态由办理改变,不能导入",
            "After approval the status follows the acts: it is not brought in",
        ),
        *("把此格改回“{was}”", "Write “{was}” again"),
    ),
    Check(
        "value.range", E, "{value} 不在 {least} 至 {most} 之间", "{value} is not between {least} and {most}", "请核对", "Look again"
    ),
    Check("value.digits", E, "应为 {due} 位数字", "{due} digits are due", "请核对位数", "Count the digits"),
    Check(
        *("value.date", E, "“{value}”不是日期", "“{value}” is not a date"),
        *("写作 年-月-日,例如 2026-03-15", "Write year-month-day, such as 2026-03-15"),
    ),
    Check("date.future", E, "{value} 晚于今天", "{value} is after today", "请核对日期", "Look at the date"),
    Check(
        *("date.order", E, "早于安装时间 {installed}", "Before it was installed, on {installed}"),
        *("请核对两个日期", "Look at both dates"),
    ),
    Check(
        *("code.digits", E, "应为 20 位数字(现 {length} 位)", "20 digits are due ({length} found)"),
        *("按 GB/T 28181 附录 E 填写 20 位编码", "Write the 20 digits of GB/T 28181 annex E"),
    ),
    Check(
        *(
            "code.district",
            E,
            "编码前 6 位 {county} 不是在册的行政区划",
            "Its first six digits, {county}, are no division of the year table",
        ),
        *("前 8 位应为中心编码,其中前 6 位为县级区划", "The first eight are the centre's code, six of them the county's"),
    ),
    Check(
        *(
            "code.old_district",
            W,
            "编码前 6 位 {old} 是旧区划,现为 {new}({name})",
            "{old} in the code is an old division, now {new} ({name})",
        ),
        *("编码可以保留;行政区域请填 {new}", "The code may stay; write {new} as division"),
    ),
    Check(
        *("code.kind", W, "编码第 11–13 位 {kind} 不是摄像机类型", "Digits 11 to 13, {kind}, are no camera's"),
        *("摄像机一般为 131 或 132", "A camera's are usually 131 or 132"),
    ),
    Check(
        "code.twice",
        E,
        "表中第 {row} 行已有同一编码",
        "Row {row} of the sheet has this code too",
        "删除重复的一行",
        "Delete one of the rows",
    ),
    Check(
        *("civil.unknown", E, "{value} 不是在册的行政区划", "{value} is no division of the year table"),
        *("填写 6 至 12 位区划代码,前 6 位为县级", "Write six to twelve digits; the first six are the county's"),
    ),
    Check(
        *("civil.old", E, "{old} 是旧区划代码,现为 {new}({name})", "{old} is an old code, now {new} ({name})"),
        *("请改填 {new}", "Write {new}"),
    ),
    Check(
        *("civil.unchecked", W, "没有 {city} 的县级区划表,未核对", "No table of the counties of {city}: not looked at"),
        *("请人工核对", "Compare it yourself"),
    ),
    Check(
        *("civil.prefix", E, "与设备编码的区划 {county} 不一致", "The device code says {county}"),
        *("行政区域的前 6 位应与设备编码前 6 位一致", "Its first six digits are those of the device code"),
    ),
    Check(
        *(
            "name.pattern",
            W,
            "名称不符合“区县+道路+位置+方向”,缺:{missing_zh}",
            "Not district + road + position + direction; missing: {missing_en}",
        ),
        *("例如:{district}解放路与中山路口东", "Such as: {district}解放路与中山路口东"),
    ),
    Check(
        *("name.twice", E, "与 {other} 等点位重名", "{other} has the same name"),
        *("名称须唯一,请补充位置或方向", "Names are unique: add position or direction"),
    ),
    Check(
        *("place.digits", E, "小数不足 6 位(现 {length} 位)", "Fewer than six decimals ({length})"),
        *("填写至少 6 位小数的经纬度", "Give six decimals at least"),
    ),
    Check("place.half", E, "经度、纬度须同时填写", "Longitude and latitude go together", "补填另一项", "Fill in the other"),
    Check(
        *("place.outside", E, "坐标明显在 {name} 之外", "The place lies well outside {name}"),
        *("核对经纬度是否颠倒、行政区域是否正确", "Are the two exchanged? Is the division right?"),
    ),
    Check(
        *("place.border", W, "坐标在 {name} 边界附近,区县界线只精确到约 2 公里", "Near the border of {name}, known to about 2 km"),
        *("请人工核对所属区县", "Compare the county yourself"),
    ),
    Check(
        *("place.unchecked", W, "没有 {county} 的区县界线,坐标未核对", "No outline of {county}: the place was not looked at"),
        *("请人工核对", "Compare it yourself"),
    ),
    Check(
        *("place.crowd", E, "另有 {count} 个点位坐标完全相同", "{count} other points have the very same place"),
        *("请逐点实测坐标", "Survey each point"),
    ),
    Check(
        *("mac.form", E, "应为 XX-XX-XX-XX-XX-XX(大写十六进制)", "XX-XX-XX-XX-XX-XX is due, hexadecimal, capitals"),
        *("例如 3C-EF-8C-12-34-56", "Such as 3C-EF-8C-12-34-56"),
    ),
    Check(
        *("mac.group", E, "{value} 是广播、组播或全零地址", "{value} is a broadcast, group or zero address"),
        *("填写设备网口的地址", "Write the address of the device's port"),
    ),
    Check("mac.twice", E, "与 {other} 相同", "{other} has the same", "MAC 地址须唯一,请核对", "It is unique: look again"),
    Check("ip.form", E, "“{value}”不是 {kind} 地址", "“{value}” is not an {kind} address", "请核对", "Look again"),
    Check(
        *("ip.unusable", E, "{value} 是保留、环回或组播地址", "{value} is reserved, loopback or multicast"),
        *("填写设备的地址", "Write the device's own address"),
    ),
    Check("ip.none", E, "IPv4 与 IPv6 至少填一项", "One of IPv4 and IPv6 is due", "填写其中一项", "Fill one of them in"),
    Check(
        *("ip.twice", E, "{other} 的地址和通道号相同", "{other} has the same address and channel"),
        *("地址与通道号合起来须唯一", "Address and channel together are unique"),
    ),
    Check(
        *("phone.form", E, "“{value}”不是电话号码", "“{value}” is no telephone number"),
        *(
            "手机 11 位,或 区号-号码(-分机),例如 0851-85551234",
            "A mobile of 11 digits, or area-number(-extension), such as 0851-85551234",
        ),
    ),
    Check(
        *("retention.floor", E, "少于应保存的 {floor} 天({basis})", "Fewer than the {floor} days due ({basis})"),
        *("请配足存储,按规定天数填写", "Provide the storage, and write the days due"),
    ),
    Check(
        *("retention.ceiling", E, "超过策略包规定的上限 {ceiling} 天", "More than the policy pack's ceiling of {ceiling} days"),
        *("超期的录像须删除", "What is older is to be deleted"),
    ),
    Check(
        *("status.scrapped", E, "已填报废时间,设备状态却不是“拆除”", "Scrapped, and yet not “removed” by its status"),
        *("设备状态填 3,或删除报废时间", "Write status 3, or take the date away"),
    ),
    Check(
        *("direction.dome", W, "可全向转动的球机只填了一个方位", "A dome turns all round, and one direction is written"),
        *("球机的监视方位一般填 9(全向)", "A dome's direction is usually 9"),
    ),
    Check(
        *("angle.pair", W, "水平与竖直视场角应同时填写", "The two angles belong together"),
        *("补填另一项", "Fill in the other"),
    ),
    Check(
        *("regime.necessity", W, "未写必要性说明,无法说明公共区域建设的依据", "No statement of necessity for a public place"),
        *("按公共安全视频图像系统管理条例第七条说明必要性", "State it (Order 799, article 7)"),
    ),
    Check(
        *("filing.number", W, "有备案日期而没有备案编号,或相反", "A filing date without its number, or the reverse"),
        *("两项一并填写", "Write both"),
    ),
    Check(
        *(
            "place.forbidden",
            W,
            "名称或地址含“{word}”:此类场所禁止安装(条例第八条)",
            "“{word}” in name or address: such a place is forbidden (Order 799 art. 8)",
        ),
        *(
            "确属禁止场所的应拆除;仅为路名的请在必要性说明中写明",
            "Remove it if it looks in there; if it is only a street's name, say so under necessity",
        ),
    ),
)
CHECKS: Final[Mapping[str, Check]] = {one.code: one for one in _ALL}


def is_error(issue: Issue) -> bool:
    """Whether it keeps the file from being submitted."""
    return CHECKS[issue.check].severity is E


def said(issue: Issue) -> tuple[str, str, str, str]:
    """What is wrong and what to do: zh, en, zh, en."""
    check = CHECKS[issue.check]
    zh, en, do_zh, do_en = (text.format(**issue.facts) for text in (check.zh, check.en, check.do_zh, check.do_en))
    return zh, en, do_zh, do_en
