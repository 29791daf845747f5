"""Acts that show personal data or take it out of the house; what was shown stands nowhere, that it was does."""

from __future__ import annotations

from django.db import transaction

from complaints.errors import NotTheHandler
from complaints.models import Attachment, Complaint
from complaints.operations.desk import refuse_named
from complaints.queries.scope import may_read_words
from office.audit import record
from office.models import Employee

PERSONAL = {"phone": "联系电话", "account_no": "客户账号"}


@transaction.atomic
def reveal(complaint: Complaint, field: str, *, by: Employee, address: str | None) -> str:
    """Return one hidden value of who complains in full.

    Raises ValueError for a field that is not hidden, NotTheHandler for who only knows the outline,
    NamedInComplaint.
    """
    if field not in PERSONAL:
        raise ValueError(field)
    refuse_named(complaint, by)
    if not may_read_words(complaint, by):
        raise NotTheHandler("由办理此投诉的人查看")
    record("complaints.revealed", complaint, by=by, after={"field": field}, address=address)
    return str(getattr(complaint, field))


def record_export(count: int, query: str, *, reason: str, by: Employee) -> None:
    """Note that `by` took `count` complaints out of the system, with the filters and the purpose."""
    record("complaints.exported", "投诉台账", by=by, after={"rows": count, "query": query[:500]}, reason=reason)


def record_opening(attachment: Attachment, *, by: Employee) -> None:
    """Note that `by` opened a paper of a complaint."""
    record("complaints.file_opened", attachment.complaint, by=by, after={"attachment": attachment.pk})
