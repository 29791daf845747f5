"""Small builders of cases, standings and wishes for the tests of retention."""

from __future__ import annotations

from datetime import date
from typing import Any

from clients.models import ChannelPreference, Client
from office.models import Branch
from retention.models import ChurnRun, ChurnStanding, ClosureRequest, RetentionCase
from retention.operations.closures import register_request
from retention.operations.opening import open_by_hand
from retention.operations.points import ensure_points
from tests.conftest import Cast

CONCERN = "说在比较两家"
NIGHT = date(2026, 8, 21)
SIGNS = {"outflow": 25, "commission_asked": 10, "complaint": 15, "moved_out": 50}


def stand(client: Client, *codes: str, band: int = 3, risk_fen: int = 8_000_00) -> ChurnStanding:
    """Let a client stand in a band with these signs, as a night would leave him."""
    run = run_of(client.branch)
    signals = [
        {"code": code, "points": SIGNS[code], "since": "2026-08-20", "fact": "事实", "figures": []} for code in codes
    ]
    standing, _ = ChurnStanding.objects.update_or_create(
        client=client,
        defaults={
            "branch": client.branch, "run": run, "score": sum(SIGNS[code] for code in codes), "band": band,
            "value_at_risk_fen": risk_fen, "codes": list(codes), "signals": signals,
        },
    )  # fmt: skip
    return standing


def run_of(branch: Branch) -> ChurnRun:
    """The run of the night."""
    points = ensure_points(branch, NIGHT)
    made, _ = ChurnRun.objects.get_or_create(
        branch=branch, as_of=NIGHT, defaults={"point_set": points, "fingerprint": "x", "clients": 1}
    )
    return made


def assessed(client: Client, level: str = "C3", **fields: Any) -> Client:
    """Give a client a risk assessment of his own that holds for years."""
    fields.setdefault("risk_valid_to", date(2099, 1, 1))
    Client.objects.filter(pk=client.pk).update(risk_level=level, **fields)
    client.refresh_from_db()
    return client


def ask(cast: Cast, client: Client | None = None, **fields: Any) -> ClosureRequest:
    """Let a client ask at the counter to close."""
    fields.setdefault("kind", "close")
    return register_request(client or cast.wu, channel="counter", by=cast.zhou, **fields)


def case(cast: Cast, client: Client | None = None) -> RetentionCase:
    """Open a case by hand."""
    return open_by_hand(client or cast.wu, CONCERN, by=cast.li)


def allow(client: Client, channel: str, purpose: str, state: str) -> None:
    """Write down what a client allows."""
    ChannelPreference.objects.create(client=client, channel=channel, purpose=purpose, state=state)
