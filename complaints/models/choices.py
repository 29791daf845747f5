"""The codes of a complaint and their labels (domain.md §3, T/SAC 001-2024)."""

from django.db import models


class State(models.TextChoices):
    """Where a complaint stands; the same codes as `rules.states.State`."""

    ACCEPTED = "accepted", "受理"
    INVESTIGATING = "investigating", "调查"
    HANDLING = "handling", "处理"
    FEEDBACK = "feedback", "反馈"
    CLOSED = "closed", "结案"
    REJECTED = "rejected", "不予受理"
    WITHDRAWN = "withdrawn", "撤回"


class Channel(models.TextChoices):
    """How it came in; also how the answer went out."""

    PHONE = "phone", "电话"
    EMAIL = "email", "邮件"
    ONLINE = "online", "网上"
    COUNTER = "counter", "柜台"
    LETTER = "letter", "信函"
    HOTLINE = "hotline_12386", "12386 热线"
    REGULATOR = "regulator", "监管机构"
    HEAD_OFFICE = "head_office", "总部"


class Category(models.TextChoices):
    """What went wrong: the five of the branch (CMP-08, fixed) and the rest."""

    SYSTEM_FAULT = "system_fault", "系统故障"
    BUSINESS_ERROR = "business_error", "业务出错"
    DATA_LEAK = "data_leak", "客户资料泄露"
    CANCEL_NOT_DONE = "cancel_not_done", "撤销未及时办理"
    STAFF_ATTITUDE = "staff_attitude", "服务态度"
    OTHER = "other", "其他"


class BusinessClass(models.TextChoices):
    """Which business it is about."""

    BROKERAGE = "brokerage", "经纪业务"
    COMMISSION = "commission", "佣金费用"
    ACCOUNT = "account", "账户业务"
    MARGIN = "margin", "融资融券"
    PRODUCT = "product", "产品销售"
    ADVISORY = "advisory", "投资顾问"
    SYSTEM = "system", "信息系统"
    OTHER = "other", "其他业务"


class PersonsClass(models.TextChoices):
    """How many complain together; computed from their number."""

    SINGLE = "single", "个人"
    SEVERAL = "several", "多人"
    GROUP = "group", "群体"


class Urgency(models.TextChoices):
    """How weighty or difficult it is; decides the time for handling."""

    NORMAL = "normal", "一般"
    SERIOUS = "serious", "重大"
    HARD = "hard", "疑难"


class Reasonableness(models.TextChoices):
    """Whether what is demanded is reasonable."""

    PENDING = "pending", "待核实"
    REASONABLE = "reasonable", "合理"
    PARTLY = "partly", "部分合理"
    UNREASONABLE = "unreasonable", "不合理"


class Cause(models.TextChoices):
    """What the investigation found (CMP-03)."""

    SYSTEM = "system", "系统或网络"
    PROCESS = "process", "流程缺陷"
    SKILL = "skill", "业务不熟"
    ATTITUDE = "attitude", "服务态度"
    INFORMATION = "information", "告知不充分"
    CONDUCT = "conduct", "违规行为"
    SECRECY = "secrecy", "保密疏漏"
    THIRD_PARTY = "third_party", "第三方原因"
    MISUNDERSTANDING = "misunderstanding", "客户误解"
    UNFOUNDED = "unfounded", "查无实据"


class Outcome(models.TextChoices):
    """What the plan decides on the demand; "" before there is one."""

    UPHELD = "upheld", "支持"
    PARTLY = "partly", "部分支持"
    REFUSED = "refused", "不支持"


class Mediation(models.TextChoices):
    """Whether the client asked for mediation; there is no way to refuse it."""

    NONE = "none", "未申请"
    REQUESTED = "requested", "客户已申请"
    ACCEPTED = "accepted", "已同意调解"
