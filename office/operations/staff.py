"""What is done to the record of an employee: taken on, edited, left, let in again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from axes.utils import reset as unlock
from django.db import IntegrityError, transaction
from django.db.models import F

from office.audit import record
from office.errors import Conflict, DomainError
from office.models import NON_MARKETING_ROLES, SERVING_ROLES, Branch, Employee
from office.pinyin import to_pinyin
from office.rules import role_conflict

EDITABLE = (
    "name",
    "team",
    "roles",
    "employment",
    "registration",
    "registration_no",
    "registration_valid_to",
    "phone",
    "email",
    "hired_on",
)
PASSWORD_LENGTH = 12  # characters of a password issued by hand, without 0 O 1 l I
PASSWORD_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class StaffNumberTaken(DomainError):
    """A staff number names one person for good, also after leaving."""


class RolesConflict(DomainError):
    """Nobody sells and watches at once: non-marketing posts do not go with posts that own clients (DNI-06)."""


class OwnRoles(DomainError):
    """Nobody grants roles to himself or closes the own account."""


class OtherBranchTeam(DomainError):
    """A team belongs to one branch, and so do its members."""


class StaleEmployee(Conflict):
    """Somebody else saved this employee after the form was opened."""


@transaction.atomic
def hire(staff_no: str, values: Mapping[str, Any], *, by: Employee) -> tuple[Employee, str]:
    """Take an employee on at the branch of `by`; return the record and the first password, shown once.

    `values` holds EDITABLE fields. Raises StaffNumberTaken, RolesConflict or OtherBranchTeam.
    """
    assert by.branch is not None
    _check(values, by.branch)
    password = _password()
    try:
        with transaction.atomic():
            employee = Employee.objects.create_user(
                staff_no,
                password,
                branch=by.branch,
                pinyin=to_pinyin(values["name"]),
                must_change_password=True,
                **_picked(values),
            )
    except IntegrityError:
        raise StaffNumberTaken(f"工号 {staff_no} 已有人使用，离职员工的工号也不再分配") from None
    record("office.employee_hired", employee, by=by, after=_plain(_picked(values)))
    return employee, password


@transaction.atomic
def edit_employee(employee: Employee, values: Mapping[str, Any], *, version: int, by: Employee) -> None:
    """Save EDITABLE fields of the employee as it was opened at `version`.

    Raises StaleEmployee if it was saved since, OwnRoles if `by` changes the own roles, RolesConflict
    or OtherBranchTeam.
    """
    assert employee.branch is not None
    _check(values, employee.branch)
    held = Employee.objects.get(pk=employee.pk)
    changed = {name: value for name, value in _picked(values).items() if getattr(held, name) != value}
    if employee.pk == by.pk and "roles" in changed:
        raise OwnRoles("不能更改自己的角色，请另一位有权限的同事办理")
    if "name" in changed:
        changed["pinyin"] = to_pinyin(changed["name"])
    if Employee.objects.filter(pk=employee.pk, version=version).update(**changed, version=F("version") + 1) != 1:
        raise StaleEmployee("您编辑期间，别人保存了这份资料，您的修改还没有写入")
    before = _plain({name: getattr(held, name) for name in changed})
    record("office.employee_edited", employee, by=by, before=before, after=_plain(changed))


@transaction.atomic
def deactivate(employee: Employee, left_on: date, reason: str, *, by: Employee) -> None:
    """Close the account of who leaves on `left_on`; the night hands the clients to an interim owner.

    Raises OwnRoles for the own account and StaleEmployee if it is closed already.
    """
    if employee.pk == by.pk:
        raise OwnRoles("不能停用自己的账号，请另一位有权限的同事办理")
    closed = Employee.objects.filter(pk=employee.pk, is_active=True).update(
        is_active=False, left_on=left_on, version=F("version") + 1
    )
    if closed != 1:
        raise StaleEmployee("这个账号已经停用")
    record("office.employee_left", employee, by=by, after={"left_on": left_on.isoformat()}, reason=reason)


@transaction.atomic
def reactivate(employee: Employee, *, by: Employee) -> None:
    """Open the account of a person who is back. Raises StaleEmployee if it is open already."""
    opened = Employee.objects.filter(pk=employee.pk, is_active=False).update(
        is_active=True, left_on=None, version=F("version") + 1
    )
    if opened != 1:
        raise StaleEmployee("这个账号没有停用")
    before = {"left_on": employee.left_on.isoformat() if employee.left_on else None}
    record("office.employee_back", employee, by=by, before=before)


@transaction.atomic
def issue_password(employee: Employee, *, by: Employee) -> str:
    """Set a random password to be changed at the next login, lift a lockout, return the password to be shown once."""
    password = _password()
    employee.set_password(password)
    employee.must_change_password = True
    employee.save(update_fields=["password", "must_change_password"])
    unlock(username=employee.staff_no)
    record("office.password_issued", employee, by=by)
    return password


@transaction.atomic
def note_password_change(employee: Employee) -> None:
    """Write into the audit book that an employee changed the own password; nothing more is asked of him."""
    Employee.objects.filter(pk=employee.pk).update(must_change_password=False)
    record("office.password_changed", employee, by=employee)


def _check(values: Mapping[str, Any], branch: Branch) -> None:
    if role_conflict(values["roles"], NON_MARKETING_ROLES, SERVING_ROLES):
        raise RolesConflict("合规、风控、审计、柜台、运营和技术岗位不能同时担任服务客户的岗位")
    if values["team"] is not None and values["team"].branch_id != branch.pk:
        raise OtherBranchTeam("所选团队不属于本营业部")


def _picked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in EDITABLE if name in values}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` as JSON: dates as ISO text, records by their name."""
    return {
        name: value if value is None or isinstance(value, str | int | list) else str(value)
        for name, value in values.items()
    }


def _password() -> str:
    return "".join(secrets.choice(PASSWORD_LETTERS) for _ in range(PASSWORD_LENGTH))
