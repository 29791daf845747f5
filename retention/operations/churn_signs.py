"""Where each sign of leaving is found: one SELECT per sign, all of them in one statement (nightly.md §7).

Each yields (client_id, number, since, a, b): the number of the sign, the day it began, and the two
figures its words are made of. Nothing after %(as_of)s is read, so a past day is judged as it was then.
Signs that happened once are looked for after %(scan_from)s only; older ones come from the run before.
"""

from retention.scoring.signals import BY_CODE

MIN_FEN = 1_000_000  # movements and assets below 10,000 yuan are no sign
SHANGHAI = "AT TIME ZONE 'Asia/Shanghai'"
MONEY_IN, MONEY_OUT = "('bank_in', 'transfer_in')", "('bank_out', 'transfer_out')"
USE_KNOWN = "用款需要"  # the answer to MOT 7 that explains an outflow
ASKED = "('希望调整', '对费用有疑问', '仍不满意')"
SOFTWARE = "软件问题"
FAILED = "('sms_failed', 'wrong_person')"
REACHED = "('reached', 'callback_agreed', 'complaint_raised')"
REQUESTS = "CASE r.kind WHEN 'close' THEN 1 WHEN 'transfer_sh' THEN 2 WHEN 'transfer_sz' THEN 3 ELSE 4 END"
DONE = "CASE r.kind WHEN 'transfer_sh' THEN 5 ELSE 6 END"
FAMILY = "CASE r.reason WHEN 'relocation' THEN 8 WHEN 'family' THEN 9 ELSE 10 END"
EVENTS = "CASE e.kind WHEN 'cancel_designation' THEN 5 WHEN 'custody_transfer' THEN 6 WHEN 'transfer_out' THEN 7 END"


def _no(code: str) -> int:
    return BY_CODE[code].number


def _flows(begin: str, end: str) -> str:
    """Return SQL of what came and went by client and day; told twice, as a sum and as an event, the larger holds."""
    return f"""
    SELECT m.client_id, m.day, width_bucket(m.day, %(sessions)s::date[]) AS at,
           max(m.inflow_fen) AS inflow_fen, max(m.outflow_fen) AS outflow_fen
    FROM (
        SELECT client_id, day, inflow_fen, outflow_fen FROM clients_clientday
        WHERE branch_id = %(branch)s AND day > {begin} AND day <= {end} AND (inflow_fen > 0 OR outflow_fen > 0)
        UNION ALL
        SELECT client_id, day, coalesce(sum(amount_fen) FILTER (WHERE kind IN {MONEY_IN}), 0)::bigint,
               coalesce(sum(amount_fen) FILTER (WHERE kind IN {MONEY_OUT}), 0)::bigint
        FROM clients_accountevent
        WHERE branch_id = %(branch)s AND day > {begin} AND day <= {end} AND amount_fen > 0
        GROUP BY client_id, day
    ) m GROUP BY m.client_id, m.day"""


SHARED = f"""
before AS MATERIALIZED (
    SELECT s.client_id, m.number, x.since, (x.figures ->> 0)::bigint AS a, (x.figures ->> 1)::bigint AS b
    FROM retention_churnscore s, jsonb_to_recordset(s.signals) AS x(code text, since date, figures jsonb)
    JOIN unnest(%(codes)s::text[], %(numbers)s::integer[]) AS m(code, number) ON m.code = x.code
    WHERE s.run_id = %(before)s AND s.as_of = %(before_on)s AND s.score > 0
), flow AS MATERIALIZED ({_flows("%(scan_from)s", "%(as_of)s")}
), returned AS MATERIALIZED (
    SELECT client_id, max(day) AS day FROM flow WHERE inflow_fen > 0 GROUP BY client_id
), said AS MATERIALIZED (
    SELECT l.client_id, (l.at {SHANGHAI})::date AS day, l.result, l.feedback, l.need
    FROM service_logs_contact l
    WHERE l.branch_id = %(branch)s AND l.at >= %(look_at)s AND l.at < %(until_at)s AND l.undone_at IS NULL
      AND (l.feedback <> '' OR l.need LIKE '%%佣金%%' OR l.result IN {FAILED})
)"""

