"""A small branch with a counter: staff, clients of all sizes, and a delivery for every trading day asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from clients.models import ClientStanding, ImportBatch
from clients.operations.assignments import assign_clients
from clients.operations.feed import import_feed
from office import queries
from office.models import Branch, Capacity, Employee, Role, Team
from tests.clients.deliveries import deliver
from tests.conftest import make_branch, make_employee

CODE = "8801"
CLIENTS = 40
HISTORY_DAYS = 70  # trading days in the first delivery
BEFORE, DAY, AFTER = date(2026, 8, 20), date(2026, 8, 21), date(2026, 8, 24)  # Thursday, Friday, Monday
Row = dict[str, str]


def client_no(place: int) -> str:
    return f"{CODE}{place:08d}"


def staffed_branch() -> Branch:
    """Make the branch with a director, a leader and three managers."""
    branch = make_branch(CODE)
    team = Team.objects.create(branch=branch, name="一团队")
    make_employee("1004", "赵启明", branch, Role.MARKET_DIRECTOR, email="zhao@example.com")
    leader = make_employee("1003", "陈立", branch, Role.TEAM_LEADER, team=team)
    Team.objects.filter(pk=team.pk).update(leader=leader)
    for staff_no, name in [("1001", "李清"), ("1002", "王珂"), ("1008", "何景行")]:
        person = make_employee(staff_no, name, branch, Role.CLIENT_MANAGER, team=team)
        Capacity.objects.create(employee=person, valid_from=date(2020, 1, 2))
    return branch


def hand_out(branch: Branch) -> None:
    """Give every client to one of the managers in turn, since January."""
    managers = list(Employee.objects.filter(branch=branch, roles__contains=[Role.CLIENT_MANAGER]).order_by("staff_no"))
    clients = ClientStanding.objects.filter(branch=branch).order_by("client__client_no").values_list("pk", flat=True)
    pairs: list[tuple[int, int | None]] = [(pk, managers[place % 3].pk) for place, pk in enumerate(clients)]
    assign_clients(pairs, on=date(2026, 1, 5), reason="开户分配")


def archive(clients: int) -> dict[str, list[Row]]:
    """Return the files of clients and accounts; ages and expiries differ from client to client."""
    people, accounts = [], []
    for place in range(clients):
        people.append(
            {
                "client_id": client_no(place), "branch_no": CODE, "client_name": f"客户{place:03d}", "client_type": "0",
                "open_date": f"20{18 + place % 8}-{1 + place % 12:02d}-{1 + place % 27:02d}", "status": "normal",
                "birth_date": f"19{50 + place % 45}-{8 if place % 3 else 3:02d}-{15 + place % 12:02d}",
                "risk_level": f"C{1 + place % 5}",
                "risk_valid_to": "2026-09-08" if place % 4 == 0 else "2027-06-30",
            }
        )  # fmt: skip
        accounts.append(
            {
                "account_no": f"A{client_no(place)}", "client_id": client_no(place), "branch_no": CODE,
                "account_type": "securities", "open_date": people[-1]["open_date"], "status": "normal",
            }
        )  # fmt: skip
    return {"clients.csv": people, "accounts.csv": accounts}


def metrics(day: date, clients: int) -> list[Row]:
    """Return one day of every account: assets from thousands to tens of millions, every third trades."""
    rows = []
    for place in range(clients):
        assets = 2_000 * 1.25**place * (1 + (day.toordinal() % 7) / 200)
        turnover = assets / 10 if (place + day.toordinal()) % 3 == 0 else 0
        rows.append(
            {
                "date": day.isoformat(), "account_no": f"A{client_no(place)}",
                "commission": f"{max(5.0, turnover * 0.0003) if turnover else 0:.2f}", "turnover": f"{turnover:.2f}",
                "total_assets": f"{assets:.2f}", "available_cash": f"{assets / 10:.2f}",
                "market_value": f"{assets * 0.9:.2f}", "basis": "real",
            }
        )  # fmt: skip
    return rows


def events(day: date, clients: int) -> list[Row]:
    """Return money moved on a day, large for every seventh client."""
    return [
        {
            "event_id": f"E{day:%m%d}{place:03d}", "date": day.isoformat(), "account_no": f"A{client_no(place)}",
            "client_id": client_no(place), "event_type": "bank_in" if place % 2 else "bank_out",
            "amount": f"{200_000 + 1_000 * place:.2f}",
        }
        for place in range(0, clients, 7)
    ]  # fmt: skip


def deliver_history(folder: Path, clients: int = CLIENTS, until: date = BEFORE) -> ImportBatch:
    """Import the archive and the trading days up to `until`."""
    days = queries.calendar()
    span = [days.add_trading(until, -back) for back in range(HISTORY_DAYS - 1, -1, -1)]
    files = archive(clients) | {"daily_metrics.csv": [row for day in span for row in metrics(day, clients)]}
    files["account_events.csv"] = events(until, clients)
    return import_feed(deliver(folder, dict(files), asof=until.isoformat()), today=until)


def deliver_day(
    folder: Path, day: date, clients: int = CLIENTS, *, factor: float = 1.0, promised_yuan: float | None = None
) -> ImportBatch:
    """Import one day; `factor` multiplies the assets, as a wrong or a corrected file would.

    With more than 40 clients their archive comes along; `promised_yuan` is what the manifest says of all assets.
    """
    rows = metrics(day, clients)
    if factor != 1.0:
        for row in rows:
            row["total_assets"] = f"{float(row['total_assets']) * factor:.2f}"
    files = {"daily_metrics.csv": rows, "account_events.csv": events(day, clients)}
    files |= archive(clients) if clients > CLIENTS else {}
    told = {"control_totals": {CODE: {"latest_total_assets": promised_yuan}}} if promised_yuan is not None else {}
    return import_feed(deliver(folder, dict(files), asof=day.isoformat(), **told), today=day)
