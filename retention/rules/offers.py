"""What may be offered to whom: suitability known and valid, the risk borne, no forbidden word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service_logs.rules.words import forbidden_words

PRODUCT = "product"
LOWEST = "C1-最低"  # bears R1 alone, and no exception (regulation.md §2.4)


@dataclass(frozen=True)
class Suitability:
    """What is known of a client: "C1-最低", "C1" to "C5" or "", whether only presumed, and until when it holds."""

    risk_level: str
    is_predicted: bool
    valid_to: date | None


def unknown_suitability(known: Suitability, on: date) -> str:
    """Return why nothing may be offered on that day in words for the person, "" if suitability is known and valid."""
    if not known.risk_level or known.is_predicted:
        return "风险承受能力未经本人测评，暂不能提出任何方案；可先请客户完成测评"
    if known.valid_to is None:
        return "风险测评有效期不明，暂不能提出任何方案；可先请客户更新测评"
    if known.valid_to < on:
        return f"风险测评已于 {known.valid_to:%Y-%m-%d} 过期，暂不能提出任何方案；可先请客户更新测评"
    return ""


def bears(risk_level: str) -> int:
    """Return the highest product risk (R1 to R5 as 1 to 5) that a level of suitability bears, 0 if unknown."""
    if risk_level == LOWEST:
        return 1
    digits = risk_level[1:2]
    return int(digits) if risk_level[:1] == "C" and digits.isdigit() else 0


def unlawful(kind: str, text: str, product_risk: int | None, known: Suitability, on: date) -> str:
    """Return why an offer may not be made, in words for the person; "" if it is lawful."""
    if unknown := unknown_suitability(known, on):
        return unknown
    if used := forbidden_words(text):
        return f"不得使用：{'、'.join(used)}"
    if kind != PRODUCT:
        return ""
    if product_risk is None:
        return "产品方案须写明产品风险等级"
    if product_risk > bears(known.risk_level):
        return f"产品风险 R{product_risk} 高于客户承受能力 {known.risk_level}，不能提出"
    return ""
