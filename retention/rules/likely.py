"""Why a client may want to leave: each reason with its probability and what speaks for it.

A reason is weighed by what the branch saw in earlier years (the prior) and by the signs of the client, each of which
speaks for some reasons more than for others. What the client said himself outweighs both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PRIOR_POINTS = 20.0  # what all earlier years together weigh, in points of the churn score
SAID_POINTS = 200.0  # what the client's own word weighs
MOST_SHOWN = 5

# sign of the churn score → reason → share of its points that speaks for it; the rest of each sign speaks for none
SPEAKS: dict[str, dict[str, float]] = {
    "leaving": {"other": 0.2},
    "moved_out": {"outside_broker": 0.7, "commission": 0.3},
    "outflow": {"outside_broker": 0.5, "leave_market": 0.3, "poor_market": 0.2},
    "assets_fell": {"leave_market": 0.4, "outside_broker": 0.3, "poor_market": 0.3},
    "not_reached": {"service_dissatisfied": 1.0},
    "trading_fell": {"poor_market": 0.6, "outside_broker": 0.4},
    "cash_to_bank": {"leave_market": 0.6, "poor_market": 0.4},
    "complaint": {"service_dissatisfied": 0.5, "outstanding_dispute": 0.5},
    "complaint_upheld": {"service_dissatisfied": 0.7, "outstanding_dispute": 0.3},
    "low_satisfaction": {"service_dissatisfied": 1.0},
    "commission_asked": {"commission": 1.0},
    "manager_changed": {"service_dissatisfied": 0.6, "other_branch_better": 0.4},
    "other_broker": {"outside_broker": 1.0},
    "product_matured": {"product_maturity": 1.0},
    "loss": {"poor_market": 1.0},
    "papers_expired": {"service_dissatisfied": 0.5},
    "unsubscribed": {"service_dissatisfied": 0.5, "leave_market": 0.5},
    "software": {"service_dissatisfied": 1.0},
    "unreachable": {"relocation": 0.5, "service_dissatisfied": 0.2},
    "no_login": {"leave_market": 0.7, "outside_broker": 0.3},
    "family": {"relocation": 0.4, "family": 0.4, "death_inheritance": 0.2},
}


# probability from which on → how it is said
WORDS = ((0.5, "很可能"), (0.25, "较可能"), (0.1, "有可能"), (0.0, "不大可能"))


def in_words(probability: float) -> str:
    """Return how likely a reason is, as people say it."""
    return next(words for least, words in WORDS if probability >= least)


@dataclass(frozen=True)
class Likely:
    """One reason: its probability (all of them add up to 1) and in codes what speaks for it.

    `signs` are those that speak for it, the heaviest first; `times` how often the branch saw it in earlier years.
    """

    code: str
    probability: float
    signs: tuple[str, ...]
    times: int
    is_said: bool


def likely_reasons(
    codes: Iterable[str], signals: Mapping[str, float], history: Mapping[str, int], said: str = ""
) -> list[Likely]:
    """Return every reason of `codes` with its probability, the likeliest first.

    `signals` maps a sign to its points, `history` a reason to how often it was the one, `said` is the
    client's own word. Without anything known all are equally likely.
    """
    known = list(codes)
    seen = sum(history.get(code, 0) for code in known) + len(known)  # each once more: nothing is impossible
    weights: dict[str, float] = {}
    for code in known:
        prior = PRIOR_POINTS * (history.get(code, 0) + 1) / seen
        evidence = sum(points * SPEAKS.get(sign, {}).get(code, 0.0) for sign, points in signals.items())
        weights[code] = prior + evidence + (SAID_POINTS if code == said else 0.0)
    total = sum(weights.values())
    found = [
        Likely(code, round(weights[code] / total, 4), _speaking(code, signals), history.get(code, 0), code == said)
        for code in known
    ]
    return sorted(found, key=lambda one: -one.probability)


def _speaking(code: str, signals: Mapping[str, float]) -> tuple[str, ...]:
    shares = {sign: points * SPEAKS.get(sign, {}).get(code, 0.0) for sign, points in signals.items()}
    return tuple(sign for sign, share in sorted(shares.items(), key=lambda item: (-item[1], item[0])) if share > 0)
