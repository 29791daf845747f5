"""The rolling sums of every client: built from his days, or advanced by the day that comes and the days that leave."""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper

from office.models import Branch
from office.statements import run_large
from segmentation.models import WeightSet
from segmentation.operations.window_days import OneOff
from segmentation.operations.window_scope import STEPS, Sessions
from segmentation.scoring.measures import HALF_LIFE, WINDOW

SPANS = {"turnover": (20, 60, 120), "assets": (20, 60, 120)}
# The weight of a day one session later, and of the day that leaves, as binary floats: numeric powers are slow.
FADE, LEAVING = (f"{2 ** (-age / HALF_LIFE)!r}::float8" for age in (1, WINDOW))
# Decayed sums are kept to a millionth of a yuan, so that no order of adding shows.
MILLIONTH = "floor(({}) * 1e6 + 0.5) / 1e6"
TRADED = "(turnover_fen > 0 OR trade_count > 0)"

PERIOD = """
SELECT w.client_id, sum(d.turnover_fen)::bigint AS fen
FROM clients_accountday d JOIN window_account w USING (account_id)
WHERE d.branch_id = %(branch)s AND d.is_period AND d.day > {after} AND d.day <= {until}
GROUP BY w.client_id
"""


def _build_columns() -> dict[str, str]:
    """Return column → SQL over one client's days `c` of age `m.age`, ladder `l` and latest rows `o`."""
    aged = "FILTER (WHERE m.age < {})"
    decayed = f"sum(m.weight * c.bounded_fen) {aged.format(WINDOW)} / 100"
    columns = {
        "commission_decayed": MILLIONTH.format(f"coalesce({decayed}, 0)"),
        "commission_250_fen": f"coalesce(sum(c.commission_fen) {aged.format(WINDOW)}, 0)",
        "turnover_250_fen": f"coalesce(sum(c.turnover_fen) {aged.format(WINDOW)}, 0) + coalesce(min(p.fen), 0)",
        "last_trade_on": f"max(c.day) FILTER (WHERE {TRADED})",
        "one_off_on": "max(c.day) FILTER (WHERE c.bounded_fen < c.commission_fen)",
    }
    for span in SPANS["turnover"]:
        columns[f"turnover_{span}_fen"] = f"coalesce(sum(c.turnover_fen) {aged.format(span)}, 0)"
    for span in (20, 120):
        columns[f"trade_days_{span}"] = f"count(*) FILTER (WHERE m.age < {span} AND {TRADED})"
    for span in SPANS["assets"]:
        columns[f"assets_sum_{span}_fen"] = f"coalesce(sum(c.assets_fen) {aged.format(span)}, 0)"
        columns[f"assets_days_{span}"] = f"count(c.assets_fen) {aged.format(span)}"
    for step in STEPS:
        columns[f"days_near_{step}"] = f"count(*) FILTER (WHERE m.age < 20 AND c.assets_fen >= l.{step})"
    return columns


BUILD = f"""
WITH latest AS (
    SELECT w.client_id, min(f.session) AS first_day, max(o.day) AS last_asset_day,
           sum(o.assets_fen)::bigint AS last_assets_fen
    FROM window_account w
    LEFT JOIN LATERAL (
        SELECT (SELECT k.day FROM office_calendarday k WHERE k.calendar = %(calendar)s AND k.is_trading
                AND k.day >= d.day ORDER BY k.day LIMIT 1) AS session
        FROM clients_accountday d
        WHERE d.account_id = w.account_id AND d.day <= %(as_of)s ORDER BY d.day LIMIT 1
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT day, net_assets_fen - (restricted_fen * 8 + 5) / 10 AS assets_fen FROM clients_accountday
        WHERE account_id = w.account_id AND day <= %(as_of)s ORDER BY day DESC LIMIT 1
    ) o ON true
    GROUP BY w.client_id
), period AS ({PERIOD.format(after="%(gone)s", until="%(as_of)s")})
INSERT INTO clients_clientwindow (client_id, branch_id, as_of, first_day, last_asset_day, last_assets_fen,
    purchase_decayed, purchase_250_fen, {", ".join(_build_columns())})
SELECT o.client_id, %(branch)s, %(as_of)s, min(o.first_day),
       coalesce(max(c.day), min(o.last_asset_day)), min(o.last_assets_fen),
       0, 0, {", ".join(_build_columns().values())}
FROM latest o
JOIN window_ladder l USING (client_id)
LEFT JOIN period p USING (client_id)
LEFT JOIN (clients_clientday c JOIN window_session m ON m.day = c.day) ON c.client_id = o.client_id
      AND c.branch_id = %(branch)s AND c.day BETWEEN %(first)s AND %(as_of)s
GROUP BY o.client_id
"""


