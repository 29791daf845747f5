"""Where conditions look: the clients a branch serves, and the facts of the night beside those they concern.

All sources give the columns of WHO. Facts are those after %(since)s up to %(until)s; dates that are
still to come are those after %(day)s up to %(horizon)s.
"""

from dataclasses import dataclass

QUIET = "('opening', 'suspended', 'closing', 'closed')"  # statuses in which a client hears nothing that is not owed

WHO = "s.client_id, s.tier, s.not_profiled, s.is_quiet"
IN_RANGE = "{0}.branch_id = %(branch)s AND {0}.day > %(since)s AND {0}.day <= %(until)s"

NO_TRADE_BEFORE = (  # in half a year before the days this night looks at
    "coalesce(s.trade_days_120 <= %(range_days)s AND s.turnover_120_fen = s.turnover_20_fen, true)"
)
ASSESSED_FOR = "interval '24 months'"  # an assessment without an end: regulation.md §1, at least every two years
MONEY_IN, MONEY_OUT = "('bank_in', 'transfer_in')", "('bank_out', 'transfer_out')"

# Read once for all sources, and kept narrow; what only some rows need is computed where it is needed.
# `tier_now` is "" before the first scores.
SERVED = f"""
served AS MATERIALIZED (
    SELECT s.client_id, s.tier, c.not_profiled, c.status IN {QUIET} AS is_quiet, c.status = 'dormant' AS is_dormant,
           c.kind = 'person' AS is_person, c.birth_md, c.birth_date, c.opened_on, c.id_valid_to,
           coalesce(c.risk_valid_to, (c.risk_assessed_on + {ASSESSED_FOR})::date) AS risk_valid_to,
           s.is_core OR s.grade IN ('vip', 'active') AS is_close, s.assets_fen, s.last_trade_on,
           s.noticed_tier AS tier_seen, CASE WHEN s.score_run_id IS NULL THEN '' ELSE s.tier END AS tier_now
    FROM clients_clientstanding s
    JOIN clients_client c ON c.id = s.client_id AND c.branch_id = %(branch)s
    WHERE s.branch_id = %(branch)s AND NOT s.is_closed AND NOT c.is_deceased AND c.status <> 'closed'
)"""

# The clients whom a fact of this night concerns, with their windows: few, so that every fact finds its client quickly.
CONCERNED = """
concerned AS MATERIALIZED (
    SELECT s.*, coalesce(w.last_assets_fen, s.assets_fen) AS held_fen, w.turnover_20_fen, w.turnover_60_fen,
           w.turnover_120_fen, w.trade_days_120
    FROM served s LEFT JOIN clients_clientwindow w ON w.client_id = s.client_id AND w.branch_id = %(branch)s
    WHERE s.client_id IN ({client_ids})
)"""


@dataclass(frozen=True)
class Facts:
    """Rows of one kind with their `client_id`, read once however many sources look at them."""

    name: str
    sql: str


@dataclass(frozen=True)
class Source:
    """Rows that conditions are tried on: `select` (columns beside WHO, FROM, WHERE) over `facts` and their clients `s`.

    Without facts the clients themselves are the rows.
    """

    name: str
    facts: tuple[Facts, ...] = ()
    select: str = ""

    @property
    def sql(self) -> str:
        """Return the SELECT; it stands behind `served`, its facts and `concerned`."""
        return f"SELECT {WHO}, {self.select}" if self.facts else "SELECT * FROM served"


MOVED = Facts(
    "moved",
    f"""
    SELECT d.client_id, d.day, d.turnover_fen, d.inflow_fen, d.outflow_fen FROM clients_clientday d
    WHERE {IN_RANGE.format("d")} AND (d.turnover_fen > 0 OR d.inflow_fen > 0 OR d.outflow_fen > 0)""",
)
TRADED = Facts(
    "traded",
    f"""
    SELECT t.client_id, t.day, t.trade_no, t.side, t.security_code, t.security_name, t.price, t.amount_fen
    FROM clients_trade t WHERE {IN_RANGE.format("t")}""",
)
TOLD = Facts(
    "told",
    f"""
    SELECT e.client_id, e.day, e.kind, e.amount_fen FROM clients_accountevent e WHERE {IN_RANGE.format("e")}""",
)
BORROWING = Facts(
    "borrowing",
    """
    SELECT a.client_id FROM clients_account a
    WHERE a.branch_id = %(branch)s AND a.kind = 'credit' AND a.status <> 'closed'""",
)
INDEBTED = Facts(
    "indebted",
    f"""
    SELECT d.client_id, d.day, d.total_assets_fen * 100 / d.margin_debt_fen AS ratio FROM clients_accountday d
    WHERE {IN_RANGE.format("d")} AND d.margin_debt_fen > 0 AND NOT d.is_period""",
)
MATURING = Facts(
    "maturing",
    """
    SELECT p.client_id, p.purchase_no, p.product_name, p.amount_fen, p.matures_on FROM clients_productpurchase p
    WHERE p.branch_id = %(branch)s AND p.matures_on >= %(serve)s""",
)
HANDED_OVER = Facts(
    "handed_over",
    """
    SELECT a.client_id, a.starts_on, a.employee_id, a.role, n.name AS manager
    FROM clients_serviceassignment a JOIN office_employee n ON n.id = a.employee_id
    WHERE a.ends_on IS NULL AND a.role IN ('main', 'interim') AND a.starts_on > %(day)s - 10
      AND a.starts_on <= %(serve)s""",
)
UNVISITED = Facts(
    "unvisited",
    """
    SELECT r.client_id, r.opened_on FROM clients_developmentrelation r
    WHERE r.state = 'pending_visit' AND r.opened_on <= %(day)s""",
)
FAILED = Facts(
    "failed",
    """
    SELECT l.client_id, array_agg((l.at AT TIME ZONE 'Asia/Shanghai')::date) AS failed,
           max((l.at AT TIME ZONE 'Asia/Shanghai')::date) AS failed_on
    FROM service_logs_contact l
    WHERE l.branch_id = %(branch)s AND l.undone_at IS NULL AND l.result IN ('sms_failed', 'wrong_person')
      AND l.at >= %(day)s::date - 366
    GROUP BY l.client_id""",
)


