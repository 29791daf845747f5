"""Words for the codes of clients' facts."""

from django import template

from clients.models import QuarantineRow
from clients.queries.batches import TITLES, column_title
from office.models import Employee
from office.rights import Reach, reach

register = template.Library()

FLAGS = {
    "risk_expired": "测评已过期",
    "risk_due": "测评将到期",
    "id_expired": "证件已过期",
    "id_due": "证件将到期",
    "dormant": "休眠",
    "must": "必做待办",
    "one_off": "单日异常佣金",
}
PRODUCTS = {
    "fund": "基金",
    "bond": "债券",
    "wealth": "理财",
    "loan": "贷款",
    "card": "银行卡",
    "asset_plan": "资管计划",
}
ACCOUNTS = {
    "securities": "证券",
    "cash": "资金",
    "fund": "基金",
    "credit": "信用",
    "option": "期权",
    "sh_a": "沪A",
    "sz_a": "深A",
    "bj": "北交所",
}


@register.filter
def flag_label(code: str) -> str:
    """Write a flag of a standing in words."""
    return FLAGS.get(code, code)


@register.filter
def product_label(code: str) -> str:
    """Write a product type in words."""
    return PRODUCTS.get(code, code)


@register.filter
def account_label(code: str) -> str:
    """Write a kind of account in words."""
    return ACCOUNTS.get(code, code)


@register.filter
def feed_label(kind: str) -> str:
    """Write what a file of the feed holds in words."""
    return TITLES.get(kind, "不认识")


@register.filter
def feed_column(row: QuarantineRow) -> str:
    """Write the column of a refused row as the counter calls it."""
    return column_title(row.file.kind, row.column) or "整行"


@register.filter
def sees_all(user: Employee) -> bool:
    """Whether a person sees the whole branch."""
    return reach(user) == Reach.BRANCH
