"""What each step of the night does: one call into the app that owns it, and what it counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from branchcrm import bridge
from branchcrm.control_totals import Totals, control_totals
from branchcrm.feed_of_day import DayFeed
from branchcrm.gates import Gate
from office import queries
from office.jobs import Ledger
from office.models import Branch, JobRun
from retention.operations import breaches, churn, churn_events, opening, reminders
from segmentation.models import AllocationPlan, ScoringRun
from segmentation.operations import planning, proposing, scoring, windows
from segmentation.queries.runs import input_hash, published_run, run_figures
from service_logs.operations import plan, signals, tasks, visit_nights

NO_FEED, BY_DATE = "no feed", "by date"  # the inputs of a night without figures


@dataclass
class Night:
    """One night on its way: the branch, the calendar day before it, and what the steps found out."""

    branch: Branch
    day: date
    feed: DayFeed
    inputs: str  # fingerprint of what it works on
    edition: int
    is_done: bool  # these inputs were worked on before, to the end
    is_overtaken: bool  # a later day stands published: its figures are not taken back
    accepted: dict[str, dict[str, Any]]  # gates a named person lets pass, by code
    previous: ScoringRun | None  # what readers see until this night is published
    gates: list[Gate] = field(default_factory=list)
    ledgers: dict[str, Ledger] = field(default_factory=dict)

    @property
    def lacks_feed(self) -> bool:
        """Whether it should have figures and cannot."""
        return self.inputs == NO_FEED

    @property
    def has_figures(self) -> bool:
        """Whether it scores; on days without trading only what a date brings about is done."""
        return self.inputs not in (NO_FEED, BY_DATE)

    @property
    def closed_gates(self) -> list[Gate]:
        """The gates that keep it from being published."""
        return [gate for gate in self.gates if not gate.passed and not gate.accepted]

    @cached_property
    def run(self) -> ScoringRun:
        """The draft that the scoring step wrote."""
        return ScoringRun.objects.get(pk=self.ledgers["scores"].detail["run"])

    @cached_property
    def figures(self) -> dict[str, Any]:
        """What the draft says of the whole branch."""
        return run_figures(self.run)

    @cached_property
    def previous_figures(self) -> dict[str, Any] | None:
        """The same of what stands published."""
        return run_figures(self.previous) if self.previous else None

    @cached_property
    def totals(self) -> Totals:
        """Its sums beside those of the counter."""
        since = self.run.previous.as_of if self.run.previous else None
        return control_totals(self.branch, self.day, since)


def open_night(branch: Branch, day: date) -> Night:
    """Look at what a night would work on, and which edition of it this is.

    The same inputs are the same edition, whether it was published, refused or killed; other inputs
    (a delivery that came late or was corrected, new weights) are the next.
    """
    feed = DayFeed(branch, day)
    inputs = _inputs(branch, day, feed)
    previous = published_run(branch)
    latest = JobRun.objects.filter(name="night", branch=branch, as_of=day).order_by("-edition").first()
    before = latest.detail.get("inputs") if latest else None
    is_same = before in (None, inputs)
    return Night(
        branch=branch,
        day=day,
        feed=feed,
        inputs=inputs,
        edition=1 if latest is None else latest.edition + (not is_same),
        is_done=latest is not None and is_same and latest.state == JobRun.State.DONE,
        is_overtaken=previous is not None and day < previous.as_of,
        accepted=dict(latest.detail.get("accepted", {})) if latest is not None and is_same else {},
        previous=previous,
    )


def _inputs(branch: Branch, day: date, feed: DayFeed) -> str:
    if not queries.calendar(branch.calendar).is_trading(day):
        return BY_DATE
    return input_hash(branch, day) if feed.is_complete else NO_FEED


# --- Figures: drafts nobody reads -----------------------------------------------------------------


def check_feed(night: Night) -> Ledger:
    """Count what was delivered and what was refused."""
    feed = night.feed
    refused = Counter(feed.refused)
    files = [{"kind": kind, "rows": file.rows, "refused": file.refused} for kind, file in sorted(feed.files.items())]
    return Ledger(
        seen=feed.rows + refused.total(),
        changed=feed.rows,
        expected=feed.files["daily_metrics"].rows,
        skipped=refused,
        detail={"files": files, "batches": [batch.pk for batch in feed.batches]},
    )


def roll_windows(night: Night) -> Ledger:
    """Add the day to every client's window and drop the one that leaves."""
    return windows.roll_windows(night.branch, night.day)


def score(night: Night) -> Ledger:
    """Appraise every client, as a draft."""
    run, ledger = scoring.score_branch(night.branch, night.day)
    ledger.detail |= {"run": run.pk}
    return ledger


