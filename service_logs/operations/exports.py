"""Lists of service that leave the system, each with its purpose in the audit book."""

from office.audit import record
from office.models import Employee


def record_export(what: str, count: int, query: str, *, reason: str, by: Employee) -> None:
    """Note that `by` took `count` rows of `what` (tasks, contacts or visits) out, with the filters and the purpose."""
    names = {"tasks": "任务列表", "contacts": "服务日志列表", "visits": "回访列表"}
    record(
        f"service_logs.{what}_exported", names[what], by=by, after={"rows": count, "query": query[:500]}, reason=reason
    )
