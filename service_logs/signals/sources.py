"""Where conditions look: each source is one cheap SELECT over the clients of a branch.

All of them give `client_id`, `tier`, `not_profiled` and `is_quiet`. Facts are those after %(since)s
up to %(until)s; dates that are still to come are those after %(day)s up to %(horizon)s.
"""

from dataclasses import dataclass

QUIET = "('opening', 'suspended', 'closing', 'closed')"  # statuses in which a client hears nothing that is not owed

WHO = f"s.tier, c.not_profiled, c.status IN {QUIET} AS is_quiet"
CLIENT = "JOIN clients_clientstanding s ON s.client_id = {0}.client_id JOIN clients_client c ON c.id = s.client_id"
OPEN = "NOT s.is_closed AND NOT c.is_deceased AND c.status <> 'closed'"
WINDOW = "LEFT JOIN clients_clientwindow w ON w.client_id = s.client_id"
IN_RANGE = "{0}.branch_id = %(branch)s AND {0}.day > %(since)s AND {0}.day <= %(until)s"

ASSESSED_FOR = "interval '24 months'"  # an assessment without an end: regulation.md §1, at least every two years
MONEY_IN, MONEY_OUT = "('bank_in', 'transfer_in')", "('bank_out', 'transfer_out')"


@dataclass(frozen=True)
class Source:
    """A named SELECT that conditions are tried on; `sql` is complete but for its parameters."""

    name: str
    sql: str


STANDING = Source(
    "standing",
    f"""
SELECT s.client_id, {WHO}, s.assets_fen, s.last_trade_on, c.kind, c.birth_md, c.birth_date, c.opened_on,
       c.id_valid_to, coalesce(c.risk_valid_to, (c.risk_assessed_on + {ASSESSED_FOR})::date) AS risk_valid_to,
       nullif(x.seen_tier, '') AS seen_tier
FROM clients_clientstanding s
JOIN clients_client c ON c.id = s.client_id
LEFT JOIN service_logs_servicestanding x ON x.client_id = s.client_id
WHERE s.branch_id = %(branch)s AND {OPEN}
""",
)

DAYS = Source(
    "days",
    f"""
SELECT d.client_id, {WHO}, d.day, d.turnover_fen, c.opened_on, c.status,
       (w.turnover_60_fen - d.turnover_fen) / 59 AS usual_fen
FROM clients_clientday d {CLIENT.format("d")} {WINDOW}
WHERE {IN_RANGE.format("d")} AND d.turnover_fen > 0 AND {OPEN}
""",
)

# The counter may tell one movement twice: in the day's sums and as an event. The larger of the two holds.
FLOWS = Source(
    "flows",
    f"""
SELECT f.client_id, {WHO}, f.day, f.inflow_fen, f.outflow_fen, f.cash_in_fen, c.opened_on,
       greatest(coalesce(w.last_assets_fen, s.assets_fen) - f.inflow_fen + f.outflow_fen, 0) AS before_fen
FROM (
    SELECT m.client_id, m.day, max(m.inflow_fen) AS inflow_fen, max(m.outflow_fen) AS outflow_fen,
           max(m.cash_in_fen) AS cash_in_fen
    FROM (
        SELECT d.client_id, d.day, d.inflow_fen, d.outflow_fen, d.inflow_fen AS cash_in_fen
        FROM clients_clientday d
        WHERE {IN_RANGE.format("d")} AND (d.inflow_fen > 0 OR d.outflow_fen > 0)
        UNION ALL
        SELECT e.client_id, e.day, coalesce(sum(e.amount_fen) FILTER (WHERE e.kind IN {MONEY_IN}), 0)::bigint,
               coalesce(sum(e.amount_fen) FILTER (WHERE e.kind IN {MONEY_OUT}), 0)::bigint,
               coalesce(sum(e.amount_fen) FILTER (WHERE e.kind = 'bank_in'), 0)::bigint
        FROM clients_accountevent e
        WHERE {IN_RANGE.format("e")} AND e.amount_fen > 0
        GROUP BY e.client_id, e.day
    ) m GROUP BY m.client_id, m.day
) f {CLIENT.format("f")} {WINDOW}
WHERE {OPEN}
""",
)

