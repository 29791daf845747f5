"""The trace of what leaves the system."""

from office.audit import record
from office.models import Employee


def record_export(subject: str, rows: int, query: str, *, reason: str, by: Employee) -> None:
    """Note that `by` took `rows` lines of `subject` (in words) out of the system, with the filters and the purpose."""
    record("retention.exported", subject, by=by, after={"rows": rows, "query": query[:500]}, reason=reason)
