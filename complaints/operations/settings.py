"""What a branch sets of its own."""

from django.db import transaction

from complaints.errors import FactMissing
from complaints.models import ClockSetting
from complaints.queries.limits import limits
from office.audit import record
from office.models import Branch, Employee

LONGEST = {"working_days": 60, "calendar_days": 90}


@transaction.atomic
def set_limit(branch: Branch, step: str, amount: int, *, by: Employee) -> ClockSetting:
    """Let one step take `amount` at the branch from now on; clocks that run keep their deadline.

    Raises FactMissing out of bounds: at least one day, and no longer than the house's default where
    that is the hard limit or the extension.
    """
    now = limits(branch)[step]
    default = ClockSetting.objects.get(branch=None, step=step)
    most = default.amount if step in ("limit", "extension") else LONGEST[now.unit]
    if not 1 <= amount <= most:
        raise FactMissing(f"{default.get_step_display()}时限为 1 至 {most} 日")
    row, _ = ClockSetting.objects.update_or_create(
        branch=branch,
        step=step,
        defaults={
            "amount": amount, "unit": default.unit, "source": "本营业部设定", "certainty": ClockSetting.Certainty.HOUSE
        },
    )  # fmt: skip
    record(
        "complaints.limit_set", row, by=by, branch_id=branch.pk,
        before={"limit": step, "amount": now.amount}, after={"limit": step, "amount": amount},
    )  # fmt: skip
    return row
