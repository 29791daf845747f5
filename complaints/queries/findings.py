"""What complaints and surveys teach: low answers and complaints by topic, common or individual; the list and board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from clients.models import AnswerSheet, Topic
from complaints.models import Complaint, Finding, State
from complaints.rules.findings import COMMON, INDIVIDUAL, OPEN, PLANNED, kind_of, topic_of_complaint
from complaints.rules.surveys import LOW_SCORE
from office.dates import SHANGHAI
from office.models import Employee
from office.rights import Reach, reach

GROUNDLESS = (State.REJECTED, State.WITHDRAWN)
ORDER = ("state", "due_on", "pk")


@dataclass
class TopicCount:
    """What was said about one topic in a period: by how many clients, in which sheets and complaints."""

    topic: str
    label: str
    answered: int
    unhappy_ids: set[int] = field(default_factory=set)  # clients by their sheets
    complaining_ids: set[int] = field(default_factory=set)  # clients by their complaints
    sheet_ids: list[int] = field(default_factory=list)
    complaint_ids: list[int] = field(default_factory=list)
    about_ids: set[int | None] = field(default_factory=set)
    open_findings: int = 0

    @property
    def clients(self) -> int:
        """How many different clients; complaints of unknown callers count one each."""
        return len(self.unhappy_ids | self.complaining_ids)

    @property
    def kind(self) -> str:
        """Common or individual: by the share of those asked, or because several complained unasked."""
        asked, unasked = kind_of(len(self.unhappy_ids), self.answered), kind_of(len(self.complaining_ids), 0)
        return COMMON if COMMON in (asked, unasked) else INDIVIDUAL


def analysis(user: Employee, since: date, until: date) -> list[TopicCount]:
    """Return what `user` may read of the complaints and low answers of a period by topic, most clients first."""
    span = _span(since, until)
    sheets = AnswerSheet.objects.visible_to(user).filter(at__range=span, score__isnull=False)
    counts = {topic: TopicCount(topic, str(label), 0) for topic, label in Topic.choices}
    for sheet_id, client_id, about_id, topics in sheets.values_list("pk", "client", "about", "topics").order_by("pk"):
        for topic, score in topics.items():
            counts[topic].answered += 1
            if score <= LOW_SCORE:
                counts[topic].unhappy_ids.add(client_id)
                counts[topic].sheet_ids.append(sheet_id)
                counts[topic].about_ids.add(about_id)
    for complaint in complaints_of(user, since, until):
        topic = topic_of_complaint(complaint.cause_code, complaint.category)
        if topic:
            counts[topic].complaining_ids.add(complaint.client_id or -complaint.pk)
            counts[topic].complaint_ids.append(complaint.pk)
    _count_open(counts, user)
    return sorted((each for each in counts.values() if each.clients), key=lambda each: (-each.clients, each.topic))


def complaints_of(user: Employee, since: date, until: date) -> QuerySet[Complaint]:
    """Return the complaints of a period that count, those `user` may know of."""
    rows = Complaint.objects.visible_to(user).standing().exclude(state__in=GROUNDLESS)
    return rows.filter(received_at__range=_span(since, until)).order_by("pk")


def finding_list(user: Employee, wanted: dict[str, Any], today: date) -> QuerySet[Finding]:
    """Return the findings `user` may know of, narrowed: state, kind, topic, owner, overdue, mine."""
    rows = Finding.objects.visible_to(user).select_related("owner", "client", "later_run")
    for name in ("state", "kind", "topic", "owner"):
        if wanted.get(name):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("show") == "overdue":
        rows = rows.overdue(today)
    if wanted.get("show") == "mine":
        rows = rows.filter(owner=user)
    return rows


def state_counts(user: Employee, today: date) -> dict[str, int]:
    """Return how many findings stand in each state, and how many are overdue."""
    rows = Finding.objects.visible_to(user)
    counted = rows.order_by("state").values_list("state").annotate(Count("pk"))
    late = Finding.objects.visible_to(user).overdue(today).count()
    return dict(counted) | {"overdue": late}


def may_act_on(finding: Finding, user: Employee) -> bool:
    """Whether `user` may note what came of the measure: who leads findings, and its owner."""
    return user.pk != finding.about_id and (user.has_perm("complaints.edit_finding") or user.pk == finding.owner_id)


def sees_figures(user: Employee) -> bool:
    """Whether `user` is shown how many said so and the means before and after: who sees the whole branch."""
    return reach(user) >= Reach.BRANCH


def possible_owners(user: Employee, about_id: int | None) -> QuerySet[Employee]:
    """Return who may be given a measure: everybody at work in the branch but whom it is about."""
    rows = Employee.objects.filter(branch_id=user.branch_id or 0, is_active=True)
    return rows.exclude(pk=about_id or 0).order_by("pinyin", "pk")


def item_sheets(user: Employee, ids: Iterable[int]) -> list[AnswerSheet]:
    """Return those of the sheets that `user` may read."""
    rows = AnswerSheet.objects.visible_to(user).filter(pk__in=list(ids)[:500])
    return list(rows.select_related("client", "about", "invitation__run").order_by("-at", "pk"))


def item_complaints(user: Employee, ids: Iterable[int]) -> list[Complaint]:
    """Return those of the complaints that `user` may know of."""
    rows = Complaint.objects.visible_to(user).filter(pk__in=list(ids)[:500])
    return list(rows.select_related("client").order_by("-received_at", "pk"))


def _count_open(counts: dict[str, TopicCount], user: Employee) -> None:
    rows = Finding.objects.visible_to(user).filter(Q(state=OPEN) | Q(state=PLANNED), kind=COMMON)
    for topic, count in rows.order_by("topic").values_list("topic").annotate(Count("pk")):
        counts[topic].open_findings = count


def _span(since: date, until: date) -> tuple[datetime, datetime]:
    """Return the period as moments, its last day included."""
    start = datetime.combine(since, time.min, SHANGHAI)
    return start, datetime.combine(until + timedelta(days=1), time.min, SHANGHAI) - timedelta(microseconds=1)
