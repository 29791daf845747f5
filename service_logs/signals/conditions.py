"""When a rule of the catalogue holds: one predicate each, in plain comparisons, on one of the sources.

`$name` is a parameter of the rule, `$name_top` the largest of a list, `$name_up` and `$name_down` the list
in order; %(name)s is one of the night.
`where` compares columns and is tried on every row; `proof` looks at other rows and is made once, for the
few that `where` leaves. So `where` also names what must be true of the windows if the proof is to hold.
`occurrence` tells one occasion from the next: the same occasion is noticed once, however often the
night runs. `occurred_on` is where the deadline is counted from.
"""

from dataclasses import dataclass

from service_logs.signals.sources import (
    BUYS,
    CREDIT,
    DAYS,
    EVENTS,
    FAILURES,
    FLOWS,
    HANDOVERS,
    MARGIN,
    MATURITIES,
    RELATIONS,
    STANDING,
    TRADES,
    Source,
)


@dataclass(frozen=True)
class Condition:
    """One way for one rule to hold; `facts` lists pairs of jsonb_build_object."""

    rule: str
    source: Source
    where: str
    occurrence: str
    occurred_on: str
    facts: str
    proof: str = ""


def _stage(valid_to: str) -> str:
    """Return SQL of the narrowest stage ($stages, days left) that `valid_to` has reached."""
    return f"($stages_up::integer[])[1 + width_bucket({valid_to} - %(serve)s::date - 1, $stages_up::integer[])]"


def _exists(table: str, where: str) -> str:
    """Return SQL of a look at other rows `o`: by index and one at a time, never by reading the table (OFFSET)."""
    return f"EXISTS (SELECT 1 FROM {table} o WHERE o.client_id = b.client_id AND {where} OFFSET 0)"


BORN_ON = "(SELECT t.d FROM unnest(%(coming)s::date[], %(coming_md)s::integer[]) t(d, md) WHERE t.md = {0} LIMIT 1)"
OPENED_MD = "(extract(month FROM opened_on) * 100 + extract(day FROM opened_on))::integer"
IDLE_SINCE = "coalesce(last_trade_on, opened_on)"
IDLE_STAGE = f"($stages_down::integer[])[1 + width_bucket({IDLE_SINCE} - 1, $cuts_up::date[])]"
MARGIN_LINE = "($lines_up::integer[])[1 + width_bucket(ratio::integer, $lines_up::integer[])]"
LONG_QUIET = 150  # trading days that reach behind the windows' 120, whatever days a night looks at
SINCE_OPENING = (  # the second line keeps the planner from years it need not look at
    "o.day >= b.opened_on AND o.day < b.day AND o.day > %(since)s::date - $opened_within_days AND o.day <= %(until)s"
)
LEAVING = "('close', 'close_request', 'cancel_designation', 'custody_transfer', 'transfer_out')"