def _roll_columns() -> dict[str, str]:
    """Return column → SQL over a window `w`, the day that comes `d` and the days that leave `d20` … `d250`."""
    gone = f"{LEAVING} * coalesce(d250.bounded_fen, 0)"
    decayed = f"w.commission_decayed * {FADE} + (coalesce(d.bounded_fen, 0) - {gone}) / 100"
    true_sum = "w.commission_250_fen + coalesce(d.commission_fen, 0) - coalesce(d250.commission_fen, 0)"
    traded = "coalesce({0}.turnover_fen > 0 OR {0}.trade_count > 0, false)::integer"
    columns = {
        # What fading leaves of days that are all gone is no commission.
        "commission_decayed": f"CASE WHEN {true_sum} = 0 AND abs({decayed}) < 0.01 THEN 0"
        f" ELSE {MILLIONTH.format(decayed)} END",
        "commission_250_fen": true_sum,
        "turnover_250_fen": "w.turnover_250_fen + coalesce(d.turnover_fen, 0) + coalesce(came.fen, 0)"
        " - coalesce(d250.turnover_fen, 0) - coalesce(left_out.fen, 0)",
        "first_day": "coalesce(w.first_day, d.day)",
        "last_assets_fen": "coalesce(d.assets_fen, w.last_assets_fen)",
        "last_asset_day": "CASE WHEN d.assets_fen IS NULL THEN w.last_asset_day ELSE d.day END",
        "last_trade_on": f"CASE WHEN {traded.format('d')} = 1 THEN d.day ELSE w.last_trade_on END",
        "one_off_on": "CASE WHEN d.bounded_fen < d.commission_fen THEN d.day ELSE w.one_off_on END",
    }
    for span in SPANS["turnover"]:
        columns[f"turnover_{span}_fen"] = (
            f"w.turnover_{span}_fen + coalesce(d.turnover_fen, 0) - coalesce(d{span}.turnover_fen, 0)"
        )
    for span in (20, 120):
        columns[f"trade_days_{span}"] = f"w.trade_days_{span} + {traded.format('d')} - {traded.format(f'd{span}')}"
    for span in SPANS["assets"]:
        columns[f"assets_sum_{span}_fen"] = (
            f"w.assets_sum_{span}_fen + coalesce(d.assets_fen, 0) - coalesce(d{span}.assets_fen, 0)"
        )
        columns[f"assets_days_{span}"] = (
            f"w.assets_days_{span} + (d.assets_fen IS NOT NULL)::integer - (d{span}.assets_fen IS NOT NULL)::integer"
        )
    for step in STEPS:
        near = f"coalesce({{}}.assets_fen >= l.{step}, false)::integer"
        columns[f"days_near_{step}"] = f"w.days_near_{step} + {near.format('d')} - {near.format('d20')}"
    return columns


ROLL = f"""
WITH came AS ({PERIOD.format(after="%(before)s", until="%(as_of)s")}),
     left_out AS ({PERIOD.format(after="%(gone_before)s", until="%(gone)s")})
UPDATE clients_clientwindow w
SET as_of = %(as_of)s, {", ".join(f"{column} = {sql}" for column, sql in _roll_columns().items())}
FROM window_ladder l
{
    " ".join(
        f"LEFT JOIN clients_clientday {name} ON {name}.client_id = l.client_id AND {name}.day = %({name})s"
        f" AND {name}.branch_id = %(branch)s"
        for name in ("d", "d20", "d60", "d120", "d250")
    )
}
LEFT JOIN came ON came.client_id = l.client_id
LEFT JOIN left_out ON left_out.client_id = l.client_id
WHERE w.client_id = l.client_id AND w.branch_id = %(branch)s
"""

