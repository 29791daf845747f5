"""A delivery that comes again, corrected or not: what changes, what is told, what stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from clients.models import Account, AccountDay, Client, FactChange, ImportBatch, SearchToken, Trade
from clients.operations.feed import import_feed
from office.models import AuditEntry
from tests.clients.deliveries import AS_OF, Files, deliver, refused, row, take_in
from tests.conftest import Cast, make_branch, make_client

pytestmark = pytest.mark.django_db


def told(batch: ImportBatch) -> list[tuple[str, date | None, dict[str, object], dict[str, object]]]:
    rows = FactChange.objects.filter(file__batch=batch).order_by("pk")
    return [(one.key, one.day, one.before, one.after) for one in rows]


def test_the_same_batch_twice_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    folder = deliver(tmp_path / "in", {"trades.csv": [row("trades")], "clients.csv": [row("clients")]})
    first, again = import_feed(folder, today=AS_OF), import_feed(folder, today=AS_OF)
    assert (again.pk, again.repeated) == (first.pk, True)
    checked = import_feed(folder, today=AS_OF, again=True)
    assert {file.kind: (file.inserted, file.changed, file.unchanged) for file in checked.files.all()} == {
        "trades": (0, 0, 1), "clients": (0, 0, 1),
    }  # fmt: skip
    assert checked.supersedes is None
    assert AuditEntry.objects.filter(action="clients.feed_imported").count() == 2


def test_rows_of_unknown_accounts_land_when_the_same_delivery_comes_after_them(cast: Cast, tmp_path: Path) -> None:
    days = [row("daily_metrics"), row("daily_metrics", account_no="8801100000009")]
    folder = deliver(tmp_path / "in", {"daily_metrics.csv": days})
    assert refused(import_feed(folder, today=AS_OF)) == [(3, "account_no", "8801100000009", "unknown_account")]
    assert import_feed(folder, today=AS_OF).repeated
    take_in(tmp_path / "accounts", {"accounts.csv": [row("accounts")]})
    healed = import_feed(folder, today=AS_OF)
    assert (healed.repeated, healed.state, healed.files.get().inserted) == (False, "done", 1)
    assert import_feed(folder, today=AS_OF).repeated


def test_rows_of_an_unknown_branch_land_when_it_is_registered(cast: Cast, tmp_path: Path) -> None:
    folder = deliver(tmp_path / "in", {"clients.csv": [row("clients", branch_no="8809")]})
    assert refused(import_feed(folder, today=AS_OF)) == [(2, "branch_no", "8809", "unknown_branch")]
    assert import_feed(folder, today=AS_OF).repeated
    make_branch("8809")
    healed = import_feed(folder, today=AS_OF)
    assert (healed.repeated, healed.files.get().inserted) == (False, 1)


def test_rows_refused_for_their_values_stay_refused_whatever_is_registered(cast: Cast, tmp_path: Path) -> None:
    folder = deliver(tmp_path / "in", {"trades.csv": [row("trades", side="X")]})
    import_feed(folder, today=AS_OF)
    take_in(tmp_path / "accounts", {"accounts.csv": [row("accounts")]})
    assert import_feed(folder, today=AS_OF).repeated


def test_a_corrected_batch_supersedes_and_says_what_changed(cast: Cast, tmp_path: Path) -> None:
    days = [row("daily_metrics", date="2026-08-20"), row("daily_metrics")]
    first = take_in(tmp_path / "one", {"daily_metrics.csv": days})
    days[1] = row("daily_metrics", commission="6.10", turnover="30500.00")
    later = take_in(tmp_path / "two", {"daily_metrics.csv": days})
    file = later.files.get()
    assert (file.inserted, file.changed, file.unchanged) == (0, 1, 1)
    assert later.supersedes == first
    [(key, day, before, after)] = told(later)
    assert (key, day) == ("A880100000001", AS_OF)
    assert before == {"佣金": "5.80", "净佣金": "5.80", "成交金额": "29016.00"}
    assert after == {"佣金": "6.10", "净佣金": "6.10", "成交金额": "30500.00"}
    held = AccountDay.objects.get(day=AS_OF)
    assert (held.commission_fen, held.batch_id) == (610, later.pk)


def test_a_trade_that_moves_to_another_day_stands_there_alone(cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path / "one", {"trades.csv": [row("trades", date="2026-07-31")]})
    later = take_in(tmp_path / "two", {"trades.csv": [row("trades", date="2026-08-03")]})
    assert list(Trade.objects.values_list("trade_no", "day")) == [("T1", date(2026, 8, 3))]
    assert told(later) == [("T1", date(2026, 7, 31), {"日期": "2026-07-31"}, {"日期": "2026-08-03"})]


def test_a_corrected_name_is_found_and_told_without_being_written_out(cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path / "one", {"clients.csv": [row("clients")]})
    later = take_in(tmp_path / "two", {"clients.csv": [row("clients", client_name="郑云洲", occupation="教师")]})
    client = Client.objects.get(client_no="880100000009")
    assert (client.name, client.occupation, client.version) == ("郑云洲", "教师", 2)
    assert SearchToken.objects.filter(client=client, token="云洲").exists()
    assert not SearchToken.objects.filter(client=client, token="云舟").exists()
    assert "云" not in str(told(later))


def test_an_empty_value_never_overwrites_one(cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path / "one", {"clients.csv": [row("clients", phone="13800138000", occupation="教师")]})
    take_in(tmp_path / "two", {"clients.csv": [row("clients", phone="", occupation="")]})
    client = Client.objects.get(client_no="880100000009")
    assert (client.phone, client.phone_tail, client.occupation) == ("13800138000", "8000", "教师")


def test_an_account_does_not_change_hands_by_a_file(cast: Cast, tmp_path: Path) -> None:
    other = make_client(cast.branch, "880100000002", name="钱多")
    batch = take_in(
        tmp_path / "in", {"accounts.csv": [row("accounts", account_no="A880100000001", client_id=other.client_no)]}
    )
    assert [(column, code) for _, column, _, code in refused(batch)] == [("client_id", "other_client")]
    assert Account.objects.get(account_no="A880100000001").client == cast.wu


def test_a_closing_at_the_counter_closes_the_standing(cast: Cast, tmp_path: Path) -> None:
    closed = row("clients", client_id=cast.wu.client_no, client_name=cast.wu.name, status="closed")
    take_in(tmp_path / "in", {"clients.csv": [closed]})
    cast.wu.standing.refresh_from_db()
    assert cast.wu.standing.is_closed


def test_an_import_that_breaks_off_says_so_and_goes_on_where_it_stopped(cast: Cast, tmp_path: Path) -> None:
    files: Files = {"daily_metrics.csv": [row("daily_metrics")], "trades.csv": [row("trades")]}
    folder = deliver(tmp_path / "in", files)

    def stop(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_feed(folder, today=AS_OF, progress=stop)
    broken = ImportBatch.objects.get()
    assert (broken.state, broken.files.get().kind) == ("failed", "daily_metrics")
    again = import_feed(folder, today=AS_OF)
    assert (again.pk, again.state, again.error) == (broken.pk, "done", "")
    assert again.totals["8801"]["metric_rows"]["file"] == "1"
    assert AccountDay.objects.count() == Trade.objects.count() == 1


@pytest.mark.parametrize("promised", ["5.80", "5.81"])
def test_control_totals_are_compared_to_the_fen(cast: Cast, tmp_path: Path, promised: str) -> None:
    totals = {"8801": {"metric_rows": 1, "commission": float(promised)}}
    batch = take_in(tmp_path / "in", {"daily_metrics.csv": [row("daily_metrics")]}, control_totals=totals)
    assert batch.totals_agree is (promised == "5.80")
    assert batch.totals["8801"]["commission"] == {"file": "5.80", "manifest": str(float(promised))}


def test_rows_land_in_the_partition_of_their_month(cast: Cast, tmp_path: Path) -> None:
    take_in(tmp_path / "in", {"daily_metrics.csv": [row("daily_metrics", date="2025-12-31"), row("daily_metrics")]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM clients_accountday ORDER BY day")
        assert [name.rsplit("_", 1)[-1] for (name,) in cursor.fetchall()] == ["202512", "202608"]
