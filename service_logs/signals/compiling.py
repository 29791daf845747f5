"""From the active rules of a branch to one statement: every source is read once, every rule tried on each row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from service_logs.signals.conditions import CONDITIONS, Condition
from service_logs.signals.sources import CONCERNED, SERVED, Source

PARAMETER = re.compile(r"\$(\w+)")
NO_HITS = """
SELECT client_id, tier, not_profiled, is_quiet, 0 AS number, '' AS occurrence, %(day)s::date AS occurred_on,
       '{}'::jsonb AS facts FROM served WHERE false"""

# `seen` comes last in meaning: all parts see the tiers that the night before left.
STATEMENT = """
WITH {shared}, hit AS ({hits}),
recent AS MATERIALIZED (
    SELECT rule_id, client_id, max(day) AS day, array_agg(occurrence) AS occurrences
    FROM service_logs_signal WHERE branch_id = %(branch)s AND day > %(coolest)s GROUP BY rule_id, client_id
), judged AS (
    SELECT h.*, r.rule_id, r.cooldown_from,
           CASE WHEN r.kind = 'mandatory' OR h.tier = ANY(string_to_array(r.must_tiers, ','))
                THEN 'mandatory' ELSE 'optional' END AS kind,
           r.is_promotional
    FROM hit h
    JOIN unnest(%(r_number)s::integer[], %(r_id)s::bigint[], %(r_kind)s::text[], %(r_must)s::text[],
                %(r_cooldown)s::date[], %(r_promo)s::boolean[])
         AS r(number, rule_id, kind, must_tiers, cooldown_from, is_promotional) ON r.number = h.number
), passed AS (
    SELECT j.*, CASE
        WHEN j.is_promotional AND j.not_profiled THEN 'not_profiled'
        WHEN j.kind = 'optional' AND j.is_quiet THEN 'quiet'
        WHEN j.cooldown_from < %(day)s AND o.day > j.cooldown_from AND j.occurrence <> ALL(o.occurrences)
            THEN 'cooldown'
        END AS hindrance
    FROM judged j
    LEFT JOIN recent o ON o.rule_id = j.rule_id AND o.client_id = j.client_id
), fresh AS (
    INSERT INTO service_logs_signal (branch_id, rule_id, client_id, occurrence, occurred_on, day, kind, facts)
    SELECT DISTINCT ON (client_id, rule_id, CASE WHEN cooldown_from < %(day)s THEN '' ELSE occurrence END)
           %(branch)s, rule_id, client_id, occurrence, occurred_on, %(day)s, kind, facts
    FROM passed WHERE hindrance IS NULL
    ORDER BY client_id, rule_id, CASE WHEN cooldown_from < %(day)s THEN '' ELSE occurrence END, occurred_on DESC,
             occurrence
    ON CONFLICT (client_id, rule_id, occurrence) DO NOTHING
    RETURNING rule_id
), seen AS (
    UPDATE clients_clientstanding t SET noticed_tier = s.tier_now
    FROM served s WHERE s.tier_seen <> s.tier_now AND t.client_id = s.client_id AND t.branch_id = %(branch)s
)
SELECT coalesce(hindrance, 'passed'), 0::bigint, count(*) FROM passed GROUP BY 1
UNION ALL
SELECT 'made', rule_id, count(*) FROM fresh GROUP BY rule_id
"""


def compiled(rules: Mapping[str, int], conditions: Iterable[Condition] = CONDITIONS) -> str:
    """Return the statement that notices `rules` (code → number) and tells what it passed over.

    Its rows are (what, rule id or 0, count). It remembers the tier of every client served, too.
    """
    by_source: dict[Source, list[Condition]] = {}
    for condition in conditions:
        if condition.rule in rules:
            by_source.setdefault(condition.source, []).append(condition)
    hits = [_hits(source, tried, rules) for source, tried in by_source.items()]
    return STATEMENT.format(shared=_shared(by_source), hits="\nUNION ALL\n".join(hits) if hits else NO_HITS)


def found(rules: Mapping[str, int], conditions: Iterable[Condition] = CONDITIONS) -> str:
    """Return the statement that only looks: its rows are (client id, number, occurrence, day, facts as text)."""
    tried = [one for one in conditions if one.rule in rules]
    hits = [_hits(one.source, [one], rules) for one in tried] or [NO_HITS]
    columns = "client_id, number, occurrence, occurred_on, facts::text"
    return (
        f"WITH {_shared(one.source for one in tried)}"
        f" SELECT DISTINCT {columns} FROM ({' UNION ALL '.join(hits)}) h ORDER BY 1, 2, 3"
    )


def _shared(sources: Iterable[Source]) -> str:
    """Return the tables that the hits of `sources` are read from: each kind of fact once, and whom they concern."""
    facts = {one: None for source in sources for one in source.facts}
    told = [f"{one.name} AS MATERIALIZED ({one.sql})" for one in facts]
    client_ids = " UNION ALL ".join(f"SELECT client_id FROM {one.name}" for one in facts)
    return ", ".join([SERVED.strip(), *told, *([CONCERNED.format(client_ids=client_ids)] if facts else [])])


def _hits(source: Source, tried: list[Condition], rules: Mapping[str, int]) -> str:
    named = [_Named(condition, rules[condition.rule]) for condition in tried]
    holding = ", ".join(f"CASE WHEN {one.where} THEN {one.number} END" for one in named)
    any_holds = " OR ".join(f"({one.where})" for one in named)
    proven = " ".join(f"WHEN {one.number} THEN {one.proof}" for one in named if one.proof)
    return f"""
SELECT b.client_id, b.tier, b.not_profiled, b.is_quiet, b.number, {_cases(named, "occurrence")} AS occurrence,
       {_cases(named, "occurred_on")} AS occurred_on, {_cases(named, "facts")} AS facts
FROM (
    SELECT b.*, unnest(array_remove(ARRAY[{holding}], NULL)) AS number
    FROM ({source.sql}) b WHERE {any_holds}
) b""" + (f" WHERE CASE b.number {proven} ELSE true END" if proven else "")


def _cases(named: list[_Named], part: str) -> str:
    return "CASE b.number " + " ".join(f"WHEN {one.number} THEN {getattr(one, part)}" for one in named) + " END"


class _Named:
    """A condition with its parameters named after its rule, so that many fit into one statement."""

    def __init__(self, condition: Condition, number: int) -> None:
        self.number = number
        self.where = self._named(condition.where)
        self.proof = self._named(condition.proof)
        self.occurrence = f"({self._named(condition.occurrence)})::text"
        self.occurred_on = self._named(condition.occurred_on)
        self.facts = f"jsonb_build_object({self._named(condition.facts)})"

    def _named(self, sql: str) -> str:
        return PARAMETER.sub(lambda found: f"%(n{self.number}_{found[1]})s", sql)


def bindings(number: int, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one rule's parameters under their names in the statement, with each list in order."""
    bound = {f"n{number}_{name}": value for name, value in params.items()}
    for name, value in params.items():
        if isinstance(value, list) and value:
            up = sorted(value)
            bound |= {f"n{number}_{name}_up": up, f"n{number}_{name}_down": up[::-1], f"n{number}_{name}_top": up[-1]}
    return bound
