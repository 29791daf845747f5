"""The night of one branch, in the order in which it happens: one page a branch director could follow.

First the figures, step by step, each kept as a draft nobody reads: a night that is killed goes on
where it stopped. Then the morning, in one transaction: publish the scores, raise the signals, write
the tasks and the contact plan, look for clients to re-assign, pass the gates. Either all of it
stands in the morning or nothing does, and started again it ends in the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import transaction

from branchcrm import night_ledger, report, steps
from branchcrm.gates import check_gates
from branchcrm.steps import Night
from office.jobs import Ledger, Pulse, claimed, forget_peak, pulse
from office.models import Branch

Watcher = Callable[[str, Ledger | None], None]  # told each step's label, then its ledger


@dataclass(frozen=True)
class Step:
    """One line of the night; `by_date` ones also run without a feed and on days without trading."""

    code: str
    label: str
    work: Callable[[Night], Ledger]
    by_date: bool = False
    afresh: bool = False  # in every attempt: what it looks at may have changed although no figure did


FIGURES = [
    Step("feed", "导入核对", steps.check_feed, afresh=True),
    Step("windows", "窗口滚动", steps.roll_windows),
    Step("scores", "价值、类型、等级与核心", steps.score),
]

MORNING = [
    Step("publish", "评分发布", steps.publish_scores),
    Step("interim", "离岗客户临时负责", steps.appoint_interim, by_date=True),
    Step("signals", "MOT 事件", steps.raise_signals, by_date=True),
    Step("pending", "投诉与调查事项", steps.raise_pending, by_date=True),
    Step("churn", "流失评分", steps.score_churn),
    Step("cases", "挽留开案", steps.open_cases, by_date=True),
    Step("expire", "过期任务", steps.expire_tasks, by_date=True),
    Step("tasks", "MOT 任务", steps.make_tasks, by_date=True),
    Step("contacts", "联系计划", steps.plan_contacts, by_date=True),
    Step("visits", "必访客户", steps.owe_visits, by_date=True),
    Step("deadlines", "法定时限", steps.watch_deadlines, by_date=True),
    Step("candidates", "分配候选", steps.propose_candidates),
    Step("gates", "校验", check_gates),
    Step("open", "早间发布", steps.open_the_morning, by_date=True),
]

STEPS = [*FIGURES, *MORNING]
LABELS = {step.code: step.label for step in STEPS}


class Outcome(StrEnum):
    """How a night ended."""

    PUBLISHED = "published"  # figures and tasks are new
    DEGRADED = "degraded"  # no feed: date-driven tasks only, the old figures stand
    BY_DATE = "by_date"  # no trading day: date-driven tasks only
    WAITING = "waiting"  # no feed yet, and it is not late enough to go without
    REFUSED = "refused"  # a gate said no: the draft is kept, the previous figures stand
    NOTHING_NEW = "nothing_new"  # the same inputs were worked on before
    OVERTAKEN = "overtaken"  # a later day stands published
    HELD = "held"  # another worker has the night of this branch


class GatesRefused(Exception):
    """A gate said no: the morning is rolled back."""


def run_night(
    branch: Branch, day: date, *, may_degrade: bool = True, watch: Watcher = lambda label, ledger: None
) -> Outcome:
    """Run the night that follows the calendar day `day` at one branch; safe to call again at any time.

    Without a complete feed of `day` the night degrades, or waits when it may not yet. The directors are
    told how it ended, also where it breaks off with an error.
    """
    night = steps.open_night(branch, day)
    if night.is_overtaken and not night.is_done:
        return Outcome.OVERTAKEN
    if night.lacks_feed and not (may_degrade or night.is_done):
        return Outcome.WAITING
    outcome: Outcome | None = None  # None: an error
    try:
        outcome = Outcome.NOTHING_NEW if night.is_done else _work_through(night, watch)
    finally:
        if outcome != Outcome.HELD:
            report.tell_directors(branch, day, night.edition)
    return outcome


def _work_through(night: Night, watch: Watcher) -> Outcome:
    try:
        with claimed(night_ledger.NAME, night.day, night.branch, edition=night.edition) as ledger:
            if ledger is None:
                return Outcome.HELD
            with pulse(ledger) as alive:
                return _run(night, ledger, alive, watch)
    except GatesRefused:
        return Outcome.REFUSED


def _run(night: Night, ledger: Ledger, alive: Pulse, watch: Watcher) -> Outcome:
    ledger.detail |= {"inputs": night.inputs, "accepted": night.accepted}
    alive.beat(**ledger.detail)
    if night.has_figures:
        for step in FIGURES:
            (_noted_step if step.afresh else _kept_step)(night, step, alive, watch)
    stands = False
    try:
        _open_morning(night, alive, watch)
        stands = True
    finally:
        outcome = _outcome(night)
        told = outcome if stands or night.closed_gates else ""  # "": an error, whatever it was heading for
        night_ledger.close(night, ledger, told, undone=[] if stands else [step.code for step in MORNING])
    return outcome


@transaction.atomic
def _open_morning(night: Night, alive: Pulse, watch: Watcher) -> None:
    """Run the steps that stand together or not at all. Raises GatesRefused where a gate stays closed."""
    for step in MORNING:
        if night.has_figures or step.by_date:
            _noted_step(night, step, alive, watch)
    if night.closed_gates:
        raise GatesRefused("、".join(gate.label for gate in night.closed_gates))


def _kept_step(night: Night, step: Step, alive: Pulse, watch: Watcher) -> None:
    watch(step.label, None)
    alive.beat(step=step.code)
    forget_peak()
    with claimed(f"{night_ledger.NAME}.{step.code}", night.day, night.branch, edition=night.edition) as ledger:
        if ledger is None:  # done before the night broke off
            ledger = night_ledger.recall(night, step.code)
        else:
            night_ledger.fill(ledger, step.work(night))
        night.ledgers[step.code] = ledger
    watch(step.label, ledger)


def _noted_step(night: Night, step: Step, alive: Pulse, watch: Watcher) -> None:
    watch(step.label, None)
    alive.beat(step=step.code)
    with night_ledger.noted(night, step.code) as ledger:
        night_ledger.fill(ledger, step.work(night))
    watch(step.label, ledger)


def _outcome(night: Night) -> Outcome:
    if night.closed_gates:
        return Outcome.REFUSED
    if night.has_figures:
        return Outcome.PUBLISHED
    return Outcome.DEGRADED if night.lacks_feed else Outcome.BY_DATE
