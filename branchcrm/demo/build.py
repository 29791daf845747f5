"""The demonstration from nothing: branch, files, import, people, ties, contact history."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from branchcrm.demo.complaints import Grievances
from branchcrm.demo.delivery import Maker
from branchcrm.demo.keeping import Keeping
from branchcrm.demo.leaving import Leaving
from branchcrm.demo.opinions import Opinions
from branchcrm.demo.past_scores import score_months
from branchcrm.demo.relations import Ties
from branchcrm.demo.scale import LARGE, Scale, Timeline
from branchcrm.demo.staff import hire_staff, open_branch
from branchcrm.demo.talks import Talks
from branchcrm.demo.visits import Visits
from clients.models import ImportBatch
from clients.operations.feed import import_feed
from office import queries
from office.errors import DomainError
from office.models import Branch
from office.operations.calendar import seed_calendar
from retention.models import ChurnRun
from retention.operations.churn_history import score_past

Progress = Callable[[str], None]
LOOKED_BACK = (205, 160, 115, 70)  # trading days before the end on which churn is scored


class OtherDemonstration(DomainError):
    """The branch is there already with other facts; two demonstrations do not mix."""


def last_closed_day(today: date) -> date:
    """Return the last trading day before `today`, or the last one that the calendar knows."""
    calendar = queries.calendar()
    return calendar.last_trading(min(today - timedelta(days=1), calendar.last))


def make_demo(scale: Scale, *, folder: Path | None = None, progress: Progress) -> list[Branch]:
    """Make the branches of `scale`; what is there already from the same scale stays as it is.

    The counter files are kept in `folder` if one is given. Raises OtherDemonstration if a branch
    holds facts of another day or seed.
    """
    seed_calendar()
    with tempfile.TemporaryDirectory(prefix="demo-") as private:
        return [make_branch(code, scale, folder or Path(private), progress) for code in scale.branch_codes()]


def _refuse_others(branch: Branch, delivery: Path) -> None:
    """Raise OtherDemonstration unless the branch is empty or began with this very delivery."""
    earlier = ImportBatch.objects.filter(branches=branch).order_by("pk").first()
    if earlier is not None:
        told = {str(file["sha256"]) for file in json.loads((delivery / "manifest.json").read_text())["files"]}
        if not told.issuperset(earlier.files.values_list("sha256", flat=True)):
            raise OtherDemonstration(f"{branch} 已有其他批次的数据，演示数据只能建在空的营业部上")


def make_branch(code: str, scale: Scale, folder: Path, progress: Progress) -> Branch:
    """Make one branch of `scale`, its counter files in `folder`. Raises OtherDemonstration as make_demo does."""
    calendar = queries.calendar()
    timeline = Timeline.until(scale.as_of, calendar)
    maker = Maker(scale, timeline, calendar.sessions, code, folder)
    deliveries = maker.make()
    branch = open_branch(code)
    progress(f"{branch}：{scale.clients:,} 位客户，{len(timeline)} 个交易日，截至 {scale.as_of}")
    _refuse_others(branch, deliveries[0])
    for delivery in deliveries:
        batch = import_feed(delivery, progress=lambda line: progress(f"  {line}"))
        if batch.state != ImportBatch.State.DONE or not batch.totals_agree:
            raise DomainError(f"{delivery.name} 未能完整导入：{batch.get_state_display()}")
    hired = hire_staff(branch, scale)
    tied = Ties(branch, scale, timeline, calendar).tie()
    scored = score_months(branch, scale, timeline)
    talks = Talks(branch, scale, timeline, calendar, maker.restless).write()
    held = Grievances(branch, scale, calendar, maker.restless).tell()
    leaving = Leaving(branch, scale, calendar).write()
    opinions = Opinions(branch, scale).write()
    visits = Visits(branch, scale, calendar).tell()
    kept = Keeping(branch, scale, calendar).write()
    if scale.clients < LARGE:
        _look_back(branch, timeline)
    progress(f"  新增员工 {hired} 人，落实服务关系 {tied} 位客户，补录服务日志 {talks} 条，登记投诉 {held} 件")
    if scored:
        progress(f"  补算此前 {scored} 个交易日的客户价值")
    if kept:
        progress(f"  挽留个案 {kept} 件已结，另有应对、演练、其他券商账户与客户不满")
    progress(f"  登记销户与转户申请 {leaving} 件，满意度答卷 {opinions} 份，回访 {visits} 件")
    return branch


def _look_back(branch: Branch, timeline: Timeline) -> None:
    """Score churn on a few past days, so that the back-test has something to tell on the first morning."""
    if not ChurnRun.objects.filter(branch=branch).exists():
        score_past(branch, [timeline.day(-back) for back in LOOKED_BACK if back < len(timeline)])
