"""Publishing a run: the pointer flips, standings follow where they changed, histories are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from office.errors import DomainError
from office.jobs import Ledger
from office.models import Branch
from office.partitions import partition_name
from office.statements import run_large
from segmentation.models import GRADES, TIERS, TYPES, ClientScore, Flag, ScoringRun, TierCause, TierHistory
from segmentation.queries.runs import published_run

State = ScoringRun.State
Reason = TierHistory.Reason


class RunNotDraft(DomainError):
    """Only a draft is published, and only once."""


def _words(column: str, words: Sequence[str]) -> str:
    """Return SQL of the word at the place a column names; null for a place before the first."""
    return f"(ARRAY[{', '.join(repr(str(word)) for word in words)}])[{column} + 1]"


FIGURES = {
    "value": "s.value",
    "commission_points": "s.commission_norm * %(a)s",
    "purchasing_points": "s.purchasing_norm * %(b)s",
    "assets_points": "s.assets_norm * %(c)s",
    "rank": "s.rank",
    "previous_rank": "nullif(s.previous_rank, 0)",
    "percentile": "s.percentile",
    "tier": _words("s.tier_no", TIERS),
    "grade": _words("s.grade_no", GRADES),
    "value_type": _words("s.type_no", TYPES),
    "is_core": "s.is_core",
    "is_stale": f"(s.flag_bits & {Flag.STALE:d}) <> 0",
    "is_provisional": f"(s.flag_bits & {Flag.PROVISIONAL:d}) <> 0",
    "assets_fen": "coalesce(w.last_assets_fen, 0)",
    "assets_avg_fen": "round(s.assets_raw * 100)::bigint",
    "commission_fen": "s.commission_fen",
    "contribution_fen": "s.contribution_fen",
    "turnover_fen": "s.turnover_fen",
    "last_trade_on": "w.last_trade_on",
    "flags": f"""array_remove(ARRAY[
        CASE WHEN c.risk_valid_to < %(as_of)s THEN 'risk_expired' END,
        CASE WHEN c.id_valid_to < %(as_of)s THEN 'id_expired' END,
        CASE WHEN c.risk_valid_to BETWEEN %(as_of)s AND %(as_of)s::date + 60 THEN 'risk_due' END,
        CASE WHEN c.id_valid_to BETWEEN %(as_of)s AND %(as_of)s::date + 60 THEN 'id_due' END,
        CASE WHEN (s.flag_bits & {Flag.ONE_OFF:d}) <> 0 THEN 'one_off' END,
        CASE WHEN c.status = 'dormant' THEN 'dormant' END]::varchar[], NULL)""",
}
# A mark set by hand stays.
BECOMES = {name: f"n.{name}" for name in FIGURES} | {
    "flags": "CASE WHEN 'must' = ANY(t.flags) THEN 'must'::varchar || n.flags ELSE n.flags END"
}
# Only rows that say something new are written; a standing nobody touched costs nothing.
# A first tier is no change of tier, so it counts as noticed.
STANDINGS = f"""
UPDATE clients_clientstanding t
SET ({", ".join(FIGURES)}, score_run_id, noticed_tier)
    = ({", ".join(BECOMES.values())}, %(run)s,
       CASE WHEN t.score_run_id IS NULL THEN n.tier ELSE t.noticed_tier END)
FROM (
    SELECT s.client_id, {", ".join(f"{sql} AS {name}" for name, sql in FIGURES.items())}
    FROM segmentation_clientscore s
    JOIN clients_client c ON c.id = s.client_id AND c.branch_id = %(branch)s
    LEFT JOIN clients_clientwindow w ON w.client_id = s.client_id AND w.branch_id = %(branch)s
    WHERE s.run_id = %(run)s AND s.as_of = %(as_of)s
) n
WHERE t.client_id = n.client_id AND t.branch_id = %(branch)s
  AND ({", ".join(f"t.{name}" for name in FIGURES)}) IS DISTINCT FROM ({", ".join(BECOMES.values())})
"""
UNRANKED = """
UPDATE clients_clientstanding t SET value = 0, commission_points = 0, purchasing_points = 0, assets_points = 0,
       rank = NULL, previous_rank = NULL, percentile = NULL, is_core = false, score_run_id = %(run)s
WHERE t.branch_id = %(branch)s AND t.rank IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM segmentation_clientscore s
                  WHERE s.run_id = %(run)s AND s.as_of = %(as_of)s AND s.client_id = t.client_id)
"""
CAUSES = {
    TierCause.FIRST: Reason.FIRST,
    TierCause.KEPT: Reason.GRADE,
    TierCause.ASSETS_UP: Reason.ASSETS_UP,
    TierCause.COMMISSION_UP: Reason.COMMISSION_UP,
    TierCause.MONTHS_DOWN: Reason.MONTHS_DOWN,
    TierCause.OVERRIDE: Reason.OVERRIDE,
}
YUAN = "to_char({} / 100.0, 'FM999,999,999,990')"
# A tier set by hand was written down when it was set; what it makes of the grade is written here.
HISTORY = f"""
INSERT INTO segmentation_tierhistory
    (client_id, run_id, as_of, from_tier, to_tier, from_grade, to_grade, reason, detail,
     override_by_id, until, created_at)
