"""The back office for superusers: every table of the office, each change in the audit book."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest

from office.audit import record
from office.models import (
    AuditEntry,
    Branch,
    CalendarDay,
    Capacity,
    Employee,
    EmployeeSkill,
    JobRun,
    Leave,
    Notice,
    SavedView,
    Team,
)

admin.site.unregister(Group)  # roles and GRANTS take their place
admin.site.site_header = "branchcrm 后台"


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """Writes who changed what by hand; values stay out, they may be personal."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        assert isinstance(request.user, Employee)
        record("office.row_changed", obj, by=request.user, after={"fields": list(form.changed_data)})

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        assert isinstance(request.user, Employee)
        record("office.row_deleted", obj, by=request.user)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """Shows what only the system writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Employee)
class EmployeeAdmin(AuditedAdmin):
    """Employees without passwords: those are issued on the page of the employee."""

    list_display = ["staff_no", "name", "branch", "team", "is_active"]
    list_filter = ["branch", "is_active"]
    search_fields = ["staff_no", "name", "pinyin"]
    exclude = ["password", "groups", "user_permissions", "last_login"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit book, to be read only."""

    list_display = ["at", "actor_name", "action", "subject_label"]
    list_select_related = ["branch"]
    ordering = ["-at", "-id"]


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """The ledger of background work, to be read only."""

    list_display = ["name", "branch", "as_of", "state", "attempts"]
    list_select_related = ["branch"]
    ordering = ["-id"]


for model in (Branch, Team, CalendarDay, Capacity, EmployeeSkill, Leave, Notice, SavedView):
    admin.site.register(model, AuditedAdmin)
