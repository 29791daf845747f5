"""Access to the pages of service_logs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from service_logs.models import Contact, ServicePolicy, Task, TaskBatch
from service_logs.operations.scripts import Words, write_script
from tests.access.row import Row, wu
from tests.conftest import Cast


def owed(cast: Cast, **fields: object) -> Task:
    """A task of li for wu, made by hand."""
    values: dict[str, object] = {
        "source": "manual", "kind": "optional", "title": "回访", "due_at": datetime(2026, 8, 24, 9, tzinfo=UTC),
        "made_on": date(2026, 8, 21), "opened_on": date(2026, 8, 21), "owner": cast.li,
    }  # fmt: skip
    return Task.objects.create(branch=cast.branch, client=cast.wu, **{**values, **fields})


def task(cast: Cast) -> dict[str, object]:
    return {"pk": owed(cast).pk}


def chosen(cast: Cast) -> dict[str, object]:
    return {"ids": [owed(cast).pk]}


def told(cast: Cast) -> dict[str, object]:
    """An entry of li about wu."""
    at = datetime(2026, 8, 24, 2, tzinfo=UTC)
    made = Contact.objects.create(
        branch=cast.branch, client=cast.wu, author=cast.li, at=at, result="reached", summary="已联系"
    )
    return {"pk": made.pk}


def entry(cast: Cast) -> dict[str, object]:
    return {
        "client": cast.wu.pk, "channel": "phone", "result": "reached", "summary": "已说明账户情况", "next": "rhythm",
        "initiator": "staff",
    }  # fmt: skip


def policy(cast: Cast) -> dict[str, object]:
    return {"pk": ServicePolicy.objects.filter(branch=None).order_by("pk").first().pk}  # type: ignore[union-attr]  # seeded


def first_rule(cast: Cast) -> dict[str, object]:
    return {"number": 1}


def client(cast: Cast) -> dict[str, object]:
    return {"client": cast.wu.pk}


def sign(cast: Cast) -> dict[str, object]:
    return {"reason": "月度检查"}


def situation(cast: Cast) -> dict[str, object]:
    return {"key": "mot.leaving"}


def draft(cast: Cast) -> dict[str, object]:
    """A draft of chen, as the page that approves it names it."""
    made = write_script("mot.leaving", Words("离开", "协助您办妥手续"), by=cast.chen)
    return {"draft": made.pk, "revision": made.revision}


def written(cast: Cast) -> dict[str, object]:
    return {"title": "离开", "text": "协助您办妥手续", "revision": 0}


def batch(cast: Cast) -> dict[str, object]:
    """A batch of li."""
    made = TaskBatch.objects.create(
        branch=cast.branch, token=uuid4(), title="送对账单", due_on=date(2026, 8, 24), made_by=cast.li
    )
    return {"pk": made.pk}


def nothing(cast: Cast) -> dict[str, object]:
    return {"x": "1"}


ROWS: list[Row] = [
    #                               nobody li wang chen zhao qian zhou shen sun
    Row("service_logs:task_list", "302 200 200 200 200 200 403 403 200"),
    Row("service_logs:task_detail", "302 200 404 200 200 200 403 403 404", task),
    Row("service_logs:task_create", "302 200 200 200 200 403 403 403 200", None, "get", client),
    Row("service_logs:task_create", "302 422 422 422 422 403 403 403 422", None, "post", lambda cast: {"title": ""}),
    Row("service_logs:task_export", "302 403 403 200 200 200 403 403 200"),
    Row("service_logs:task_export", "302 403 403 200 200 200 403 403 200", None, "post", sign),
    Row("service_logs:task_assign", "302 405 405 405 405 405 405 405 405"),
    Row("service_logs:task_assign", "302 403 403 200 200 403 403 403 200", None, "post", chosen),
    Row("service_logs:task_postpone", "302 405 405 405 405 405 405 405 405"),
    Row("service_logs:task_postpone", "302 200 200 200 200 403 403 403 200", None, "post", chosen),
    Row("service_logs:task_cancel", "302 405 405 405 405 405 405 405 405"),
    Row("service_logs:task_cancel", "302 403 403 200 200 403 403 403 200", None, "post", chosen),
    Row("service_logs:task_messages", "302 405 405 405 405 405 405 405 405"),
    Row("service_logs:task_messages", "302 200 200 200 200 403 403 403 200", None, "post", chosen),
    Row("service_logs:task_done", "302 200 404 200 200 403 403 403 404", task),
    Row("service_logs:task_done", "302 302 404 302 302 403 403 403 404", task, "post", lambda cast: {"result": "已办"}),
    Row("service_logs:statistics", "302 200 200 200 200 200 403 403 200"),
    Row("service_logs:contact_list", "302 200 200 200 200 200 403 403 200"),
    Row("service_logs:contact_create", "302 200 404 200 200 403 403 403 404", None, "get", client),
    Row("service_logs:contact_create", "302 302 404 302 302 403 403 403 404", None, "post", entry),
    Row("service_logs:contact_export", "302 403 403 200 200 200 403 403 200"),
    Row("service_logs:contact_export", "302 403 403 200 200 200 403 403 200", None, "post", sign),
    Row("service_logs:contact_detail", "302 200 404 200 200 200 403 403 404", told),
    Row("service_logs:contact_edit", "302 200 404 200 200 403 403 403 404", told),
    Row("service_logs:contact_edit", "302 422 404 422 422 403 403 403 404", told, "post", nothing),
    Row("service_logs:contact_undo", "302 405 405 405 405 405 405 405 405", told),
    Row("service_logs:contact_undo", "302 302 404 403 403 403 403 403 404", told, "post"),
    Row("service_logs:policy_list", "302 200 200 200 200 200 403 403 200"),
    Row("service_logs:policy_edit", "302 403 403 403 200 403 403 403 200", policy),
    Row("service_logs:policy_edit", "302 403 403 403 422 403 403 403 422", policy, "post", nothing),
    Row("service_logs:rule_list", "302 200 200 200 200 200 403 403 200"),
    Row("service_logs:rule_edit", "302 403 403 403 200 403 403 403 200", first_rule),
    Row("service_logs:rule_edit", "302 403 403 403 422 403 403 403 422", first_rule, "post", nothing),
    Row("service_logs:task_bulk", "302 200 200 200 200 403 403 403 200"),
    Row("service_logs:task_bulk", "302 422 422 422 422 403 403 403 422", None, "post", nothing),
    Row("service_logs:batch_detail", "302 200 404 404 200 403 403 403 404", batch),
    Row("service_logs:batch_withdraw", "302 200 404 404 200 403 403 403 404", batch),
    Row("service_logs:batch_withdraw", "302 302 404 404 302 403 403 403 404", batch, "post", sign),
    Row("service_logs:script_list", "302 200 200 200 200 200 403 403 200"),
    Row("service_logs:script_detail", "302 200 200 200 200 200 403 403 200", situation),
    Row("service_logs:script_edit", "302 403 403 200 200 200 403 403 200", situation),
    Row("service_logs:script_edit", "302 403 403 302 302 302 403 403 302", situation, "post", written),
    Row("service_logs:script_approve", "302 405 405 405 405 405 405 405 405", situation),
    Row("service_logs:script_approve", "302 403 403 403 302 302 403 403 404", situation, "post", draft),
    Row("service_logs:script_retire", "302 403 403 403 200 200 403 403 200", situation),
    Row("service_logs:script_retire", "302 403 403 403 302 302 403 403 302", situation, "post", sign),
    Row("service_logs:client_panel", "302 200 404 200 200 200 403 403 404", wu),
    Row("service_logs:client_next", "302 200 404 200 200 200 403 403 404", wu),
]
