"""The lines of a plan as rows of a sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from segmentation.models import PlanLine

LINE_HEADS = [
    "客户号", "客户", "等级", "类型", "价值", "从", "到", "匹配前", "匹配后", "理由", "依据", "次优", "次优匹配",
    "差距", "约束", "须点名批准", "状态", "备注",
]  # fmt: skip
POOL = "营业部统一服务"


def shortened(name: str) -> str:
    """Return a name of which only the first character may be known: 颜**."""
    return f"{name[:1]}{'*' * max(len(name) - 1, 1)}"


def line_rows(lines: Iterable[PlanLine], known: set[int]) -> list[list[Any]]:
    """Return the lines in the order of LINE_HEADS; clients outside `known` keep number and first character only."""
    return [
        [
            line.client.client_no,
            line.client.name if line.client_id in known else shortened(line.client.name),
            line.client.standing.get_tier_display(),
            line.client.standing.get_value_type_display(),
            round(line.value, 2),
            line.from_manager.name if line.from_manager else "",
            line.to_manager.name if line.to_manager else POOL,
            line.fit_before,
            line.fit_after,
            line.get_reason_display(),
            line.detail,
            line.runner_up.name if line.runner_up else "",
            line.runner_up_fit,
            line.margin,
            line.binding_limit,
            "是" if line.needs_named_approval else "",
            line.get_state_display(),
            line.remark,
        ]
        for line in lines
    ]