SELECT s.client_id, s.run_id, s.as_of,
       CASE WHEN s.tier_cause = {TierCause.OVERRIDE:d} THEN {_words("s.tier_no", TIERS)}
            ELSE coalesce({_words("s.previous_tier_no", TIERS)}, '') END, {_words("s.tier_no", TIERS)},
       coalesce({_words("s.previous_grade_no", GRADES)}, ''), {_words("s.grade_no", GRADES)},
       CASE WHEN s.tier_cause = {TierCause.FIRST:d} AND s.previous_tier_no >= 0 THEN '{Reason.OVERRIDE_ENDED}'
            WHEN s.tier_no = s.previous_tier_no OR s.tier_cause = {TierCause.OVERRIDE:d} THEN '{Reason.GRADE}'
            ELSE {_words("s.tier_cause", [CAUSES[cause] for cause in TierCause])} END,
       '20 日均资产 ' || {YUAN.format("s.assets_raw * 100")} || ' 元，12 个月净佣金 '
           || {YUAN.format("s.commission_fen")} || ' 元，近 20 日交易 ' || s.trade_days_20 || ' 天',
       NULL, NULL, %(now)s
FROM segmentation_clientscore s
WHERE s.run_id = %(run)s AND s.as_of = %(as_of)s
  AND (s.grade_no <> s.previous_grade_no
       OR s.tier_no <> s.previous_tier_no AND s.tier_cause <> {TierCause.OVERRIDE:d})
"""
CORE_LEFT = """
UPDATE segmentation_coremembership m SET left_on = %(as_of)s, left_run_id = %(run)s
FROM clients_client c
WHERE c.id = m.client_id AND c.branch_id = %(branch)s AND m.left_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM segmentation_clientscore s WHERE s.run_id = %(run)s AND s.as_of = %(as_of)s
                  AND s.client_id = m.client_id AND s.is_core)
"""
CORE_ENTERED = """
INSERT INTO segmentation_coremembership (client_id, entered_run_id, entered_on, share_cumulative)
SELECT s.client_id, s.run_id, s.as_of, s.cumulative_share
FROM segmentation_clientscore s
WHERE s.run_id = %(run)s AND s.as_of = %(as_of)s AND s.is_core
  AND NOT EXISTS (SELECT 1 FROM segmentation_coremembership m WHERE m.client_id = s.client_id AND m.left_on IS NULL)
"""


def publish_run(run: ScoringRun) -> Ledger:
    """Make the draft what readers see; the caller holds the transaction.

    Standings follow in one statement, only where something changed; changes of tier, grade and core
    group are written down with the run. A run of a day before the one readers see is kept for the
    record and moves no standing. A run that is published already changes nothing. Raises RunNotDraft
    for a run that gave way to another.
    """
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=run.branch_id)  # the later run stands
    current = published_run(run.branch)
    flipped = ScoringRun.objects.filter(pk=run.pk, state=State.DRAFT).update(
        state=State.PUBLISHED, published_at=timezone.now()
    )
    run.refresh_from_db(fields=["state", "published_at"])
    clients = int(run.metrics["clients"])
    if not flipped:
        if run.state != State.PUBLISHED:
            raise RunNotDraft("该评分已作废，请重新评分")
        return Ledger(seen=clients, skipped=Counter({"已发布": 1}))
    if current is not None and (current.as_of, current.edition) > (run.as_of, run.edition):
        return Ledger(seen=clients, skipped=Counter({"较新的评分已发布，客户现状不变": clients}))
    a, b, c = run.weight_set.nominal
    scope: dict[str, Any] = {
        "run": run.pk,
        "branch": run.branch_id,
        "as_of": run.as_of,
        "a": a,
        "b": b,
        "c": c,
        "now": timezone.now(),
    }
    counts = {}
    with connection.cursor() as cursor:
        # The planner has not met this run yet, and would take its rows one by one.
        cursor.execute(ANALYZE.format(partition=partition_name(ClientScore, run.as_of)))
        for name, statement in STATEMENTS.items():
            counts[name] = run_large(cursor, statement, scope)[1]
    unchanged = clients - counts["standings"]
    return Ledger(
        seen=clients,
        changed=counts["standings"],
        skipped=Counter({"无变化": unchanged} if unchanged else {}),
        detail=counts,
    )


ANALYZE = 'ANALYZE "{partition}" (run_id, client_id, as_of, is_core)'
STATEMENTS = {
    "standings": STANDINGS,
    "unranked": UNRANKED,
    "history": HISTORY,
    "core_left": CORE_LEFT,
    "core_entered": CORE_ENTERED,
}
