"""Killed anywhere and started again, a night ends in the rows of an undisturbed one.

A private PostgreSQL that answers for every commit, nights as processes of their own, kill −9 for
either of them at random moments. CRM_KILLS sets how many.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time

from tests.branchcrm.arena import EVENING, Arena

KILLS = int(os.environ.get("CRM_KILLS", "20"))
KILLS_PER_NIGHT = 4  # a night that is killed four times before it may end
MOST_NIGHTS = 4 * KILLS  # a kill counts only if it came before the night ended by itself
NOT_COMPARED = {  # moments, processes and the numbers of rows, which a rolled back transaction uses up
    "id", "made_at", "published_at", "created_at", "at", "started_at", "finished_at", "worker", "attempts",
    "lease_until", "peak_mb", "detail", "url", "subject_id", "updated_at",
}  # fmt: skip
# How much a step changed is told of the attempt that ended it: a step killed after its work found it done.
COUNTS = {"rows_seen", "rows_changed", "rows_expected", "skipped"}
RUN = "(SELECT as_of || '.' || edition FROM segmentation_scoringrun r WHERE r.id = t.{column})"
# That a night broke off is told where its worker outlived the database; true, and no row of the night itself.
BROKE_OFF = re.compile(r'"name": "report\.failed"|"key": "night:[^"]*:failed"')
CHURN_RUN = "(SELECT as_of || '.' || edition FROM retention_churnrun r WHERE r.id = t.{column})"
NAMES = {  # column that holds the number of a row the night made → what names that row instead
    "run_id": RUN,
    "score_run_id": RUN,
    "entered_run_id": RUN,
    "left_run_id": RUN,
    "previous_id": RUN,
    "supersedes_id": RUN,
    "plan_id": "(SELECT plan_no FROM segmentation_allocationplan p WHERE p.id = t.{column})",
    "signal_id": "(SELECT rule_id || '.' || client_id || '.' || occurrence FROM service_logs_signal s"
    " WHERE s.id = t.{column})",
}


TABLES = """
SELECT c.relname, array_agg(a.attname::text) FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname
"""


def rows_of(arena: Arena, database: str) -> dict[str, list[str]]:
    """Return every row of every table as text, by natural keys."""
    found = {}
    with arena.connected(database) as cursor:
        cursor.execute(TABLES)
        for table, columns in cursor.fetchall():
            dropped = ",".join(sorted(NOT_COMPARED | (COUNTS if table == "office_jobrun" else set())))
            names = NAMES | ({"run_id": CHURN_RUN} if table.startswith("retention_churn") else {})
            named = "".join(
                f" || jsonb_build_object('{column}', {names[column].format(column=column)})"
                for column in sorted(names.keys() & set(columns))
            )
            cursor.execute(f"SELECT (to_jsonb(t) - '{{{dropped}}}'::text[]{named})::text FROM {table} t")
            found[table] = sorted(text for (text,) in cursor.fetchall() if not BROKE_OFF.search(text))
    return found


def test_a_night_killed_anywhere_ends_in_the_rows_of_an_undisturbed_one(arena: Arena) -> None:
    before = rows_of(arena, EVENING)
    arena.run_to_the_end(arena.copy_of_evening("warm"))  # the first one pays for caches
    arena.copy_of_evening("calm")
    started = time.monotonic()
    arena.run_to_the_end("calm")
    whole_night = time.monotonic() - started
    expected = rows_of(arena, "calm")
    changed = {name for name, rows in expected.items() if rows != before[name]}
    assert {"segmentation_clientscore", "service_logs_task", "clients_clientstanding"} <= changed

    dice, hits = random.Random(20260821), {"worker": 0, "database": 0}
    for number in range(MOST_NIGHTS):
        if sum(hits.values()) >= KILLS:
            break
        database = arena.copy_of_evening(f"night{number}")
        for _ in range(KILLS_PER_NIGHT):
            victim = min(hits, key=lambda name: hits[name])
            if not struck(arena, database, victim, after=dice.uniform(0, whole_night)):
                break  # it had ended before
            hits[victim] += 1
        arena.run_to_the_end(database)
        found = rows_of(arena, database)
        assert {name: found[name] for name in changed} == {name: expected[name] for name in changed}
        assert found == expected
    assert sum(hits.values()) >= KILLS, f"too few nights were struck while they ran: {hits}"


def struck(arena: Arena, database: str, victim: str, *, after: float) -> bool:
    """Begin a night and kill `victim` after so many seconds; return whether the night was cut off by it."""
    pid = arena.begin(database)
    time.sleep(after)
    if victim == "database":
        arena.kill_database()
    else:
        os.kill(pid, signal.SIGKILL)
    return arena.end() != 0
