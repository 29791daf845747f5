"""The nights of a branch as their pages show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from branchcrm.feed_of_day import due_days
from branchcrm.night import LABELS, STEPS, Step
from branchcrm.report import outcome_of
from branchcrm.words import OUTCOMES
from office.models import Employee, JobRun

State = JobRun.State
ORDER = ["-as_of", "-edition", "-pk"]
RECENT = 7
TASK_STEPS = ("tasks", "contacts")
CHOICES = {**OUTCOMES, "running": "运行中"}  # of the filter


@dataclass(frozen=True)
class Look:
    """How a state is shown: colour, icon and words."""

    colour: str
    icon: str
    words: str


LOOKS = {
    "published": Look("info", "circle-check", "已发布"),
    "degraded": Look("warn", "alert-triangle", "降级"),
    "by_date": Look("off", "calendar-event", "非交易日"),
    "refused": Look("crit", "circle-x", "失败，未发布"),
    "failed": Look("crit", "circle-x", "失败"),
    "running": Look("info", "loader-2", "运行中"),
    "broken": Look("crit", "circle-x", "中断，无响应"),
    "waiting": Look("off", "clock", "等待"),
}
WHY_ABSENT = {("degraded", False): "依赖第 1 步", ("by_date", False): "交易日才做", ("by_date", True): "交易日才做"}
STEP_COLOURS = {"info": "i", "warn": "w", "crit": "c", "off": "o"}


def night_list(user: Employee, wanted: dict[str, Any]) -> QuerySet[JobRun]:
    """Return the nights of the branch of `user` that the cleaned NightFilter `wanted` asks for."""
    rows = JobRun.objects.visible_to(user).filter(name="night")
    if wanted.get("since"):
        rows = rows.filter(as_of__gte=wanted["since"])
    if wanted.get("until"):
        rows = rows.filter(as_of__lte=wanted["until"])
    state = wanted.get("state")
    if state == "running":
        return rows.filter(state=State.RUNNING)
    if state == "failed":
        return rows.filter(state=State.FAILED).exclude(detail__outcome="refused")
    return rows.filter(detail__outcome=state) if state else rows


@dataclass
class NightRow:
    """One night in a list."""

    run: JobRun
    tasks: int | None = None

    @property
    def kind(self) -> str:
        """The key of LOOKS that fits."""
        if self.run.state == State.RUNNING:
            overdue = self.run.lease_until is None or self.run.lease_until < timezone.now()
            return "broken" if overdue else "running"
        if self.run.state == State.WAITING:
            return "waiting"
        outcome = outcome_of(self.run)
        return outcome if outcome in OUTCOMES else "failed"

    @property
    def look(self) -> Look:
        """How its state is shown."""
        return LOOKS[self.kind]

    @property
    def is_live(self) -> bool:
        """Whether it runs right now."""
        return self.kind == "running"

    @property
    def figures(self) -> dict[str, Any]:
        """What the draft or published scores say of the whole branch; empty without scores."""
        return dict(self.run.detail.get("figures", {}))

    @property
    def published_at(self) -> Any:
        """When its figures became those of every page, None if they did not."""
        return self.run.finished_at if self.kind == "published" else None

    @property
    def closed_gates(self) -> list[dict[str, Any]]:
        """The gates that were not passed, let through or not."""
        return [gate for gate in self.run.detail.get("gates", []) if not gate["passed"]]

    @property
    def note(self) -> str:
        """What to know of it in one line."""
        detail = self.run.detail
        if self.kind == "degraded":
            return f"缺 {'、'.join(detail.get('missing', []))}"
        if self.kind == "by_date":
            return "只做日期类事项"
        if self.closed_gates:
            return "、".join(
                f"{gate['label']} {gate['value']}{'（已放行）' if gate.get('accepted') else ''}"
                for gate in self.closed_gates
            )
        if self.kind == "failed":
            return (self.run.error.strip().splitlines() or [""])[-1][:120]
        return "更正" if self.run.edition > 1 and self.kind == "published" else ""


def with_tasks(runs: list[JobRun]) -> list[NightRow]:
    """Return the rows of a list with the number of tasks each night made, in one query."""
    keys = Q(pk__in=[])
    for run in runs:
        keys |= Q(branch_id=run.branch_id, as_of=run.as_of, edition=run.edition)
    steps = JobRun.objects.filter(keys, name__in=[f"night.{code}" for code in TASK_STEPS], state=State.DONE)
    made: dict[tuple[date, int], int] = {}
    for as_of, edition, changed in steps.values_list("as_of", "edition", "rows_changed"):
        made[as_of, edition] = made.get((as_of, edition), 0) + changed
    return [NightRow(run, made.get((run.as_of, run.edition))) for run in runs]


@dataclass(frozen=True)
class StepRow:
    """One line of the ledger."""

    number: int
    step: Step
    look: Look
    run: JobRun | None
    before: JobRun | None  # the same step of the night before
    why_absent: str = ""  # why it did not run

    @property
    def colour(self) -> str:
        """The class of its state."""
        return STEP_COLOURS[self.look.colour]

    @property
    def skipped(self) -> int:
        """How many rows were passed over."""
        return sum(self.run.skipped.values()) if self.run else 0

    @property
    def reasons(self) -> str:
        """Why rows were passed over, the most frequent first."""
        if self.run is None:
            return self.why_absent
        counted = sorted(self.run.skipped.items(), key=lambda item: -item[1])
        return "，".join(f"{reason} {count:,}" for reason, count in counted if count)


@dataclass
class NightDetail(NightRow):
    """One night with its steps, beside the published night before it."""

    steps: dict[str, JobRun] = field(default_factory=dict)
    before: JobRun | None = None
    before_steps: dict[str, JobRun] = field(default_factory=dict)
    is_latest: bool = True

    @cached_property
    def rows(self) -> list[StepRow]:
        """The ledger, every step in its order."""
        return [
            StepRow(
                number,
                step,
                self._look_of(step),
                self.steps.get(step.code),
                self.before_steps.get(step.code),
                WHY_ABSENT.get((self.kind, step.code == "feed"), ""),
            )
            for number, step in enumerate(STEPS, 1)
        ]

    @property
    def tasks_made(self) -> int | None:
        """How many tasks the night made, None if it did not come so far."""
        return _sum_changed(self.steps)

    @property
    def tasks_before(self) -> int | None:
        """How many the night before made."""
        return _sum_changed(self.before_steps)

    @property
    def before_figures(self) -> dict[str, Any]:
        """What the night before said of the whole branch."""
        return dict(self.before.detail.get("figures", {})) if self.before else {}

    @property
    def gates(self) -> list[dict[str, Any]]:
        """Every gate with limit and value."""
        return list(self.run.detail.get("gates", []))

    @property
    def gates_passed(self) -> int:
        """How many gates are open."""
        return len(self.gates) - len(self.closed_gates)

    @property
    def closed_words(self) -> str:
        """How many gates are closed, in words."""
        accepted = sum(bool(gate.get("accepted")) for gate in self.closed_gates)
        return f"{accepted} 项放行" if accepted == len(self.closed_gates) else f"{len(self.closed_gates)} 项未过"

    @property
    def quarantined(self) -> int:
        """How many delivered rows were refused."""
        return sum(self.steps["feed"].skipped.values()) if "feed" in self.steps else 0

    @property
    def files(self) -> list[dict[str, Any]]:
        """The files of the delivery, by kind."""
        return list(self.steps["feed"].detail.get("files", [])) if "feed" in self.steps else []

    @property
    def batch_id(self) -> int | None:
        """The latest delivery it worked on."""
        batches = self.steps["feed"].detail.get("batches", []) if "feed" in self.steps else []
        return batches[-1] if batches else None

    @property
    def step_label(self) -> str:
        """What a running night is at."""
        return LABELS.get(self.run.detail.get("step", ""), "准备")

    @property
    def peak_mb(self) -> int:
        """The most memory any step held."""
        return max((step.peak_mb or 0 for step in self.steps.values()), default=0)

    @property
    def seconds(self) -> float:
        """How long the steps took together."""
        return sum(step.seconds or 0 for step in self.steps.values())

    @property
    def seconds_before(self) -> float | None:
        """The same of the night before."""
        return sum(step.seconds or 0 for step in self.before_steps.values()) if self.before_steps else None

    @property
    def done_count(self) -> int:
        """How many steps are behind a running night."""
        reached = self.run.detail.get("step")
        return next((row.number - 1 for row in self.rows if row.step.code == reached), 0)

    def has_answered(self, asked: int) -> bool:
        """Whether a person who asked for it at that second of the epoch has the answer."""
        answer = self.run.detail.get("answer", {}).get("at", 0)
        finished = self.run.finished_at.timestamp() if self.run.finished_at else 0
        return bool(max(answer, finished) >= asked)

    def _look_of(self, step: Step) -> Look:
        run = self.steps.get(step.code)
        if run is None or (run.state == State.RUNNING and not self.is_live):
            return self._look_of_absent(step)
        if run.state == State.RUNNING:
            return LOOKS["running"]
        if run.state == State.FAILED:
            return LOOKS["failed"]
        if run.state == State.SKIPPED:
            closed = step.code == "gates" and bool(run.detail.get("closed"))
            return Look("crit", "circle-x", "未通过") if closed else Look("off", "circle-minus", "已撤回")
        return self._look_of_done(step, run)

    def _look_of_absent(self, step: Step) -> Look:
        if self.is_live:
            return LOOKS["running"] if self.run.detail.get("step") == step.code else LOOKS["waiting"]
        if self.kind == "degraded" and step.code == "feed":
            return Look("crit", "circle-x", "数据未齐")
        return Look("off", "circle-minus", "未运行")

    def _look_of_done(self, step: Step, run: JobRun) -> Look:
        if run.rows_expected and not run.rows_seen:
            return Look("warn", "alert-triangle", f"应有 {run.rows_expected:,}，实为 0")
        if step.code == "feed" and run.skipped:
            return Look("warn", "alert-triangle", "完成，有隔离")
        if step.code == "gates" and run.detail.get("closed"):
            return Look("warn", "alert-triangle", "已放行")
        if self.kind in {"degraded", "by_date"} and step.code in {"signals", "tasks"}:
            return Look("warn" if self.kind == "degraded" else "info", "calendar-event", "只做日期类")
        return Look("info", "circle-check", "完成")


def _sum_changed(steps: dict[str, JobRun]) -> int | None:
    found = [steps[code].rows_changed for code in TASK_STEPS if code in steps]
    return sum(found) if found else None


def night_detail(run: JobRun) -> NightDetail:
    """Return a night with its steps, the last night published before it and that one's steps."""
    nights = JobRun.objects.filter(name="night", branch=run.branch)
    earlier = Q(as_of__lt=run.as_of) | Q(as_of=run.as_of, edition__lt=run.edition)
    before = nights.filter(earlier, detail__outcome="published", state=State.DONE).order_by(*ORDER).first()
    newer = nights.filter(as_of=run.as_of, edition__gt=run.edition).exists()
    return NightDetail(
        run,
        steps=_steps_of(run),
        before=before,
        before_steps=_steps_of(before) if before else {},
        is_latest=not newer,
    )


