"""The kinds of file the counter sends: columns, their other names, what a value must be. Data, not code."""

from clients.feed.layout import Column, Layout, optional

CLIENT_KINDS = {
    "0": "person", "1": "institution", "2": "product", "person": "person", "institution": "institution",
    "product": "product", "个人": "person", "机构": "institution", "产品": "product",
}  # fmt: skip
SEXES = {"m": "M", "f": "F", "男": "M", "女": "F"}
RISK_LEVELS = {level.lower(): level for level in ("C1-最低", "C1", "C2", "C3", "C4", "C5")} | {
    "保守型": "C1", "谨慎型": "C2", "稳健型": "C3", "积极型": "C4", "激进型": "C5",
}  # fmt: skip
# agent_only: acts for another client's account and has none of his own.
CLIENT_STATES = {
    "normal": "active", "inactive": "low_activity", "zero": "dormant", "agent_only": "prospect", "closed": "closed",
    "suspended": "suspended", "正常": "active", "不活跃": "low_activity", "零资产": "dormant", "仅代理人": "prospect",
    "已销户": "closed", "中止交易": "suspended",
}  # fmt: skip
ACCOUNT_STATES = {
    "normal": "normal", "inactive": "inactive", "zero": "zero", "frozen": "frozen", "closed": "closed",
    "正常": "normal", "不活跃": "inactive", "零资产": "zero", "冻结": "frozen", "已销户": "closed", "销户": "closed",
}  # fmt: skip
SERVICE_MODES = {
    "onsite": "onsite", "offsite": "offsite", "high_end": "high_end", "prospect_dev": "prospect_dev",
    "现场": "onsite", "非现场": "offsite", "高端": "high_end", "潜在开发": "prospect_dev",
}  # fmt: skip
SIDES = {"b": "B", "s": "S", "buy": "B", "sell": "S", "买入": "B", "卖出": "S", "买": "B", "卖": "S"}
EVENT_KINDS = {
    name: kind
    for kind, names in {
        "open": ("开户",), "close": ("销户",), "close_request": ("销户申请",), "cancel_designation": ("撤销指定",),
        "custody_transfer": ("转托管",), "bank_in": ("银证转入",), "bank_out": ("银证转出",),
        "transfer_in": ("证券转入",), "transfer_out": ("证券转出",), "other_transfer": ("其他划转",),
        "tax_withhold": ("扣税",), "zero_balance": ("资产清零",), "reactivate": ("重新激活",),
        "loan_default": ("贷款逾期",),
    }.items()
    for name in (kind, *names)
}  # fmt: skip

DAY = Column("date", "日期", "date", ("业务日期", "交易日期", "trade_date"))
ACCOUNT = Column("account_no", "资产账户", "account", ("资金账号", "账户", "账号"))
OWNER = Column("client_id", "客户号", "client", ("client_no", "客户编号"), in_header=False, filled=False)
SECURITY = Column("sec_code", "证券代码", "text", ("security_code",), limit=24)
SECURITY_NAME = optional("sec_name", "证券名称", "text", "security_name", limit=120)
QUANTITY = optional("quantity", "数量", "decimal", "成交数量", "持仓数量", signed=True)
BASIS = optional("basis", "数据依据", "period")