# The same again: what happened once goes on fading; of what holds or not only its beginning is told.
CARRIED = f"""
SELECT p.client_id, p.number, p.since, p.a, p.b
FROM before p LEFT JOIN returned r ON r.client_id = p.client_id
WHERE (p.number IN ({_no("leaving")}, {_no("moved_out")}) AND p.b = 0)
   OR p.number IN ({_no("outflow")}, {_no("assets_fell")}, {_no("trading_fell")})
   OR (p.number = {_no("cash_to_bank")} AND (r.day IS NULL OR r.day <= p.since))"""

REQUESTED = f"""
SELECT r.client_id, {_no("leaving")}, (r.requested_at {SHANGHAI})::date, {REQUESTS}, 1
FROM retention_closurerequest r
WHERE r.branch_id = %(branch)s AND r.state <> 'withdrawn' AND r.requested_at >= %(memory_at)s
  AND r.requested_at < %(until_at)s
UNION ALL
SELECT r.client_id, {_no("moved_out")}, (r.done_at {SHANGHAI})::date, {DONE}, 1
FROM retention_closurerequest r
WHERE r.branch_id = %(branch)s AND r.state = 'done' AND r.kind <> 'close' AND r.done_at >= %(memory_at)s
  AND r.done_at < %(until_at)s
UNION ALL
SELECT r.client_id, {_no("family")}, (r.requested_at {SHANGHAI})::date, {FAMILY}, 0
FROM retention_closurerequest r
WHERE r.branch_id = %(branch)s AND r.reason IN ('relocation', 'family', 'death_inheritance')
  AND r.requested_at >= %(memory_at)s AND r.requested_at < %(until_at)s
UNION ALL
SELECT e.client_id, CASE e.kind WHEN 'close_request' THEN {_no("leaving")} ELSE {_no("moved_out")} END, e.day,
       coalesce({EVENTS}, 1), 0
FROM clients_accountevent e
WHERE e.branch_id = %(branch)s AND e.day > %(scan_from)s AND e.day <= %(as_of)s
  AND e.kind IN ('close_request', 'cancel_designation', 'custody_transfer', 'transfer_out')"""

HELD = "(SELECT w.last_assets_fen FROM clients_clientwindow w WHERE w.client_id = f.client_id)"
NEAR = f"""
SELECT sum(n.outflow_fen)::bigint AS out_fen, sum(n.inflow_fen)::bigint AS in_fen
FROM (
    SELECT m.day, max(m.inflow_fen) AS inflow_fen, max(m.outflow_fen) AS outflow_fen
    FROM (
        SELECT day, inflow_fen, outflow_fen FROM clients_clientday
        WHERE client_id = f.client_id AND day >= (%(sessions)s::date[])[greatest(f.at - 4, 1)] AND day <= f.day
        UNION ALL
        SELECT day, coalesce(sum(amount_fen) FILTER (WHERE kind IN {MONEY_IN}), 0)::bigint,
               coalesce(sum(amount_fen) FILTER (WHERE kind IN {MONEY_OUT}), 0)::bigint
        FROM clients_accountevent
        WHERE client_id = f.client_id AND day >= (%(sessions)s::date[])[greatest(f.at - 4, 1)] AND day <= f.day
          AND amount_fen > 0
        GROUP BY day
    ) m GROUP BY m.day
) n"""
OUTFLOW = f"""
SELECT o.client_id, {_no("outflow")}, o.day, o.out_fen, (o.out_fen * 1000 / o.before_fen)
FROM (
    SELECT f.client_id, f.day, n.out_fen, greatest(coalesce((
        SELECT d.assets_fen FROM clients_clientday d
        WHERE d.client_id = f.client_id AND d.day <= (%(sessions)s::date[])[greatest(f.at - 5, 1)]
          AND d.day > %(memory_from)s AND d.assets_fen IS NOT NULL
        ORDER BY d.day DESC LIMIT 1), {HELD} + n.out_fen - n.in_fen, 0), n.out_fen) AS before_fen
    FROM flow f CROSS JOIN LATERAL ({NEAR}) n
    WHERE f.outflow_fen > 0 AND n.out_fen >= {MIN_FEN}
) o
WHERE o.out_fen * 10 >= o.before_fen * 3
  AND NOT EXISTS (SELECT 1 FROM said k WHERE k.client_id = o.client_id AND k.feedback = '{USE_KNOWN}'
                  AND k.day >= o.day - 7)"""

