"""Findings: drawn from complaints and surveys, given a measure, done, measured again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from clients.models import AnswerSheet, Client
from complaints.errors import FactMissing, OwnFinding, TooFewAnswers, WrongStep
from complaints.models import Complaint, Finding, FindingItem, ServiceStandard, SurveyRun
from complaints.queries.findings import may_act_on
from complaints.queries.satisfaction import topic_mean
from complaints.rules.findings import INDIVIDUAL, next_state
from complaints.rules.satisfaction import SMALLEST
from office.audit import record
from office.errors import Conflict, DomainError
from office.models import Employee
from office.operations.notices import notify


@dataclass(frozen=True)
class Found:
    """What a finding says and what it was drawn from."""

    title: str
    topic: str
    kind: str
    note: str = ""
    client: Client | None = None
    about: Employee | None = None
    clients_count: int = 0
    answered_count: int = 0
    base_run: SurveyRun | None = None
    sheets: list[AnswerSheet] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)


@transaction.atomic
def find(found: Found, *, by: Employee) -> Finding:
    """Put a finding on the list of the branch of `by`. Raises OwnFinding if it is about himself.

    What one client needs is about whoever served him: the source may tell him who said it. Of several
    common sources the finding names nobody unless it is said.
    """
    values = {name: value for name, value in vars(found).items() if name not in ("sheets", "complaints")}
    if found.kind == INDIVIDUAL and found.about is None and found.sheets:
        values["about"] = next((sheet.about for sheet in found.sheets if sheet.about is not None), None)
    if by.branch is None:
        raise DomainError("没有所属营业部")
    finding = Finding(branch=by.branch, made_by=by, **values)
    _not_about(finding, by)
    finding.save()
    items = [FindingItem(finding=finding, sheet=sheet) for sheet in found.sheets]
    items += [FindingItem(finding=finding, complaint=complaint) for complaint in found.complaints]
    FindingItem.objects.bulk_create(items)
    record("complaints.finding_made", finding, by=by, after={"topic": finding.topic, "kind": finding.kind})
    return finding


@transaction.atomic
def plan_measure(
    finding: Finding, *, measure_kind: str, measure: str, owner: Employee, due_on: date, version: int, by: Employee
) -> Finding:
    """Decide what is done, by whom, until when; again as long as it is not done. The owner is told.

    Raises OwnFinding if the owner is whom it is about, FactMissing without words, WrongStep, Conflict.
    """
    if owner.pk == finding.about_id:
        raise OwnFinding("负责人不能是此事项所涉及的员工")
    if not measure.strip():
        raise FactMissing("请写明措施")
    changes = {"measure_kind": measure_kind, "measure": measure.strip(), "owner": owner, "due_on": due_on}
    moved = _move(finding, "plan", version, by, changes)
    text = f"改进事项由您负责，{due_on:%Y-%m-%d} 前完成"
    notify([owner], f"finding-{moved.pk}-{moved.version}", text, moved.get_absolute_url())
    return moved


@transaction.atomic
def finish(finding: Finding, *, result: str, done_on: date, version: int, by: Employee) -> Finding:
    """Note what came of the measure; by its owner or who leads findings."""
    if not may_act_on(finding, by):
        raise OwnFinding("由负责人或客户服务负责人填写结果")
    if not result.strip():
        raise FactMissing("请写明结果")
    return _move(finding, "finish", version, by, {"result": result.strip(), "done_on": done_on})


@transaction.atomic
def remeasure(finding: Finding, run: SurveyRun, *, version: int, by: Employee) -> Finding:
    """Compare the figure of the topic before with that of a later run, over once it was done.

    Raises WrongStep for a run that began before the measure was done or still runs, TooFewAnswers below
    five answers in it.
    """
    today = timezone.localdate()
    if run.branch_id != finding.branch_id or finding.done_on is None or run.opens_on < finding.done_on:
        raise WrongStep("请选择措施完成之后开始的调查")
    if not run.is_over(today):
        raise WrongStep("这次调查还在进行，结束后再复测")
    count, mean = topic_mean(run, finding.topic, finding.about)
    if count < SMALLEST:
        raise TooFewAnswers(f"这次调查只有 {count} 份有关答卷，至少要有 {SMALLEST} 份")
    changes: dict[str, Any] = {"later_run": run, "mean_after": mean, "count_after": count}
    if finding.base_run is not None:
        before, held = topic_mean(finding.base_run, finding.topic, finding.about)
        changes |= {"mean_before": held, "count_before": before} if before >= SMALLEST else {}
    return _move(finding, "remeasure", version, by, changes)


@transaction.atomic
def reopen(finding: Finding, *, reason: str, version: int, by: Employee) -> Finding:
    """Take a finding up again: the measure did not help. What was done and measured stays in the audit book."""
    if not reason.strip():
        raise FactMissing("请写明原因")
    changes = {"result": "", "done_on": None, "later_run": None, "mean_after": None, "count_after": None}
    return _move(finding, "reopen", version, by, changes, reason=reason.strip())


@transaction.atomic
def drop(finding: Finding, *, reason: str, version: int, by: Employee) -> Finding:
    """Decide to do nothing about a finding, with the reason."""
    if not reason.strip():
        raise FactMissing("请写明理由")
    return _move(finding, "drop", version, by, {"result": reason.strip()}, reason=reason.strip())


@transaction.atomic
def publish_standard(*, slogan: str, promises: str, note: str, by: Employee) -> ServiceStandard:
    """Publish the next version of the branch's service standard and tell everybody who works there (QUA-05)."""
    if by.branch is None:
        raise DomainError("没有所属营业部")
    latest = ServiceStandard.objects.select_for_update().filter(branch=by.branch).order_by("-version").first()
    made = ServiceStandard.objects.create(
        branch=by.branch, version=latest.version + 1 if latest else 1, slogan=slogan, promises=promises, note=note,
        published_by=by, published_at=timezone.now(),
    )  # fmt: skip
    staff: Iterable[Employee] = Employee.objects.filter(branch=by.branch, is_active=True).exclude(pk=by.pk)
    notify(staff, f"standard-{made.pk}", f"服务标准第 {made.version} 版已发布", "/complaints/standard/")
    record("complaints.standard_published", made, by=by, after={"version": made.version})
    return made


def _not_about(finding: Finding, by: Employee) -> None:
    if finding.about_id is not None and finding.about_id == by.pk:
        raise OwnFinding("与本人有关的事项由他人处理")


def _move(
    finding: Finding, act: str, version: int, by: Employee, changes: dict[str, Any], *, reason: str = ""
) -> Finding:
    _not_about(finding, by)
    target = next_state(act, finding.state)
    if target is None:
        raise WrongStep(f"「{finding.get_state_display()}」的事项不能这样办理")
    held = Finding.objects.filter(pk=finding.pk, state=finding.state, version=version)
    if held.update(**changes, state=target, version=version + 1) != 1:
        raise Conflict("这一事项刚被他人修改，请重新查看")
    before = finding.state
    finding.refresh_from_db()
    record(
        f"complaints.finding_{act}", finding, by=by, before={"state": before}, after={"state": target}, reason=reason
    )
    return finding