CLIENTS = Layout(
    "clients",
    "客户",
    (
        Column("client_id", "客户号", "key", ("client_no", "客户编号"), limit=32),
        Column("branch_no", "营业部", "branch", ("branch_code", "营业部代码")),
        Column("client_name", "客户姓名", "text", ("姓名", "客户名称"), limit=120, personal=True),
        optional("client_type", "客户类型", "choice", "客户类别", choices=CLIENT_KINDS),
        optional("gender", "性别", "choice", "sex", choices=SEXES),
        optional("birth_date", "出生日期", "date", "生日", earliest="1880-01-01"),
        optional("region", "地区", "text", limit=80),
        optional("occupation", "职业", "text", limit=120),
        optional("education_level", "文化程度", "text", "学历", limit=20),
        optional("client_level", "客户级别", "text", limit=20),
        optional("risk_level", "风险等级", "choice", "风险承受能力", choices=RISK_LEVELS),
        optional("risk_level_predicted", "风险等级预测", "flag"),
        optional("invest_capacity", "投资能力", "text", limit=20),
        optional("risk_eval_date", "风险测评日期", "date", "风险测评日", future="drop"),
        optional("risk_valid_to", "测评有效期至", "date", "风险测评有效至", future="keep"),
        optional("id_type", "证件类型", "text", limit=20),
        optional("id_no", "证件号码", "id_no", "身份证号", personal=True),
        optional("id_valid_to", "证件有效期至", "date", "证件有效至", future="keep"),
        optional("phone", "手机", "phone", "手机号码", "联系电话", "mobile", personal=True),
        optional("email", "邮箱", "email", "电子邮箱", personal=True),
        optional("open_date", "开户日期", "date"),
        optional("first_market_entry_on", "首次入市日期", "date", "首次入市"),
        optional("service_mode", "服务方式", "choice", choices=SERVICE_MODES),
        optional("status", "状态", "choice", "客户状态", choices=CLIENT_STATES),
    ),
    ("client_id",),
)
ACCOUNTS = Layout(
    "accounts",
    "账户",
    (
        Column("account_no", "资产账户", "key", ("资金账号", "账户", "账号"), limit=32),
        Column("client_id", "客户号", "client", ("client_no", "客户编号")),
        Column("branch_no", "营业部", "branch", ("branch_code", "营业部代码")),
        optional("account_type", "账户类型", "text", limit=16),
        Column("open_date", "开户日期", "date", filled=False),
        optional("close_date", "销户日期", "date"),
        Column("status", "状态", "choice", ("账户状态",), choices=ACCOUNT_STATES),
        optional("agent_client_id", "代理人客户号", "text", limit=32),
    ),
    ("account_no",),
)
DAILY_METRICS = Layout(
    "daily_metrics",
    "账户日",
    (
        DAY,
        ACCOUNT,
        Column("commission", "佣金", "money"),
        Column("turnover", "成交金额", "money", ("成交额",)),
        Column("total_assets", "总资产", "money", signed=True),
        Column("available_cash", "可用资金", "money", filled=False, signed=True),
        Column("market_value", "证券市值", "money", filled=False, signed=True),
        optional("exchange_fees", "交易规费", "money", "经手费证管费"),
        optional("net_commission", "净佣金", "money", signed=True),
        optional("restricted_mv", "限售市值", "money"),
        optional("margin_debt", "融资负债", "money"),
        optional("trade_count", "成交笔数", "count"),
        optional("inflow", "转入", "money", "转入金额"),
        optional("outflow", "转出", "money", "转出金额"),
        BASIS,
    ),
    ("account_no", "date"),
)
TRADES = Layout(
    "trades",
    "成交",
    (
        Column("trade_id", "成交编号", "key", ("trade_no",), limit=32),
        DAY,
        ACCOUNT,
        OWNER,
        SECURITY,
        SECURITY_NAME,
        Column("side", "买卖方向", "choice", ("方向",), choices=SIDES),
        QUANTITY,
        optional("price", "成交价格", "decimal", "价格"),
        Column("amount", "成交金额", "money"),
        Column("commission", "佣金", "money"),
    ),
    ("trade_id",),
)
PURCHASES = Layout(
    "product_purchases",
    "产品申购",
    (
        Column("purchase_id", "申购编号", "key", ("purchase_no",), limit=32),
        DAY,
        ACCOUNT,
        OWNER,
        Column("product_code", "产品代码", "text", limit=24),
        optional("product_name", "产品名称", "text", limit=160),
        Column("product_type", "产品类型", "text", limit=16),
        Column("amount", "金额", "money", ("申购金额",)),
        optional("status", "状态", "text", limit=24),
        optional("matures_on", "到期日", "date", "产品到期日", future="keep"),
    ),
    ("purchase_id",),
)
POSITIONS = Layout(
    "positions",
    "持仓",
    (
        DAY,
        ACCOUNT,
        SECURITY,
        SECURITY_NAME,
        QUANTITY,
        optional("cost_price", "成本价", "decimal", signed=True),
        optional("price", "现价", "decimal", "价格"),
        Column("market_value", "市值", "money", ("证券市值",), filled=False, signed=True),
    ),
    ("account_no", "sec_code", "date"),
)
EVENTS = Layout(
    "account_events",
    "账户事件",
    (
        Column("event_id", "事件编号", "key", ("event_no",), limit=32),
        DAY,
        ACCOUNT,
        OWNER,
        Column("event_type", "事件类型", "choice", ("类型",), choices=EVENT_KINDS),
        optional("sec_code", "证券代码", "text", limit=24),
        QUANTITY,
        optional("amount", "金额", "money"),
        optional("note", "备注", "text", limit=160),
    ),
    ("event_id",),
)
STANDING_ORDERS = Layout(
    "standing_orders",
    "定期扣款",
    (
        Column("order_id", "扣款编号", "key", ("order_no",), limit=32),
        ACCOUNT,
        optional("purpose", "用途", "text", limit=40),
        Column("amount", "金额", "money"),
    ),
    ("order_id",),
)
MARKETS = {
    "sh": "sh", "star": "star", "sz": "sz", "沪市": "sh", "沪市主板": "sh", "上海": "sh", "科创板": "star",
    "深市": "sz", "深圳": "sz",
}  # fmt: skip
ENTITLEMENTS = Layout(
    "entitlements",
    "新股配售权益",
    (
        ACCOUNT,
        Column("market", "市场", "choice", ("证券市场",), choices=MARKETS),
        Column("average_mv_20d", "20日均市值", "money", ("日均市值",)),
        Column("quota_units", "配售权益", "count", ("可申购额度", "配售额度")),
        Column("as_of", "截至日期", "date", ("截至日",)),
    ),
    ("account_no", "market"),
)
REJECTED = Layout(
    "rejected",
    "源系统拒绝的行",
    (
        Column("reason", "拒绝原因", "text", limit=32),
        Column("sec_code", "证券代码", "text", filled=False, limit=24),
        Column("date", "日期", "text", filled=False, limit=40),
        Column("quantity", "数量", "text", filled=False, limit=40),
        Column("price", "价格", "text", filled=False, limit=40),
        Column("client_id", "客户号", "text", filled=False, limit=32),
    ),
    (),
)

# In the order in which they must land: nothing refers to what comes after it.
LAYOUTS = (
    CLIENTS, ACCOUNTS, DAILY_METRICS, TRADES, PURCHASES, POSITIONS, EVENTS, STANDING_ORDERS, ENTITLEMENTS, REJECTED,
)  # fmt: skip
