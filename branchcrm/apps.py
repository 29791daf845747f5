from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from complaints.models import Complaint
    from office.models import Employee


class BranchCrmConfig(AppConfig):
    name = "branchcrm"
    verbose_name = "branchcrm"
    audit_words = {
        "branchcrm.night_asked": "补跑夜间作业",
        "branchcrm.gate_accepted": "放行夜间关口",
    }

    def keep_from_named(
        self, complaint: Complaint, people: Sequence[Employee], *, by: Employee | None, at: datetime
    ) -> list[str]:
        """Take from whom a complaint names what it gave him, see complaints.operations.avoidance."""
        from branchcrm.bridge import keep_from_named

        return keep_from_named(complaint, people, by=by, at=at)
