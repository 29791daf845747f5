"""The tables of the office."""

from office.models.audit import AuditEntry
from office.models.branch import Branch, Team
from office.models.calendar import CalendarDay
from office.models.desk import Notice, SavedView
from office.models.employee import (
    NON_MARKETING_ROLES,
    SERVING_ROLES,
    Capacity,
    Employee,
    EmployeeSkill,
    Employment,
    Leave,
    Registration,
    Role,
    Skill,
)
from office.models.job import JobRun
from office.models.service_key import ApiCall, IdempotentCall, Scope, ServiceKey

__all__ = [
    "NON_MARKETING_ROLES",
    "SERVING_ROLES",
    "ApiCall",
    "AuditEntry",
    "Branch",
    "CalendarDay",
    "Capacity",
    "Employee",
    "EmployeeSkill",
    "Employment",
    "IdempotentCall",
    "JobRun",
    "Leave",
    "Notice",
    "Registration",
    "Role",
    "SavedView",
    "Scope",
    "ServiceKey",
    "Skill",
    "Team",
]
