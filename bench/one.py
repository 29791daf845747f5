"""One group of figures in a process of its own: `python -m bench.one NAME`. The memory told is this process's."""

import importlib
import sys

import django

# name of a group → where it is measured
GROUPS = {
    "feed": "bench.feed:feed",
    "feed_rest": "bench.feed_rest:feed_rest",
    "score": "bench.nights:score",
    "night": "bench.nights:night",
    "mot": "bench.nights:mot",
    "churn": "bench.churn:churn",
    "counter": "bench.counter:counter",
    "complaints": "bench.complaints:complaints",
    "assign": "bench.allocation:assignment",
    "lists": "bench.lists:lists",
    "page_http": "bench.web:page_http",
    "load_20": "bench.web:load",
    "score_1m": "bench.large:score_1m",
    "growth": "bench.large:growth",
}


def main() -> int:
    """Measure the group and print its lines."""
    module, function = GROUPS[sys.argv[1]].split(":")
    django.setup()
    for figure in getattr(importlib.import_module(module), function)():
        print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
