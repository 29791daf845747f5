"""Rolling the windows of a branch to the close of a day: forward where that is exact, anew where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from clients.models import AccountDay, ClientDay, ClientWindow, FactChange, ImportBatch, ImportFile
from office.jobs import Ledger
from office.models import Branch
from segmentation.models import WeightSet, WindowState
from segmentation.operations.weights import ensure_weights
from segmentation.operations.window_days import add_days
from segmentation.operations.window_scope import (
    IS_OPEN,
    MEMORY,
    Sessions,
    lay_out,
    lay_out_sessions,
    meet_days,
    sessions_until,
)
from segmentation.operations.window_sums import build_windows, roll_sums, sum_purchases
from segmentation.scoring.measures import WINDOW

MOST_STEPS = 20  # sessions to catch up; beyond that building anew is cheaper
MANY = 0.2  # share of clients to build singly; beyond that all are

FACTS = ("daily_metrics", "accounts")  # the files a window depends on; purchases are summed anew every night


@dataclass(frozen=True)
class News:
    """What was delivered since the windows were last rolled."""

    file_id: int
    change_id: int
    why_anew: str  # in Chinese for the ledger; "" where rolling is exact


@transaction.atomic
def roll_windows(branch: Branch, as_of: date) -> Ledger:
    """Bring ClientDay and ClientWindow of the branch to the close of `as_of`.

    Advances by the days that came and the days that leave; builds anew where there is nothing to
    advance from, and where facts, accounts or weights before the window's day have changed. The
    same call again changes nothing.
    """
    sessions = sessions_until(branch, as_of)
    weights = ensure_weights(branch, sessions.as_of)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segmentation.windows'), %s)", [branch.pk])
        state = WindowState.objects.filter(branch=branch).select_related("weight_set").first()
        meet_days(cursor)
        news = _news(cursor, branch, state, sessions, weights)
        if state and state.as_of == sessions.as_of and not news.why_anew:
            ledger = Ledger(seen=_count(branch), detail={"way": "unchanged"})
        elif state and not news.why_anew:
            ledger = _advance(cursor, branch, state, sessions, weights)
        else:
            ledger = _rebuild(cursor, branch, sessions, weights)
            ledger.detail["why"] = news.why_anew
    WindowState.objects.update_or_create(
        branch=branch,
        defaults={
            "as_of": sessions.as_of,
            "weight_set": weights,
            "file_id": news.file_id,
            "change_id": news.change_id,
        },
    )
    return ledger


def _count(branch: Branch) -> int:
    return ClientWindow.objects.filter(branch=branch).count()


def _rebuild(cursor: CursorWrapper, branch: Branch, sessions: Sessions, weights: WeightSet) -> Ledger:
    ClientWindow.objects.filter(branch=branch).delete()
    ClientDay.objects.filter(branch=branch).delete()
    lay_out(cursor, branch, sessions.as_of, weights)
    days, cuts = add_days(cursor, branch, sessions, MEMORY)
    built = build_windows(cursor, branch, sessions, cuts)
    sum_purchases(cursor, branch, sessions, weights)
    return Ledger(seen=built, changed=built, detail={"way": "rebuilt", "days": days, "one_off": len(cuts)})


def _advance(
    cursor: CursorWrapper, branch: Branch, state: WindowState, sessions: Sessions, weights: WeightSet
) -> Ledger:
    lay_out(cursor, branch, sessions.as_of, weights)
    gone = _drop_gone(cursor, branch)
    days, one_off = 0, 0
    for day in [day for day in sessions.days if day > state.as_of]:
        step = sessions.until(day)
        added, cuts = add_days(cursor, branch, step, 1)
        roll_sums(cursor, branch, step, cuts)
        days, one_off = days + added, one_off + len(cuts)
    fresh = _unlike_before(cursor, branch, state.as_of, sessions.as_of)
    if fresh:
        _build_some(cursor, branch, sessions, weights, fresh)
        lay_out(cursor, branch, sessions.as_of, weights)
    lay_out_sessions(cursor, sessions, WINDOW)
    sum_purchases(cursor, branch, sessions, weights)
    seen = _count(branch)
    return Ledger(
        seen=seen,
        changed=seen,
        detail={"way": "rolled", "days": days, "one_off": one_off, "built_singly": len(fresh), "gone": gone},
    )


def _build_some(
    cursor: CursorWrapper, branch: Branch, sessions: Sessions, weights: WeightSet, clients: list[int]
) -> None:
    """Build the windows of some clients from their facts: new ones, and those whose open accounts changed."""
    ClientWindow.objects.filter(client_id__in=clients).delete()
    ClientDay.objects.filter(branch=branch, client_id__in=clients).delete()
    lay_out(cursor, branch, sessions.as_of, weights, clients)
    _, cuts = add_days(cursor, branch, sessions, MEMORY)
    build_windows(cursor, branch, sessions, cuts)


def _drop_gone(cursor: CursorWrapper, branch: Branch) -> int:
    """Remove windows of clients without an open account; return how many."""
    cursor.execute(
        "DELETE FROM clients_clientwindow w WHERE w.branch_id = %s"
        " AND NOT EXISTS (SELECT 1 FROM window_account a WHERE a.client_id = w.client_id)",
        [branch.pk],
    )
    return int(cursor.rowcount)


def _unlike_before(cursor: CursorWrapper, branch: Branch, before: date, as_of: date) -> list[int]:
    """Return clients without a window, and those one of whose accounts opened or closed since."""
    cursor.execute(
        "SELECT DISTINCT client_id FROM window_account o"
        " WHERE NOT EXISTS (SELECT 1 FROM clients_clientwindow w WHERE w.client_id = o.client_id)"
        " OR EXISTS (SELECT 1 FROM clients_account a WHERE a.client_id = o.client_id AND a.branch_id = %(branch)s"
        f" AND ({IS_OPEN.replace('%(as_of)s', '%(before)s')}) <> ({IS_OPEN})) ORDER BY 1",
        {"branch": branch.pk, "before": before, "as_of": as_of},
    )
    return [client_id for (client_id,) in cursor.fetchall()]


def _news(
    cursor: CursorWrapper, branch: Branch, state: WindowState | None, sessions: Sessions, weights: WeightSet
) -> News:
    files = ImportFile.objects.filter(state=ImportBatch.State.DONE, kind__in=FACTS)
    newest = files.order_by("-pk").values_list("pk", flat=True).first() or 0
    change = FactChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if state is None or not ClientWindow.objects.filter(branch=branch).exists():
        return News(newest, change, "首次建立")
    return News(newest, change, _why_anew(branch, state, sessions, weights))


def _why_anew(branch: Branch, state: WindowState, sessions: Sessions, weights: WeightSet) -> str:
    if sessions.as_of < state.as_of:
        return "回到更早的日期"
    if state.as_of not in sessions.days[-1 - MOST_STEPS :]:
        return "中断超过 20 个交易日"
    if weights.pk != state.weight_set_id and _ladder(weights) != _ladder(state.weight_set):
        return "等级标准有变"
    changes = FactChange.objects.filter(pk__gt=state.change_id, branch=branch, file__kind__in=FACTS)
    if changes.exclude(day__gt=state.as_of).exists():
        return "窗口内的数据有更正"
    return "补报了窗口内的数据" if _came_late(branch, state) else ""


def _ladder(weights: WeightSet) -> list[tuple[str, str, int]]:
    return sorted(weights.tier_rules.values_list("ladder", "tier", "min_assets_fen"))


def _came_late(branch: Branch, state: WindowState) -> bool:
    """Whether a new delivery added days of the branch that its windows have passed already.

    Most nights the books of the deliveries answer: whose branches a delivery told of, and the first
    day of each file. Only a file that tells of older days of this branch makes the rows be looked at.
    """
    files = ImportFile.objects.filter(
        pk__gt=state.file_id, state=ImportBatch.State.DONE, kind="daily_metrics", inserted__gt=0
    )
    older = files.filter(batch__branches=branch).exclude(first_day__gt=state.as_of)
    batches = set(older.values_list("batch_id", flat=True))
    return AccountDay.objects.filter(batch_id__in=batches, branch=branch, day__lte=state.as_of).exists()