STATES = (
    Condition(
        "new_account_welcome", STANDING,
        "opened_on > %(day)s - $within_days AND opened_on <= %(day)s",
        "'opened'", "opened_on", "'opened_on', opened_on",
    ),
    Condition(
        "new_account_visit", STANDING,
        "opened_on > %(day)s - $within_days AND opened_on <= %(day)s",
        "'opened'", "opened_on", "'opened_on', opened_on",
    ),
    Condition(
        "no_trade_30", STANDING,
        "last_trade_on IS NULL AND opened_on <= %(day)s - $after_days AND opened_on > %(day)s - $until_days",
        "'opened'", "%(day)s::date", "'opened_on', opened_on",
    ),
    Condition(
        "risk_assessment_expiry", STANDING, "risk_valid_to <= %(serve)s + $stages_top",
        f"risk_valid_to || ':' || {_stage('risk_valid_to')}", "%(day)s::date",
        f"'valid_to_on', risk_valid_to, 'stage', {_stage('risk_valid_to')}",
    ),
    Condition(
        "id_expiry", STANDING, "id_valid_to <= %(serve)s + $stages_top",
        f"id_valid_to || ':' || {_stage('id_valid_to')}", "%(day)s::date",
        f"'valid_to_on', id_valid_to, 'stage', {_stage('id_valid_to')}",
    ),
    Condition(
        "birthday", STANDING,
        "birth_md = ANY(%(coming_md)s::integer[]) AND is_person",
        f"to_char({BORN_ON.format('birth_md')}, 'YYYY')", BORN_ON.format("birth_md"),
        f"'birthday_on', {BORN_ON.format('birth_md')}",
        _exists("clients_channelpreference", "o.purpose = 'care' AND o.state = 'granted'"),
    ),
    Condition(
        "anniversary", STANDING, "opened_on = ANY(%(anniversaries)s::date[])",
        f"to_char({BORN_ON.format(OPENED_MD)}, 'YYYY')", BORN_ON.format(OPENED_MD),
        f"'opened_on', opened_on, 'years', extract(year FROM {BORN_ON.format(OPENED_MD)})"
        " - extract(year FROM opened_on)",
    ),
    Condition(
        "long_without_trade", STANDING, f"{IDLE_SINCE} <= $cuts_top AND assets_fen >= $min_yuan * 100::bigint",
        f"{IDLE_SINCE} || ':' || {IDLE_STAGE}", "%(day)s::date",
        f"'last_trade_on', last_trade_on, 'stage', {IDLE_STAGE}",
    ),
    Condition(
        "ten_million", STANDING, "is_person AND assets_fen >= $line_yuan * 100::bigint",
        "'first'", "%(day)s::date", "'assets_fen', assets_fen",
    ),
    Condition(
        "tier_change", STANDING, "tier_seen <> '' AND tier_seen <> tier",
        "%(day)s::date || ':' || tier_seen || '>' || tier", "%(day)s::date",
        "'before', %(labels)s::jsonb ->> tier_seen, 'after', %(labels)s::jsonb ->> tier",
    ),
    Condition(
        "yearly_check", STANDING,
        "tier IN ('gold', 'platinum', 'diamond')"
        " AND extract(month FROM coalesce(opened_on, %(serve)s)) = extract(month FROM %(serve)s::date)",
        "to_char(%(serve)s::date, 'YYYY')", "%(serve)s::date", "'year', to_char(%(serve)s::date, 'YYYY')",
    ),
)  # fmt: skip

