"""The response library: what the branch answers to a reason, version upon version."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from office.audit import record
from office.errors import DomainError
from office.models import Branch, Employee
from retention.errors import NotAtThisPoint
from retention.models import Reason, ResponseNote
from service_logs.rules.words import SCRIPT_FORBIDDEN, forbidden_words


@transaction.atomic
def write_response(branch: Branch, reason: str, *, text: str, worked: str, version: int, by: Employee) -> ResponseNote:
    """Write the next version of the response to a reason; `version` is the one it was written upon, 0 for the first.

    Raises DomainError for forbidden words, NotAtThisPoint if somebody else wrote meanwhile.
    """
    if reason not in Reason.values:
        raise DomainError("原因不在清单内")
    if not text.strip():
        raise DomainError("请写明应对办法")
    if used := forbidden_words(f"{text}\n{worked}", SCRIPT_FORBIDDEN):
        raise DomainError(f"不得使用：{'、'.join(used)}")
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=branch.pk)
    rows = ResponseNote.objects.filter(branch=branch, reason=reason)
    if (rows.aggregate(top=Max("version"))["top"] or 0) != version:
        raise NotAtThisPoint("他人已写了新版本，请刷新页面后再写")
    made = ResponseNote.objects.create(
        branch=branch, reason=reason, version=version + 1, text=text.strip()[:600], worked=worked.strip()[:400],
        made_by=by,
    )  # fmt: skip
    record("retention.response_written", made, by=by)
    return made
