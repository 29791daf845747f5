"""How long each step may take at one branch."""

from complaints.models import ClockSetting
from office.models import Branch


def limits(branch: Branch) -> dict[str, ClockSetting]:
    """Return the setting in force for each limit: the branch's own, else the house's default."""
    rows = ClockSetting.objects.filter(branch=None) | ClockSetting.objects.filter(branch=branch)
    return {row.step: row for row in sorted(rows, key=lambda row: row.branch_id is not None)}