FACTS = (
    Condition(
        "elderly_risk", CREDIT, "birth_date <= (%(serve)s::date - make_interval(years => $from_age))::date",
        "to_char(%(serve)s::date, 'YYYY')", "%(day)s::date",
        "'age', extract(year FROM age(%(serve)s::date, birth_date))",
    ),
    Condition(
        "first_trade", DAYS, "opened_on > day - $opened_within_days AND is_new_to_trade",
        "'first'", "day", "'occurred_on', day, 'amount_fen', turnover_fen",
        "NOT " + _exists("clients_clientday", f"{SINCE_OPENING} AND o.turnover_fen > 0"),
    ),
    Condition(
        "turnover_surge", DAYS,
        "turnover_fen >= $min_yuan * 100::bigint AND usual_fen > 0 AND turnover_fen > $times * usual_fen"
        " AND trade_days_120 >= $active_days",
        "day::text", "day",
        "'occurred_on', day, 'amount_fen', turnover_fen, 'times', round(turnover_fen::numeric / usual_fen, 1)",
        "(SELECT count(*) FROM clients_clientday o WHERE o.client_id = b.client_id AND o.day < b.day"
        " AND o.day >= $active_since AND o.turnover_fen > 0) >= $active_days",
    ),
    Condition(
        "reactivation", DAYS,
        "(is_dormant OR opened_on < $quiet_since AND $quiet_since >= %(facts_from)s)"
        f" AND ($quiet_days < {LONG_QUIET} OR is_new_to_trade)",
        "day::text", "day", "'occurred_on', day, 'event', '重新交易'",
        "NOT " + _exists("clients_clientday", "o.day < b.day AND o.day >= $quiet_since AND o.turnover_fen > 0"),
    ),
    Condition(
        "reactivation", EVENTS, "event_kind = 'reactivate'", "day::text", "day",
        "'occurred_on', day, 'event', '重新激活'",
    ),
    Condition(
        "leaving", EVENTS, f"event_kind IN {LEAVING}", "day || ':' || event_kind", "day",
        "'occurred_on', day, 'event', %(labels)s::jsonb ->> event_kind",
    ),
    Condition(
        "first_deposit", FLOWS, "cash_in_fen > 0 AND opened_on > day - $opened_within_days",
        "'first'", "day", "'occurred_on', day, 'amount_fen', cash_in_fen",
        "NOT " + _exists("clients_clientday", f"{SINCE_OPENING} AND o.inflow_fen > 0")
        + " AND NOT "
        + _exists("clients_accountevent", f"{SINCE_OPENING} AND o.kind = 'bank_in'"),
    ),
    Condition(
        "large_inflow", FLOWS,
        "inflow_fen >= $min_yuan * 100::bigint AND inflow_fen >= $min_share * before_fen", "day::text", "day",
        "'occurred_on', day, 'amount_fen', inflow_fen, 'before_fen', before_fen,"
        " 'part_share', round(inflow_fen / nullif(before_fen, 0)::numeric, 4)",
    ),
    Condition(
        "large_outflow", FLOWS,
        "outflow_fen >= $min_yuan * 100::bigint AND outflow_fen >= $min_share * before_fen", "day::text", "day",
        "'occurred_on', day, 'amount_fen', outflow_fen, 'before_fen', before_fen,"
        " 'part_share', round(outflow_fen / nullif(before_fen, 0)::numeric, 4)",
    ),
    Condition(
        "concentrated_purchase", BUYS, "assets_fen > 0 AND amount_fen > $min_share * assets_fen",
        "day || ':' || security_code", "day",
        "'occurred_on', day, 'security', coalesce(nullif(security_name, ''), security_code),"
        " 'amount_fen', amount_fen, 'part_share', round(amount_fen / assets_fen::numeric, 4)",
    ),
    Condition(
        "wrong_order", TRADES,
        "price < reference * (1 - $deviation_share) OR price > reference / (1 - $deviation_share)",
        "trade_no", "day",
        "'occurred_on', day, 'security', coalesce(nullif(security_name, ''), security_code), 'price', price::float8,"
        " 'reference', reference::float8, 'side', CASE side WHEN 'B' THEN '买入' ELSE '卖出' END",
    ),
    Condition(
        "margin_ratio", MARGIN, "ratio < $lines_top", f"{MARGIN_LINE} || ':' || to_char(day, 'IYYY-IW')", "day",
        f"'occurred_on', day, 'ratio', ratio, 'line', {MARGIN_LINE}",
    ),
    Condition(
        "product_maturity", MATURITIES, "matures_on <= %(serve)s + $ahead_days", "purchase_no", "%(day)s::date",
        "'product', product_name, 'amount_fen', amount_fen, 'matures_on', matures_on",
    ),
    Condition(
        "manager_change", HANDOVERS, "role = 'main' OR is_close", "starts_on || ':' || employee_id", "starts_on",
        "'occurred_on', starts_on, 'manager', manager, 'role', role",
        _exists(
            "clients_serviceassignment",
            "o.role IN ('main', 'interim') AND o.ends_on <= b.starts_on AND o.employee_id <> b.employee_id",
        ),
    ),
    Condition(
        "relation_pending", RELATIONS, "true", "opened_on::text", "opened_on", "'opened_on', opened_on"
    ),
    Condition(
        "channel_failed", FAILURES,
        "(SELECT count(*) FROM unnest(failed) f WHERE f > %(day)s - $within_days) >= $times", "failed_on::text",
        "%(day)s::date",
        "'count', (SELECT count(*) FROM unnest(failed) f WHERE f > %(day)s - $within_days)",
    ),
)  # fmt: skip

CONDITIONS = (*STATES, *FACTS)