def _steps_of(run: JobRun) -> dict[str, JobRun]:
    rows = JobRun.objects.filter(branch=run.branch, as_of=run.as_of, edition=run.edition, name__startswith="night.")
    return {row.name.removeprefix("night."): row for row in rows}


def neighbours(run: JobRun) -> tuple[JobRun | None, JobRun | None]:
    """Return the night before and the night after in the list."""
    nights = JobRun.objects.filter(name="night", branch=run.branch)
    earlier = nights.filter(Q(as_of__lt=run.as_of) | Q(as_of=run.as_of, edition__lt=run.edition)).order_by(*ORDER)
    later = nights.filter(Q(as_of__gt=run.as_of) | Q(as_of=run.as_of, edition__gt=run.edition))
    return earlier.first(), later.order_by("as_of", "edition", "pk").first()


def latest_run(user: Employee, day: date) -> JobRun | None:
    """Return the latest edition of the night of a day at the branch of `user`."""
    return JobRun.objects.visible_to(user).filter(name="night", as_of=day).order_by("-edition").first()


def owed_nights(user: Employee) -> list[date]:
    """Return the business dates that were delivered, are not published and were not even tried, oldest first."""
    branch = user.branch
    if branch is None:
        return []
    days = [day for day in due_days(branch, timezone.localdate()) if day != timezone.localdate()]
    tried = set(JobRun.objects.visible_to(user).filter(name="night", as_of__in=days).values_list("as_of", flat=True))
    return [day for day in days if day not in tried]