# Purchases are few and their rates belong to the weights, so their sums are taken anew every night.
PURCHASE_TOTALS = f"""
WITH fee AS (
    SELECT w.client_id, m.weight, p.amount_fen * coalesce(r.rate, %(other)s::numeric) AS fen
    FROM clients_productpurchase p
    JOIN window_account w USING (account_id)
    JOIN window_session m USING (day)
    LEFT JOIN unnest(%(types)s::text[], %(rates)s::numeric[]) AS r(product_type, rate) USING (product_type)
    WHERE p.branch_id = %(branch)s AND p.status <> 'opening_holding' AND m.age < {WINDOW}
      AND p.day BETWEEN %(first)s AND %(as_of)s
), total AS (
    SELECT client_id, {MILLIONTH.format("sum(weight * fen::float8) / 100")} AS decayed,
           round(sum(fen))::bigint AS fen
    FROM fee GROUP BY client_id
)
"""
PURCHASES = f"""
{PURCHASE_TOTALS}
UPDATE clients_clientwindow w
SET purchase_decayed = coalesce(t.decayed, 0), purchase_250_fen = coalesce(t.fen, 0)
FROM window_ladder l LEFT JOIN total t USING (client_id)
WHERE w.client_id = l.client_id AND w.branch_id = %(branch)s
  AND (w.purchase_decayed, w.purchase_250_fen) IS DISTINCT FROM (coalesce(t.decayed, 0), coalesce(t.fen, 0))
"""
EXACT = f"""
UPDATE clients_clientwindow w SET commission_decayed = {MILLIONTH.format("w.commission_decayed + b.yuan")}
FROM (
    SELECT client_id, sum(weight * lost_fen) / 100 AS yuan
    FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) AS c(client_id, weight, lost_fen) GROUP BY client_id
) b WHERE w.client_id = b.client_id
"""


def build_windows(cursor: CursorWrapper, branch: Branch, sessions: Sessions, cuts: list[OneOff]) -> int:
    """Write the windows of the clients laid out, from their days; return how many."""
    cursor.execute("SELECT min(day), max(day) FILTER (WHERE age >= %s) FROM window_session", [WINDOW])
    first, gone = cursor.fetchone()
    scope: dict[str, Any] = {"branch": branch.pk, "calendar": branch.calendar, "as_of": sessions.as_of}
    cursor.execute(BUILD, {**scope, "first": first, "gone": gone or sessions.days[0]})
    built = int(cursor.rowcount)
    _be_exact(cursor, cuts)
    return built


def roll_sums(cursor: CursorWrapper, branch: Branch, sessions: Sessions, cuts: list[OneOff]) -> int:
    """Advance the windows of the clients laid out by the last session; return how many."""
    days = {f"d{span}": sessions.aged(span) for span in (20, 60, 120, WINDOW)}
    rolled = run_large(
        cursor,
        ROLL,
        {
            **days,
            "d": sessions.as_of,
            "branch": branch.pk,
            "as_of": sessions.as_of,
            "before": sessions.aged(1),
            "gone": sessions.aged(WINDOW),
            "gone_before": sessions.aged(WINDOW + 1),
        },
    )[1]
    _be_exact(cursor, cuts)
    return rolled


def sum_purchases(cursor: CursorWrapper, branch: Branch, sessions: Sessions, weights: WeightSet) -> int:
    """Take the sums of product fees of 250 sessions anew; return how many windows changed."""
    return run_large(cursor, PURCHASES, _purchase_scope(cursor, branch, sessions, weights.fee_rates))[1]


def purchase_totals(
    cursor: CursorWrapper, branch: Branch, sessions: Sessions, fee_rates: dict[str, str]
) -> dict[int, tuple[float, int]]:
    """Return client → (decayed yuan, fen) of product fees at other rates, without writing them."""
    scope = _purchase_scope(cursor, branch, sessions, fee_rates)
    cursor.execute(f"{PURCHASE_TOTALS} SELECT client_id, decayed, fen FROM total", scope)
    return {client_id: (decayed, fen) for client_id, decayed, fen in cursor.fetchall()}


def _purchase_scope(
    cursor: CursorWrapper, branch: Branch, sessions: Sessions, fee_rates: dict[str, str]
) -> dict[str, Any]:
    rates = {kind: rate for kind, rate in fee_rates.items() if kind != "other"}
    cursor.execute("SELECT min(day) FROM window_session")
    (first,) = cursor.fetchone()
    return {
        "branch": branch.pk,
        "as_of": sessions.as_of,
        "first": first,
        "other": fee_rates.get("other", "0"),
        "types": list(rates),
        "rates": list(rates.values()),
    }


def _be_exact(cursor: CursorWrapper, cuts: list[OneOff]) -> None:
    """Give back the fractions of a fen that whole-fen days cannot hold."""
    if cuts:
        cursor.execute(
            EXACT, [[cut.client_id for cut in cuts], [cut.weight for cut in cuts], [cut.lost_fen for cut in cuts]]
        )
