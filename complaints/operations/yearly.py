"""The report of the year: a word in time to those who must hand it in."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.urls import reverse

from office.jobs import Ledger
from office.models import Branch, Employee, Role
from office.operations.notices import notify

REMIND_FROM, DUE = (3, 31), (4, 30)  # month and day of the year after
HAND_IN = (Role.COMPLIANCE, Role.BRANCH_MANAGER)
NOT_YET, NOBODY = "未到 3 月 31 日或已过报送期", "没有合规或营业部负责人"


def remind_of_report(branch: Branch, today: date) -> Ledger:
    """Tell compliance and the branch head, from 31 March to the end of April, that last year's report is due.

    Each of them hears it once a year, however often this is called.
    """
    if not date(today.year, *REMIND_FROM) <= today <= date(today.year, *DUE):
        return Ledger(skipped=Counter({NOT_YET: 1}))
    people = Employee.objects.filter(branch=branch, is_active=True, roles__overlap=[str(role) for role in HAND_IN])
    told = [person for person in people.order_by("pk") if person.is_employed(today)]
    if not told:
        return Ledger(seen=1, skipped=Counter({NOBODY: 1}))
    year = today.year - 1
    text = f"{year} 年投诉报告须在 {today.year} 年 4 月 30 日前报送，请核对后打印留存"
    address = f"{reverse('complaints:yearly')}?year={year}"
    changed = notify(told, f"complaint-report:{branch.pk}:{year}", text, address)
    return Ledger(seen=len(told), changed=changed)
