"""What the login page knows before anybody is signed in."""

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max

from office.models import Branch, Employee, Role


def tries_left(staff_no: str) -> int:
    """Return how many wrong passwords a staff number has left before it is locked, at least 0."""
    failures = AccessAttempt.objects.filter(username=staff_no).aggregate(most=Max("failures_since_start"))["most"]
    return max(settings.AXES_FAILURE_LIMIT - (failures or 0), 0)


def only_branch() -> Branch | None:
    """Return the branch of an installation that serves one branch, else None."""
    branches = list(Branch.objects.order_by("pk")[:2])
    return branches[0] if len(branches) == 1 else None


def help_phone() -> str:
    """Return the phone of the system administrator to call when signing in fails, "" if none is noted."""
    helpers = Employee.objects.filter(is_active=True, roles__contains=[Role.SYSTEM_ADMIN]).exclude(phone="")
    return helpers.order_by("pk").values_list("phone", flat=True).first() or ""