CASH_TO_BANK = f"""
SELECT f.client_id, {_no("cash_to_bank")}, (%(sessions)s::date[])[f.at + 20], f.outflow_fen,
       f.day - '1970-01-01'::date
FROM ({_flows("%(bank_from)s", "%(bank_until)s")}) f
WHERE f.outflow_fen >= {MIN_FEN} AND f.outflow_fen * 10 >= coalesce({HELD}, 0) + f.outflow_fen
  AND NOT EXISTS (SELECT 1 FROM clients_clientday d WHERE d.client_id = f.client_id AND d.day > f.day
                  AND d.day <= %(as_of)s AND d.inflow_fen > 0 OFFSET 0)"""

# From the last talk, or from when talks of the branch were first written down; a talk after %(as_of)s is not known yet.
NOT_REACHED = f"""
SELECT t.client_id, {_no("not_reached")}, t.begun_on + 2 * t.rhythm + 1, (%(as_of)s::date - t.begun_on)::bigint,
       t.rhythm::bigint
FROM (
    SELECT s.client_id, p.rhythm, greatest(c.opened_on, %(logged_from)s::date, CASE
        WHEN x.last_talk_on <= %(as_of)s THEN x.last_talk_on
        WHEN x.last_talk_on IS NOT NULL THEN (
            SELECT (l.at {SHANGHAI})::date FROM service_logs_contact l
            WHERE l.client_id = s.client_id AND l.at < %(until_at)s AND l.undone_at IS NULL AND l.result IN {REACHED}
            ORDER BY l.at DESC LIMIT 1) END) AS begun_on
    FROM clients_clientstanding s
    JOIN {{policy}} ON (p.grade, p.tier, p.value_type) = (s.grade, s.tier, s.value_type) AND p.way = 'talk'
    JOIN clients_client c ON c.id = s.client_id AND c.branch_id = %(branch)s
    LEFT JOIN service_logs_servicestanding x ON x.client_id = s.client_id AND x.branch_id = %(branch)s
    WHERE s.branch_id = %(branch)s AND %(logged_from)s::date IS NOT NULL
) t WHERE t.begun_on + 2 * t.rhythm < %(as_of)s"""

# Who asked; whether he pays more than others of his tier is seen from the windows.
ASKED_ABOUT = f"""
SELECT k.client_id, {_no("commission_asked")}, max(k.day), 0, 0 FROM (
    SELECT client_id, day FROM said WHERE feedback IN {ASKED} OR need LIKE '%%佣金%%'
    UNION ALL
    SELECT g.client_id, g.occurred_on FROM service_logs_signal g JOIN service_logs_rule u ON u.id = g.rule_id
    WHERE g.branch_id = %(branch)s AND u.code = 'commission_topic' AND g.day > %(look_from)s
      AND g.occurred_on > %(look_from)s AND g.occurred_on <= %(as_of)s
) k GROUP BY k.client_id"""

MANAGER = f"""
SELECT a.client_id, {_no("manager_changed")}, max(a.starts_on), count(*), 0
FROM clients_serviceassignment a JOIN clients_client c ON c.id = a.client_id AND c.branch_id = %(branch)s
WHERE a.starts_on > %(look_from)s AND a.starts_on <= %(as_of)s AND a.role IN ('main', 'interim')
  AND EXISTS (SELECT 1 FROM clients_serviceassignment o
              WHERE o.client_id = a.client_id AND o.role IN ('main', 'interim') AND o.starts_on < a.starts_on
                AND o.employee_id <> a.employee_id AND o.ends_on >= a.starts_on - 30 OFFSET 0)
GROUP BY a.client_id"""

# Accounts known on that day; what was given up later still stood then.
OTHER_BROKER = f"""
SELECT o.client_id, {_no("other_broker")}, max(o.learnt_on), count(*), 0
FROM retention_otheraccount o
WHERE o.branch_id = %(branch)s AND o.learnt_on <= %(as_of)s AND (o.ended_on IS NULL OR o.ended_on > %(as_of)s)
GROUP BY o.client_id"""