EVENTS = Source(
    "events",
    f"""
SELECT e.client_id, {WHO}, e.day, e.kind AS event_kind
FROM clients_accountevent e {CLIENT.format("e")}
WHERE {IN_RANGE.format("e")} AND {OPEN}
""",
)

BUYS = Source(
    "buys",
    f"""
SELECT b.client_id, {WHO}, b.day, b.security_code, b.security_name, b.amount_fen,
       coalesce(w.last_assets_fen, s.assets_fen) AS assets_fen
FROM (
    SELECT t.client_id, t.day, t.security_code, max(t.security_name) AS security_name,
           sum(t.amount_fen)::bigint AS amount_fen
    FROM clients_trade t WHERE {IN_RANGE.format("t")} AND t.side = 'B'
    GROUP BY t.client_id, t.day, t.security_code
) b {CLIENT.format("b")} {WINDOW}
WHERE {OPEN}
""",
)

# What a trade should have cost is told by the client's own latest position in the security.
TRADES = Source(
    "trades",
    f"""
SELECT t.client_id, {WHO}, t.day, t.trade_no, t.side, t.security_code, t.security_name, t.price, r.reference
FROM clients_trade t {CLIENT.format("t")}
CROSS JOIN LATERAL (
    SELECT p.price AS reference FROM clients_positionday p
    WHERE p.client_id = t.client_id AND p.security_code = t.security_code
      AND p.day <= t.day AND p.day > t.day - 30 AND p.price > 0
    ORDER BY p.day DESC LIMIT 1
) r
WHERE {IN_RANGE.format("t")} AND t.price > 0 AND {OPEN}
""",
)

MATURITIES = Source(
    "maturities",
    f"""
SELECT p.client_id, {WHO}, p.purchase_no, p.product_name, p.amount_fen, p.matures_on
FROM clients_productpurchase p {CLIENT.format("p")}
WHERE p.branch_id = %(branch)s AND p.matures_on >= %(serve)s AND {OPEN}
""",
)

HANDOVERS = Source(
    "handovers",
    f"""
SELECT a.client_id, {WHO}, a.starts_on, a.employee_id, a.role, n.name AS manager,
       s.is_core OR s.grade IN ('vip', 'active') AS is_close
FROM clients_serviceassignment a
JOIN office_employee n ON n.id = a.employee_id {CLIENT.format("a")}
WHERE s.branch_id = %(branch)s AND a.ends_on IS NULL AND a.role IN ('main', 'interim')
  AND a.starts_on > %(day)s - 10 AND a.starts_on <= %(serve)s AND {OPEN}
  AND EXISTS (SELECT 1 FROM clients_serviceassignment o
              WHERE o.client_id = a.client_id AND o.role IN ('main', 'interim')
                AND o.ends_on <= a.starts_on AND o.employee_id <> a.employee_id)
""",
)

RELATIONS = Source(
    "relations",
    f"""
SELECT r.client_id, {WHO}, r.opened_on
FROM clients_developmentrelation r {CLIENT.format("r")}
WHERE s.branch_id = %(branch)s AND r.state = 'pending_visit' AND r.opened_on <= %(day)s AND {OPEN}
""",
)

FAILURES = Source(
    "failures",
    f"""
SELECT f.client_id, {WHO}, f.failed, f.failed_on
FROM (
    SELECT l.client_id, array_agg((l.at AT TIME ZONE 'Asia/Shanghai')::date) AS failed,
           max((l.at AT TIME ZONE 'Asia/Shanghai')::date) AS failed_on
    FROM service_logs_contact l
    WHERE l.branch_id = %(branch)s AND l.undone_at IS NULL AND l.result IN ('sms_failed', 'wrong_person')
      AND l.at >= %(day)s::date - 366
    GROUP BY l.client_id
) f {CLIENT.format("f")}
WHERE {OPEN}
""",
)

MARGIN = Source(
    "margin",
    f"""
SELECT d.client_id, {WHO}, d.day, d.total_assets_fen * 100 / d.margin_debt_fen AS ratio
FROM clients_accountday d {CLIENT.format("d")}
WHERE {IN_RANGE.format("d")} AND d.margin_debt_fen > 0 AND NOT d.is_period AND {OPEN}
""",
)
