"""What is wrong with a row or a file, in words that say what to do about it."""

import re
from dataclasses import dataclass

KEPT_PER_FILE = 10_000  # refused rows kept with their text; the count beyond stays exact
RAW_LIMIT = 500  # characters of a refused row that are kept

REASONS = {
    "missing": "{title}为空：请在柜台系统补齐后重报",
    "not_a_number": "{title}不是数字：请写成 1234.56，不用科学计数法和文字",
    "separator": "{title}含千分位分隔符：请去掉，只留数字和小数点",
    "too_big": "{title}超过 15 位：请核对单位是否为元",
    "too_precise": "{title}多于两位小数：金额请四舍五入到分后重报",
    "negative": "{title}为负数：请核对冲正记录，按非负数重报",
    "bad_date": "{title}不是有效日期：请写成 2026-08-21",
    "future": "{title}晚于业务日期：请核对日期，或等到当日再报",
    "too_old": "{title}早于最早允许的日期：请核对年份",
    "unknown_branch": "营业部未登记：请核对代码，或先建立该营业部",
    "unknown_client": "客户号未登记：请先报客户文件，再报本文件",
    "unknown_account": "资产账户未登记：请先报账户文件，再报本文件",
    "other_client": "资产账户属于另一客户：请核对客户号与账户的对应关系",
    "moved_branch": "客户已登记在另一营业部：请先办理转户，再报本行",
    "other_branch": "营业部与客户所在营业部不同：请核对后重报",
    "foreign": "不属于本营业部：请由所属营业部导入",
    "duplicate": "同一记录出现多次而内容不同：请只留正确的一行后重报",
    "not_a_choice": "{title}的取值不在允许范围内：可用 {choices}",
    "too_long": "{title}超过 {limit} 个字：请缩短后重报",
    "bad_code": "{title}只能由字母、数字和 . _ - 组成，最多 {limit} 位：请核对后重报",
    "bad_id_no": "证件号码位数或校验位不对：请对照证件核对",
    "bad_phone": "手机号码格式不对：请写成 11 位手机号或带区号的电话",
    "bad_email": "邮箱格式不对：请写成 name@example.com",
    "encoding": "{title}的编码无法识别：请以 UTF-8 或 GB18030 重新导出",
    "nul": "行内含空字符（NUL）：文件可能损坏，请重新导出",
    "columns": "列数与表头不符：请检查多出或缺少的逗号",
    "quotes": "双引号不成对，或字段内有换行：请修正引号后重报",
    "long_line": "一行超过 64 KB：文件可能损坏，请重新导出",
    # Rows that the source itself refused before the feed was made.
    "date_before_coverage": "源系统拒绝：日期早于数据起始日，历史成交不补录，无需处理",
    "security_code": "源系统拒绝：证券代码无效，请在源系统补齐代码后重报",
    "price_missing": "源系统拒绝：缺少成交价格，请在源系统补齐价格后重报",
    "rejected_by_source": "源系统拒绝：请按源系统给出的原因更正后重报",
}


@dataclass(frozen=True)
class Refusal:
    """One refused row: where, which value, why. `line` counts from 1, the header being line 1."""

    line: int
    code: str
    column: str = ""
    value: str = ""
    reason: str = ""
    branch_id: int | None = None


class FileRefused(Exception):
    """A whole file cannot be used; `reason` is Chinese and says what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def reason(code: str, title: str = "", **more: object) -> str:
    """Return the sentence for `code` about the column called `title`."""
    return REASONS[code].format(title=title, **more)[:200]


def masked(value: str) -> str:
    """Return a personal value with only its edges left: 138****6021, 张*, a***@…."""
    if len(value) <= 1:
        return "*" * len(value)
    if len(value) < 8:
        return value[0] + "*" * (len(value) - 1)
    return f"{value[:3]}****{value[-2:]}"


# The address first: its own digits would otherwise be cut out of it and leave the rest readable.
_PERSONAL = re.compile(r"[\w.+-]+@[\w.-]+|\d{7,}[\dXx]?|[\u3400-\u9fff]{2,}")


def masked_line(text: str) -> str:
    """Return a line that could not be told into columns with everything that may be personal masked."""
    return _PERSONAL.sub(lambda found: masked(found.group()), text[:RAW_LIMIT])
