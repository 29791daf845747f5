"""`python -m bench [--large] [--keep] [NAME…]`: the performance table of this machine, a JSON line per figure."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from bench.database import READY, add_branches, clone, drop, exists, make_ready, scratch, url_of
from bench.one import GROUPS

WORK = "bench_work"
SMALL = (
    "feed",
    "feed_rest",
    "score",
    "churn",
    "night",
    "mot",
    "assign",
    "lists",
    "page_http",
    "load_20",
    "counter",
    "complaints",
)
LARGE = ("score_1m", "growth", "lists", "page_http", "load_20", "counter")
SPOILING = ("feed", "feed_rest", "mot", "complaints")  # each works on a copy of its own
CLIENTS, BRANCHES = 50_000, 20


def main() -> int:
    """Make the data ready, measure the groups in their order, print the lines; 1 if a group could not be measured."""
    options = _options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "branchcrm.settings")
    names = options.names or (LARGE if options.large else SMALL)
    branches = options.branches or (BRANCHES if options.large else 1)
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], check=True)
    if not (options.keep and exists(READY)):
        make_ready(READY, options.clients)
    failed: list[str] = []
    lines = _small_night() if "growth" in names else []
    ready = READY if branches == 1 else f"{READY}_large"
    if branches > 1 and not (options.keep and exists(ready)):
        add_branches(READY, ready, options.clients, branches)
    work = ready
    if options.keep or branches == 1:  # a copy of twenty branches takes long: without --keep they are spoilt
        work = WORK
        clone(ready, work)
    try:
        for name in names:
            told = _measure(name, ready, work)
            lines += told or []
            failed += [name] if told is None else []
    finally:
        for database in [WORK] if options.keep else [WORK, ready, READY]:
            drop(database)
    _tell_growth(lines)
    for name in failed:
        print(f"bench: {name} could not be measured", file=sys.stderr)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"groups of figures: {' '.join(GROUPS)}")
    parser.add_argument("--large", action="store_true", help="a million clients in twenty branches")
    parser.add_argument("--keep", action="store_true", help="use the data of an earlier run, and leave it there")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="per branch")
    parser.add_argument("--branches", type=int)
    return parser.parse_args()


def _small_night() -> list[dict[str, object]]:
    """Measure the night of one branch by itself, to compare with."""
    with scratch(READY, f"{WORK}_small") as address:
        return _run("night", address) or []


def _measure(name: str, ready: str, work: str) -> list[dict[str, object]] | None:
    """Measure one group in a process of its own, print its lines and return them; None if it failed."""
    if name in SPOILING:
        with scratch(ready, f"{WORK}_{name}") as address:
            return _run(name, address)
    return _run(name, url_of(work))


def _run(name: str, address: str) -> list[dict[str, object]] | None:
    command = [sys.executable, "-m", "bench.one", name]
    done = subprocess.run(command, env=os.environ | {"DATABASE_URL": address}, stdout=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    for line in lines:
        print(line, flush=True)
    return None if done.returncode else [json.loads(line) for line in lines]


def _tell_growth(lines: list[dict[str, object]]) -> None:
    """Print how the night's time per client grew, where both sizes were measured."""
    told = {str(line["name"]): line for line in lines}
    small, large = told.get("night_50k"), told.get("night_1m")
    if small and large:
        ratio = _per_client(large) / _per_client(small)
        print(json.dumps({"name": "growth", "ratio": round(ratio, 3), "target": 1.3, "seconds": large["seconds"]}))


def _per_client(night: dict[str, Any]) -> float:
    """Return the seconds per client of a night without the windows, which score_1m had rolled before."""
    return float((night["seconds"] - night["steps"]["windows"]) / night["clients"])


if __name__ == "__main__":
    sys.exit(main())