MATURED = f"""
SELECT p.client_id, {_no("product_matured")}, p.matures_on + 15, p.amount_fen, p.matures_on - '1970-01-01'::date
FROM clients_productpurchase p
WHERE p.branch_id = %(branch)s AND p.matures_on > %(look_from)s AND p.matures_on <= %(as_of)s::date - 15
  AND p.amount_fen > 0 AND p.day <= %(as_of)s
  AND NOT EXISTS (SELECT 1 FROM clients_productpurchase n
                  WHERE n.branch_id = %(branch)s AND n.client_id = p.client_id AND n.day >= p.matures_on - 15
                    AND n.day <= %(as_of)s)"""

ASSESSED_TO = "coalesce(k.risk_valid_to, (k.risk_assessed_on + interval '24 months')::date)"
# Found by index, a little too many, and then judged by the day itself.
PAPERS = f"""
SELECT c.client_id, {_no("papers_expired")}, c.expired_on + 31, c.which, c.expired_on - '1970-01-01'::date
FROM (
    SELECT k.id AS client_id, x.which, x.expired_on
    FROM clients_client k CROSS JOIN LATERAL (VALUES (1, {ASSESSED_TO}), (2, k.id_valid_to)) AS x(which, expired_on)
    WHERE k.branch_id = %(branch)s
      AND (k.id_valid_to < %(as_of)s::date - 30 OR k.risk_valid_to < %(as_of)s::date - 30
           OR k.risk_valid_to IS NULL AND k.risk_assessed_on < %(as_of)s::date - interval '24 months')
) c WHERE c.expired_on < %(as_of)s::date - 30 AND c.expired_on > %(memory_from)s"""

SUBSCRIPTIONS = f"""
SELECT d.client_id, {_no("unsubscribed")}, d.since, d.channels, 0
FROM (
    SELECT p.client_id, max(p.since) AS since, count(DISTINCT p.channel) AS channels
    FROM clients_channelpreference p
    WHERE p.client_id BETWEEN %(first_client)s AND %(last_client)s AND p.state = 'denied' AND p.purpose = 'service'
      AND p.since > %(memory_from)s AND p.since <= %(as_of)s
    GROUP BY p.client_id HAVING count(DISTINCT p.channel) >= 2
) d
WHERE NOT EXISTS (SELECT 1 FROM clients_channelpreference g
                  WHERE g.client_id = d.client_id AND g.state = 'granted' OFFSET 0)"""

SAID = f"""
SELECT k.client_id, {_no("software")}, max(k.day), count(*), 0 FROM said k
WHERE k.feedback = '{SOFTWARE}' AND k.day > %(as_of)s::date - 30 GROUP BY k.client_id HAVING count(*) >= 2
UNION ALL
SELECT k.client_id, {_no("unreachable")}, max(k.day), count(*), 0 FROM said k
WHERE k.result IN {FAILED}
  AND NOT EXISTS (SELECT 1 FROM service_logs_contact l
                  WHERE l.branch_id = %(branch)s AND l.client_id = k.client_id AND l.undone_at IS NULL
                    AND l.at > (k.day::timestamp {SHANGHAI}) AND l.at < %(until_at)s AND l.result IN {REACHED})
GROUP BY k.client_id HAVING count(*) >= 2"""

SOURCES = (
    CARRIED, REQUESTED, OUTFLOW, CASH_TO_BANK, NOT_REACHED, ASKED_ABOUT, MANAGER, OTHER_BROKER, MATURED, PAPERS,
    SUBSCRIPTIONS, SAID,
)  # fmt: skip


def statement(policy: str) -> str:
    """Return the statement that finds every sign; `policy` is the table of rhythms in SQL."""
    found = "\nUNION ALL\n".join(SOURCES).replace("{policy}", policy)
    return f"""WITH {SHARED}
SELECT client_id::bigint, number::smallint, since::date, coalesce(a, 0)::bigint, coalesce(b, 0)::bigint
FROM ({found}) AS found(client_id, number, since, a, b) WHERE since IS NOT NULL"""