STANDING = Source("standing")

CREDIT = Source("credit", (BORROWING,), "s.birth_date FROM borrowing f JOIN concerned s USING (client_id)")

DAYS = Source(
    "days",
    (MOVED,),
    f"""f.day, f.turnover_fen, s.opened_on, s.is_dormant, {NO_TRADE_BEFORE} AS is_new_to_trade,
       s.trade_days_120, (s.turnover_60_fen - f.turnover_fen) / 59 AS usual_fen
FROM moved f JOIN concerned s USING (client_id)
WHERE f.turnover_fen > 0""",
)

# The counter may tell one movement twice: in the day's sums and as an event. The larger of the two holds.
FLOWS = Source(
    "flows",
    (MOVED, TOLD),
    f"""f.day, f.inflow_fen, f.outflow_fen, f.cash_in_fen, s.opened_on,
       greatest(s.held_fen - f.inflow_fen + f.outflow_fen, 0) AS before_fen
FROM (
    SELECT m.client_id, m.day, max(m.inflow_fen) AS inflow_fen, max(m.outflow_fen) AS outflow_fen,
           max(m.cash_in_fen) AS cash_in_fen
    FROM (
        SELECT d.client_id, d.day, d.inflow_fen, d.outflow_fen, d.inflow_fen AS cash_in_fen
        FROM moved d WHERE d.inflow_fen > 0 OR d.outflow_fen > 0
        UNION ALL
        SELECT e.client_id, e.day, coalesce(sum(e.amount_fen) FILTER (WHERE e.kind IN {MONEY_IN}), 0)::bigint,
               coalesce(sum(e.amount_fen) FILTER (WHERE e.kind IN {MONEY_OUT}), 0)::bigint,
               coalesce(sum(e.amount_fen) FILTER (WHERE e.kind = 'bank_in'), 0)::bigint
        FROM told e WHERE e.amount_fen > 0
        GROUP BY e.client_id, e.day
    ) m GROUP BY m.client_id, m.day
) f JOIN concerned s USING (client_id)""",
)

EVENTS = Source("events", (TOLD,), "f.day, f.kind AS event_kind FROM told f JOIN concerned s USING (client_id)")

BUYS = Source(
    "buys",
    (TRADED,),
    """f.day, f.security_code, f.security_name, f.amount_fen, s.held_fen AS assets_fen
FROM (
    SELECT t.client_id, t.day, t.security_code, max(t.security_name) AS security_name,
           sum(t.amount_fen)::bigint AS amount_fen
    FROM traded t WHERE t.side = 'B'
    GROUP BY t.client_id, t.day, t.security_code
) f JOIN concerned s USING (client_id)""",
)

# What a trade should have cost is told by the client's own latest position in the security; OFFSET: asked once a trade.
TRADES = Source(
    "trades",
    (TRADED,),
    """f.day, f.trade_no, f.side, f.security_code, f.security_name, f.price, f.reference
FROM (
    SELECT t.*, (
        SELECT p.price FROM clients_positionday p
        WHERE p.client_id = t.client_id AND p.security_code = t.security_code
          AND p.day <= t.day AND p.day > t.day - 30 AND p.price > 0
        ORDER BY p.day DESC LIMIT 1
    ) AS reference
    FROM traded t WHERE t.price > 0
    OFFSET 0
) f JOIN concerned s USING (client_id)""",
)

MATURITIES = Source(
    "maturities",
    (MATURING,),
    "f.purchase_no, f.product_name, f.amount_fen, f.matures_on FROM maturing f JOIN concerned s USING (client_id)",
)

HANDOVERS = Source(
    "handovers",
    (HANDED_OVER,),
    """f.starts_on, f.employee_id, f.role, f.manager, s.is_close
FROM handed_over f JOIN concerned s USING (client_id)""",
)

RELATIONS = Source("relations", (UNVISITED,), "f.opened_on FROM unvisited f JOIN concerned s USING (client_id)")

FAILURES = Source("failures", (FAILED,), "f.failed, f.failed_on FROM failed f JOIN concerned s USING (client_id)")

MARGIN = Source("margin", (INDEBTED,), "f.day, f.ratio FROM indebted f JOIN concerned s USING (client_id)")
