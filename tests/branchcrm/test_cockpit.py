"""驾驶舱: figures of whoever one may see, each opening its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from branchcrm.queries.cockpit_book import book_of, curve_of
from branchcrm.queries.cockpit_figures import _rate_cell
from branchcrm.queries.cockpit_scope import Scope, period_of
from branchcrm.queries.cockpit_work import Rate
from clients.models import Client, ClientDay, ClientStanding, Tier
from office.models import Branch, Employee, JobRun
from office.partitions import ensure_months
from segmentation.models import TIERS, CoreMembership, ScoringRun
from segmentation.operations.weights import ensure_weights
from service_logs.models import Rule, Task
from tests.branchcrm.scores import make_score
from tests.budgets import QueryBudget
from tests.conftest import Cast, make_client

FRIDAY, JULY = date(2026, 8, 21), date(2026, 7, 31)
Browse = Callable[[str], Browser]


@pytest.fixture
def book(cast: Cast) -> Cast:
    """Ten clients: eight of li (team one), two of wang; client n brings n² yuan, the two largest are core."""
    Branch.objects.update(data_as_of=FRIDAY)
    ClientStanding.objects.filter(client=cast.wu).update(is_closed=True)
    for place in range(1, 11):
        make_client(
            cast.branch,
            f"8801000001{place:02d}",
            manager=cast.wang if place > 8 else cast.li,
            name=f"客户{place}",
            standing={
                "value": place * 9.5,
                "rank": 11 - place,
                "tier": "gold" if place > 8 else "general",
                "value_type": "asset" if place % 2 else "commission",
                "assets_fen": place * 10**8,
                "assets_avg_fen": place * 10**8,
                "commission_fen": place * 100,
                "contribution_fen": place * place * 100,
                "is_core": place > 8,
            },
        )
    return cast


def ask(browse: Browse, who: str = "zhao", /, **query: Any) -> Any:
    response = browse(who).get(reverse("cockpit"), query)
    assert response.status_code == 200
    return response


def made_task(cast: Cast, client: Client, owner: Employee, *, done: bool, source: str = "plan", **fields: Any) -> Task:
    due = timezone.now() - timedelta(hours=2)
    return Task.objects.create(
        branch=cast.branch,
        client=client,
        owner=owner,
        source=source,
        kind="optional" if source == "plan" else "mandatory",
        title="应联系",
        due_at=due,
        made_on=FRIDAY,
        state="done" if done else "open",
        done_at=due - timedelta(hours=1) if done else None,
        **fields,
    )


@pytest.mark.req("VAL-09")
def test_the_figures_add_up_over_the_open_clients(book: Cast, browse: Browse) -> None:
    found = ask(browse).context["book"]
    assert (found.clients, found.assets_fen, found.commission_fen) == (10, 55 * 10**8, 5500)
    assert found.contribution_fen == 38_500
    assert {part.key: part.clients for part in found.tiers if part.clients} == {"gold": 2, "general": 8}
    assert {part.key: part.clients for part in found.types if part.clients} == {"commission": 5, "asset": 5}
    assert [part.clients for part in found.bands] == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.req("VAL-05")
def test_the_core_group_is_shown_with_the_share_it_brings(book: Cast, browse: Browse) -> None:
    text = ask(browse).content.decode()
    assert "20.0% 的客户贡献 47.0%" in text  # (81 + 100) of 385
    assert "不符合二八分布" not in text


def test_a_handful_that_brings_everything_is_said_to_break_the_rule(book: Cast, browse: Browse) -> None:
    ClientStanding.objects.update(is_core=True)
    assert "本营业部不符合二八分布：100.0% 的客户贡献 100.0%" in ask(browse).content.decode()


def test_the_curve_rises_from_nothing_to_everything(book: Cast) -> None:
    scope = Scope(book.zhao, "branch", None, "", None)
    curve = curve_of(scope, book_of(scope))
    assert curve[0] == (0.0, 0.0)
    assert curve[1] == (10.0, 25.97)  # the largest: 100 of 385
    assert curve[-1] == (100.0, 100.0)
    assert curve == sorted(curve)


@pytest.mark.parametrize(
    ("who", "query", "clients"),
    [
        ("zhao", {}, 10),
        ("zhao", {"who": "team"}, 8),
        ("zhao", {"who": "person", "key": "wang"}, 2),
        ("chen", {}, 8),
        ("chen", {"who": "person", "key": "wang"}, 8),  # not of his team: the first who is
        ("qian", {}, 10),
        ("sun", {}, 0),
    ],
)
def test_each_sees_the_scope_he_may(book: Cast, browse: Browse, who: str, query: Any, clients: int) -> None:
    asked = query | ({"key": book.people[query["key"]].pk} if "key" in query else {})
    assert ask(browse, who, **asked).context["book"].clients == clients


def test_switching_the_period_keeps_the_scope_and_the_other_way_round(book: Cast, browse: Browse) -> None:
    context = ask(browse, who="person", key=book.wang.pk, period="quarter").context
    assert all(f"key={book.wang.pk}" in href and "who=person" in href for href, _, _ in context["periods"])
    assert all("period=quarter" in href for href, _, _ in context["switches"]["who"])


def test_a_figure_opens_exactly_its_clients(book: Cast, browse: Browse) -> None:
    response = browse("zhao").get(reverse("cockpit"), {"who": "team"})
    tier = next(row for row in response.context["tier_rows"] if row.part.key == "general")
    band = response.context["band_rows"][3]
    for row in (tier, band):
        listed = browse("zhao").get(row.href)
        assert len(listed.context["page"].rows) == row.part.clients


def test_coverage_and_mandatory_rates_are_worst_first_and_leave_optional_out(book: Cast, browse: Browse) -> None:
    rule = Rule.objects.order_by("number").first()
    clients = list(Client.objects.filter(branch=book.branch).order_by("client_no"))
    for place, client in enumerate(clients[1:5]):
        made_task(book, client, book.li, done=place == 0)
    made_task(book, clients[9], book.wang, done=True)
    made_task(book, clients[1], book.li, done=True, source="mot", rule=rule)
    Task.objects.filter(source="mot").update(kind="optional")
    Branch.objects.update(data_as_of=timezone.localdate())
    context = ask(browse).context
    assert [(line["row"].name, line["row"].total) for line in context["coverage"]] == [
        ("李清", Rate(4, 1)),
        ("王珂", Rate(1, 1)),
    ]
    assert context["must_rows"] == []
    assert [cell.value for cell in context["work_cells"]] == ["—", "2 / 5"]


@pytest.mark.parametrize(
    ("rate", "before", "shown"),
    [
        (Rate(0, 0), Rate(20, 10), ("—", "", "")),
        (Rate(9, 0), Rate(20, 10), ("0 / 9", "件", "")),
        (Rate(41, 0), Rate(0, 0), ("0 / 41", "件", "")),
        (Rate(10, 0), Rate(9, 9), ("0.0", "%", "")),
        (Rate(10, 9), Rate(20, 10), ("90.0", "%", "+40.0 点")),
    ],
)
def test_a_share_is_told_once_enough_fell_due(rate: Rate, before: Rate, shown: tuple[str, str, str]) -> None:
    cell = _rate_cell("必做 MOT 按时率", rate, before, "")
    assert (cell.value, cell.unit, cell.delta) == shown


def test_tasks_by_state_open_the_same_tasks(book: Cast, browse: Browse) -> None:
    clients = list(Client.objects.filter(branch=book.branch, standing__manager=book.li).order_by("client_no"))
    for place, client in enumerate(clients[1:6]):
        made_task(
            book, client, book.li, done=place < 2, facts={"due_on": str(timezone.localdate() - timedelta(days=place))}
        )
    assert [row["count"] for row in ask(browse).context["states"]][:1] == [3]  # their rhythm has ended
    for row in ask(browse).context["states"]:
        listed = browse("zhao").get(row["href"])
        assert len(listed.context["page"].rows) == row["count"], row["label"]


@pytest.mark.parametrize("who", ["branch", "team"])
def test_rates_open_exactly_what_fell_due(book: Cast, browse: Browse, who: str) -> None:
    Branch.objects.update(data_as_of=timezone.localdate())
    rule = Rule.objects.order_by("number")[0]
    clients = list(Client.objects.filter(branch=book.branch, standing__manager=book.li).order_by("client_no"))
    for place, client in enumerate(clients[1:6]):
        made_task(book, client, book.wang if place == 4 else book.li, done=place < 2)
        made_task(book, client, book.li, done=place < 3, source="mot", rule=rule)
    made_task(book, clients[1], book.li, done=False, source="manual")
    Task.objects.filter(client=clients[1]).filter(source="plan").update(state="cancelled")
    Task.objects.filter(client=clients[2]).update(due_at=timezone.now() - timedelta(days=500))
    Task.objects.filter(client=clients[3]).update(due_at=timezone.now() + timedelta(days=5))
    key = {"key": str(book.li.team_id)} if who == "team" else {}
    context = ask(browse, who=who, **key).context
    must, plan = context["work_cells"]
    shown = [(int(cell.value.split("/")[1]), cell.href) for cell in (must, plan)]
    shown += [(line["row"].rate.due, line["href"]) for line in context["must_rows"]]
    for line in context["coverage"]:
        shown += [(line["row"].total.due, line["href"])]
        shown += [(rate.due, href) for rate, href in line["cells"]]
    assert sum(count for count, _ in shown) >= 10
    for count, href in shown:
        assert len(browse("zhao").get(href).context["page"].rows) == count, href


def test_the_events_of_the_night_open_their_tasks(book: Cast, browse: Browse) -> None:
    make_run(book, FRIDAY, {})
    rule, other = Rule.objects.order_by("number")[:2]
    clients = list(Client.objects.filter(branch=book.branch, standing__manager=book.li).order_by("client_no"))
    for client in clients[1:4]:
        made_task(book, client, book.li, done=False, source="mot", rule=rule)
    made_task(book, clients[1], book.li, done=False, source="mot", rule=other)
    Task.objects.filter(client=clients[3]).update(made_on=JULY)
    rows = ask(browse).context["signals"]
    assert [row["count"] for row in rows] == [2, 1]
    for row in rows:
        assert len(browse("zhao").get(row["href"]).context["page"].rows) == row["count"]


def make_run(cast: Cast, day: date, tiers: dict[str, str], **fields: Any) -> ScoringRun:
    """Make a published run that saw clients (by number) in tiers."""
    run = ScoringRun.objects.create(
        branch=cast.branch,
        as_of=day,
        weight_set=ensure_weights(cast.branch, day),
        state=ScoringRun.State.PUBLISHED,
        published_at=timezone.make_aware(datetime(2026, 8, 1, 3)),
        **fields,
    )
    for client_no, tier in tiers.items():
        client = Client.objects.get(client_no=client_no)
        make_score(run, client, tier_no=TIERS.index(Tier(tier)), contribution_fen=10_000, assets_raw=1_000_000.0)
    return run


def test_the_flow_shows_who_moved_since_the_last_period_and_opens_them(book: Cast, browse: Browse) -> None:
    before = {f"8801000001{place:02d}": "general" for place in range(1, 10)} | {"880100000001": "silver"}
    before["880100000101"] = "gold"
    make_run(book, JULY, before)
    response = ask(browse)
    moves = {(row["before"], row["after"]): row for row in response.context["flow_rows"]}
    assert {key: row["count"] for key, row in moves.items()} == {
        ("general", "gold"): 1,
        ("gold", "general"): 1,
        ("new", "gold"): 1,
        ("silver", "closed"): 1,
    }
    totals = response.context["flow_totals"]
    assert {row["label"]: row["count"] for row in totals} == {"升": 1, "降": 1, "新开": 1, "销户": 1}
    for row in [*moves.values(), *totals]:
        shown = browse("zhao").get(row["href"]).context["page"].rows
        assert len(shown) == row["count"]
        assert "before" not in row or {one.tier_before or "new" for one in shown} == {row["before"]}
        assert row["href"].replace("&", "&amp;") in response.content.decode()
    assert "与 7月31日 比较" in response.content.decode()


@pytest.mark.parametrize("odd", [{"from": "closed", "to": "gold"}, {"from": "gold", "to": "new"}, {"to": "up"}])
def test_a_move_that_cannot_be_is_not_found(book: Cast, browse: Browse, odd: dict[str, str]) -> None:
    make_run(book, JULY, {"880100000101": "gold"})
    assert browse("zhao").get(reverse("tier_moves"), odd).status_code == 404


@pytest.mark.parametrize("asked", [{}, {"who": "team"}, {"who": "person"}])
def test_a_change_of_the_night_opens_exactly_its_clients(book: Cast, browse: Browse, asked: dict[str, str]) -> None:
    run = make_run(book, FRIDAY, {})
    JobRun.objects.create(
        name="night", branch=book.branch, as_of=FRIDAY, edition=1, state="done", detail={"run": run.pk}
    )
    for place, (before, now) in enumerate([(0, 1), (0, 2), (2, 1), (1, 1), (3, 1), (0, 3), (3, 0)], start=4):
        client = Client.objects.get(client_no=f"8801000001{place:02d}")
        make_score(run, client, tier_no=now, previous_tier_no=before, previous_type_no=place % 2)
        CoreMembership.objects.create(
            client=client,
            share_cumulative=0.5,
            entered_on=FRIDAY if place < 7 else JULY,
            left_on=None if place < 7 else FRIDAY,
            entered_run=run if place < 7 else make_run(book, JULY - timedelta(days=place), {}),
            left_run=None if place < 7 else run,
        )
    rows = ask(browse, **asked).context["tonight_rows"]
    if not asked:
        assert [row["count"] for row in rows] == [3, 3, 3, 3, 4]
    assert sum(row["count"] for row in rows) > 0
    for row in rows:
        listed = browse("zhao").get(row["href"])
        assert (row["label"], len(listed.context["page"].rows)) == (row["label"], row["count"])


@pytest.mark.parametrize(
    ("first_day", "shown"),
    [(date(2026, 1, 5), ("", "比较日的数据不足 12 个月")), (date(2025, 8, 1), ("+285.0%", ""))],
)
def test_sums_of_a_year_are_compared_with_a_whole_year_alone(
    book: Cast, browse: Browse, first_day: date, shown: tuple[str, str]
) -> None:
    make_run(book, JULY, {"880100000101": "gold"})
    ensure_months(ClientDay, [first_day])
    day = ClientDay(client=Client.objects.get(client_no="880100000101"), branch=book.branch, day=first_day)
    day.commission_fen = day.bounded_fen = day.turnover_fen = 0
    day.save(force_insert=True)
    cells = {cell.label: cell for cell in ask(browse).context["cells"]}
    assert (cells["近 12 月贡献"].delta, cells["近 12 月贡献"].note) == shown
    assert cells["服务客户"].delta == "+9 位"


def test_without_an_earlier_period_nothing_is_compared(book: Cast, browse: Browse) -> None:
    assert "还没有可比较的一夜" in ask(browse).content.decode()


def test_old_data_is_said_on_top(book: Cast, browse: Browse, calendar: Any) -> None:
    Branch.objects.update(data_as_of=date(2026, 1, 5))
    assert "数据截至 1月5日（T−" in ask(browse).content.decode()


@pytest.mark.parametrize(
    ("key", "start", "before"),
    [
        ("month", date(2026, 8, 1), date(2026, 7, 1)),
        ("quarter", date(2026, 7, 1), date(2026, 4, 1)),
        ("year", date(2025, 8, 1), date(2024, 7, 1)),
        ("nonsense", date(2026, 8, 1), date(2026, 7, 1)),
    ],
)
def test_periods(key: str, start: date, before: date) -> None:
    period = period_of(key, FRIDAY)
    assert (period.start, period.before.start) == (start, before)


def test_queries_do_not_grow_with_the_book(book: Cast, browse: Browse, query_budget: QueryBudget) -> None:
    make_run(book, JULY, {"880100000101": "gold"})
    for place in range(50):
        client = make_client(book.branch, f"8801000002{place:02d}", manager=book.li)
        made_task(book, client, book.li, done=bool(place % 2))
    zhao = browse("zhao")
    with query_budget("cockpit"):
        assert zhao.get(reverse("cockpit")).status_code == 200