# --- The morning: one transaction -----------------------------------------------------------------


def publish_scores(night: Night) -> Ledger:
    """Flip the pointer to the new scores and bring everybody's standing up to date."""
    if night.run.state == ScoringRun.State.PUBLISHED:
        return Ledger(seen=night.figures["clients"], skipped=Counter({"此前已发布": night.figures["clients"]}))
    return scoring.publish_run(night.run)


def appoint_interim(night: Night) -> Ledger:
    """Give clients whose manager left to the team leader until a plan decides."""
    counts = planning.appoint_interim(night.branch, night.day)
    skipped = Counter({"无人可临时负责": counts["without_heir"]} if counts["without_heir"] else {})
    return Ledger(seen=sum(counts.values()), changed=counts["moved"], skipped=skipped)


def raise_signals(night: Night) -> Ledger:
    """Find what happened to clients that somebody must hear of."""
    return signals.raise_signals(night.branch, night.day)


def score_churn(night: Night) -> Ledger:
    """Score who may leave, and tell those who serve him."""
    ledger = churn.score_churn(night.branch, night.day)
    ledger.detail["raised"] = churn_events.raise_churn(night.branch, night.day).changed
    return ledger


def open_cases(night: Night) -> Ledger:
    """Open a case for whom the score alarms and for every request that has none."""
    asked = opening.open_from_requests(night.branch, night.day)
    if not night.has_figures:
        return asked
    alarmed = opening.open_from_signals(night.branch, night.day)
    return Ledger(
        seen=asked.seen + alarmed.seen,
        changed=asked.changed + alarmed.changed,
        expected=asked.seen + alarmed.seen,
        skipped=asked.skipped + alarmed.skipped,
        detail={"requests": asked.changed, "signals": alarmed.changed},
    )


def raise_pending(night: Night) -> Ledger:
    """Give on what complaints and surveys ask for, should nobody have carried it by day."""
    return bridge.raise_pending(night.branch, timezone.now())


def watch_deadlines(night: Night) -> Ledger:
    """Tell compliance of requests past their deadline; clocks of complaints rise in working time only.

    Whoever owes a drill or an answer to a grievance is reminded once a week.
    """
    ledger = breaches.tell_breaches(night.branch, timezone.now())
    ledger.detail["reminded"] = reminders.tell_owed(night.branch, night.day)
    return ledger


def expire_tasks(night: Night) -> Ledger:
    """Close optional tasks whose time is over."""
    return tasks.expire_tasks(night.branch, night.day)


def make_tasks(night: Night) -> Ledger:
    """Turn the signals into tasks with an owner and a deadline."""
    return tasks.make_tasks(night.branch, night.day)


def plan_contacts(night: Night) -> Ledger:
    """Plan a contact for every client whose rhythm says it is time."""
    return plan.plan_contacts(night.branch, night.day)


def owe_visits(night: Night) -> Ledger:
    """Add to the year's plan of return visits who must be visited by now; give out the loose, tell of the late."""
    return visit_nights.keep_plan(night.branch, night.day)


def propose_candidates(night: Night) -> Ledger:
    """Draft who might be served better by somebody else; people decide."""
    if proposing.has_open_plan(night.branch):
        return Ledger(skipped=Counter({"已有方案待批准或待应用": 1}))
    try:
        made = proposing.propose_plan(night.branch, night.day, _kind_of_plan(night), by=None)
    except proposing.NobodyServes:
        return Ledger(skipped=Counter({"营业部没有可服务的员工": 1}))
    clients = int(made.metrics["clients"])
    return Ledger(seen=clients, changed=made.lines.count(), expected=clients, detail={"plan": made.plan_no})


def _kind_of_plan(night: Night) -> AllocationPlan.Kind:
    """A full plan after a departure and on the first trading day of a month, candidates in every other night."""
    if night.ledgers["interim"].changed:
        return AllocationPlan.Kind.DEPARTURE
    before = queries.calendar(night.branch.calendar).add_trading(night.day, -1)
    return AllocationPlan.Kind.CANDIDATES if before.month == night.day.month else AllocationPlan.Kind.FULL


def open_the_morning(night: Night) -> Ledger:
    """Write the data date that every page shows, or that it is late."""
    row = Branch.objects.filter(pk=night.branch.pk)
    if night.has_figures:
        row.update(data_as_of=Greatest(F("data_as_of"), night.day), degraded_on=None)
        return Ledger(seen=1, changed=1)
    if night.lacks_feed:
        row.update(degraded_on=night.day)
        return Ledger(seen=1, changed=1, skipped=Counter({f"缺 {'、'.join(night.feed.missing)}": 1}))
    return Ledger(skipped=Counter({"非交易日，数据日期不变": 1}))
